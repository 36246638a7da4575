//! Reads `template.yaml`: the routes of every function, and the rules every function keeps.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Problems, Route};

const PLACE: &str = "template.yaml";

/// API Gateway gives up after 30 s, and the lease on a token refresh outlives this by design.
const TIMEOUT_SECONDS: u64 = 25;

/// `CloudFormation`'s own tags are dropped: `!GetAtt Table.Arn` reads as the string `Table.Arn`.
///
/// A function with a URL of its own is reached by every path: its routes are those in `wanted`.
pub(super) fn read(
    text: &str,
    wanted: &BTreeSet<Route>,
    problems: &mut Problems,
) -> BTreeSet<Route> {
    let template: Value = match serde_saphyr::from_str(text) {
        Ok(template) => template,
        Err(error) => {
            problems.push(format!("{PLACE}: {error}"));
            return BTreeSet::new();
        }
    };
    let globals = &template["Globals"]["Function"];
    let mut routes = BTreeSet::new();
    for (name, resource) in members(&template["Resources"]) {
        if resource["Type"] == "AWS::Serverless::Function" {
            let properties = &resource["Properties"];
            routes.extend(function(name, properties, globals, problems));
            if properties.get("FunctionUrlConfig").is_some() {
                let family = family(properties).unwrap_or_default();
                routes.extend(
                    wanted
                        .iter()
                        .filter(|route| route.family == family)
                        .cloned(),
                );
            }
        }
        refuse_wildcards(name, resource, problems);
    }
    routes
}

fn function(
    name: &str,
    properties: &Value,
    globals: &Value,
    problems: &mut Problems,
) -> Vec<Route> {
    let timeout = properties.get("Timeout").unwrap_or(&globals["Timeout"]);
    let is_job = members(&properties["Events"]).any(|(_, event)| event["Type"] == "ScheduleV2");
    let streams = properties.get("FunctionUrlConfig").is_some();
    if timeout.as_u64() != Some(TIMEOUT_SECONDS) && !is_job && !streams {
        problems.push(format!(
            "{PLACE}: {name} must have a Timeout of {TIMEOUT_SECONDS}"
        ));
    }
    let Some(family) = family(properties) else {
        problems.push(format!(
            "{PLACE}: {name} must have a CodeUri of functions/<family>/"
        ));
        return Vec::new();
    };
    members(&properties["Events"])
        .filter(|(_, event)| event["Type"] == "HttpApi")
        .map(|(_, event)| Route {
            family: family.to_owned(),
            method: text_of(&event["Properties"]["Method"]).to_uppercase(),
            path: text_of(&event["Properties"]["Path"]).to_owned(),
        })
        .collect()
}

/// The family whose code a function runs.
fn family(properties: &Value) -> Option<&str> {
    let uri = properties["CodeUri"].as_str()?;
    uri.trim_end_matches('/').strip_prefix("functions/")
}

/// A policy names what it allows: no `*` for a resource, and none within an action.
fn refuse_wildcards(name: &str, value: &Value, problems: &mut Problems) {
    if let Value::Array(items) = value {
        for item in items {
            refuse_wildcards(name, item, problems);
        }
    }
    for (key, member) in members(value) {
        let too_wide = match key.as_str() {
            "Resource" => strings(member).any(|resource| resource == "*"),
            "Action" => strings(member).any(|action| action.contains('*')),
            "NotAction" | "NotResource" => true,
            _ => false,
        };
        if too_wide {
            problems.push(format!(
                "{PLACE}: {name} has a policy with too wide a {key}"
            ));
        }
        refuse_wildcards(name, member, problems);
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The strings of a value that may be one string or a list of them.
fn strings(value: &Value) -> impl Iterator<Item = &str> {
    let listed = value.as_array().into_iter().flatten();
    value
        .as_str()
        .into_iter()
        .chain(listed.filter_map(Value::as_str))
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r"
Globals:
  Function:
    Timeout: 25
Resources:
  Table:
    Type: AWS::DynamoDB::Table
  Storage:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/storage/
      Policies:
        - Version: '2012-10-17'
          Statement:
            - Effect: Allow
              Action: [dynamodb:GetItem]
              Resource: !GetAtt Table.Arn
      Events:
        ListBuckets:
          Type: HttpApi
          Properties:
            ApiId: !Ref Api
            Method: post
            Path: /api/v1/desktop/list_buckets
        Nightly:
          Type: Schedule
";

    fn read_all(text: &str) -> (Vec<String>, Problems) {
        let mut problems = Problems::new();
        let routes = read(text, &BTreeSet::new(), &mut problems);
        (routes.iter().map(Route::to_string).collect(), problems)
    }

    #[test]
    fn reads_the_routes_of_a_function() {
        let (routes, problems) = read_all(GOOD);
        assert_eq!(routes, ["POST /api/v1/desktop/list_buckets (storage)"]);
        assert_eq!(problems, Problems::new());
    }

    #[test]
    fn a_broken_rule_is_reported() {
        for (rule, replacement, report) in [
            (
                "Timeout: 25",
                "Timeout: 30",
                "Storage must have a Timeout of 25",
            ),
            (
                "Timeout: 25",
                "MemorySize: 25",
                "Storage must have a Timeout of 25",
            ),
            (
                "CodeUri: functions/storage/",
                "CodeUri: .",
                "Storage must have a CodeUri of functions/<family>/",
            ),
            (
                "!GetAtt Table.Arn",
                "'*'",
                "Storage has a policy with too wide a Resource",
            ),
            (
                "!GetAtt Table.Arn",
                "[a, !Sub '*']",
                "Storage has a policy with too wide a Resource",
            ),
            (
                "Resource:",
                "NotResource:",
                "Storage has a policy with too wide a NotResource",
            ),
            (
                "[dynamodb:GetItem]",
                "'*'",
                "Storage has a policy with too wide a Action",
            ),
            (
                "[dynamodb:GetItem]",
                "['dynamodb:*']",
                "Storage has a policy with too wide a Action",
            ),
        ] {
            assert!(GOOD.contains(rule), "{rule}");
            let (_, problems) = read_all(&GOOD.replace(rule, replacement));
            assert_eq!(
                problems,
                [format!("template.yaml: {report}")],
                "{rule} → {replacement}"
            );
        }
    }

    #[test]
    fn a_template_that_is_no_yaml_is_reported() {
        let (routes, problems) = read_all("Resources: [");
        assert_eq!(routes, Vec::<String>::new());
        assert_eq!(problems.len(), 1);
    }
}
