//! Reads `events/<family>/<endpoint>[.<case>].json`, through the types that the Lambda runtime itself
//! reads an API Gateway event with.

use std::collections::BTreeSet;
use std::path::Path;

use lambda_http::request::LambdaRequest;
use serde_json::Value;

use super::{Handlers, Problems, Route, entries, file_name};

/// What a replay fills in. Unfilled, it must still give the endpoint's own error, so nothing else
/// may stay open.
const PLACEHOLDERS: [&str; 22] = [
    "requestToken",
    "jwt",
    "cloudAccountId",
    "logSettingId",
    "activationCode",
    "serviceUrl",
    "accessKey",
    "secretKey",
    "bucket",
    "resetCode",
    "shareLink",
    "downloadLink",
    "uploadLink",
    "dropboxState",
    "dropboxCode",
    "boxState",
    "boxCode",
    "onedriveState",
    "onedriveCode",
    "googledriveState",
    "googledriveCode",
    "googleIdToken",
];

/// The routes that have an event without a case: the plain, good request.
///
/// The events of `jobs` come from a schedule or a topic.
pub(super) fn read(
    root: &Path,
    handlers: &Handlers,
    jobs: &[String],
    problems: &mut Problems,
) -> BTreeSet<Route> {
    let mut routes = BTreeSet::new();
    for folder in entries(&root.join("events"), problems) {
        let Some(family) = file_name(&folder) else {
            continue;
        };
        for file in entries(&folder, problems) {
            let Some(name) = file_name(&file) else {
                continue;
            };
            let place = format!("events/{family}/{name}");
            let Some(text) = super::read(root, &place, problems) else {
                continue;
            };
            if jobs.contains(&family) {
                let event: Value = serde_json::from_str(&text).unwrap_or_default();
                let is_scheduled = event["detail-type"] == "Scheduled Event";
                let is_published = event["Records"][0]["EventSource"] == "aws:sns";
                if !is_scheduled && !is_published {
                    problems.push(format!("{place}: is no event of a schedule or a topic"));
                }
                continue;
            }
            match event(&family, &name, &text, handlers) {
                Ok(event) if event.is_case => {}
                Ok(event) => {
                    routes.insert(event.route);
                }
                Err(fault) => problems.push(format!("{place}: {fault}")),
            }
        }
    }
    routes
}

struct Event {
    route: Route,
    is_case: bool,
}

fn event(family: &str, name: &str, text: &str, handlers: &Handlers) -> Result<Event, String> {
    let stem = name
        .strip_suffix(".json")
        .ok_or("is not named <endpoint>[.<case>].json")?;
    let (endpoint, case) = stem
        .split_once('.')
        .map_or((stem, None), |(e, c)| (e, Some(c)));

    let parsed = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let LambdaRequest::ApiGatewayV2(request) = parsed else {
        return Err("is no API Gateway event of payload version 2.0".to_owned());
    };
    let key = request.route_key.as_deref().unwrap_or_default();
    let (method, path) = key
        .split_once(' ')
        .ok_or("has no routeKey like \"POST /path\"")?;
    let (family, method, path) = (family.to_owned(), method.to_owned(), path.to_owned());
    let route = Route {
        family,
        method,
        path,
    };

    let http = &request.request_context.http;
    let raw_path = request.raw_path.as_deref().unwrap_or_default();
    if request.version.as_deref() != Some("2.0") {
        return Err("is not of payload version 2.0".to_owned());
    }
    if http.method.as_str() != route.method {
        return Err(format!("is a {} but its routeKey is {key}", http.method));
    }
    if http.path.as_deref() != Some(raw_path) || !matches(&route.path, raw_path) {
        return Err(format!(
            "has a rawPath or http.path that is not its routeKey's, {key}"
        ));
    }
    if http.source_ip.is_none() {
        return Err("has no sourceIp".to_owned());
    }
    match handlers.get(&route) {
        None => return Err(format!("replays {route}, which no router serves")),
        Some(handler) if handler != endpoint => {
            return Err(format!("replays {route}, which is handled by {handler}"));
        }
        Some(_) => {}
    }
    if let Some(unknown) = placeholders(text).find(|name| !PLACEHOLDERS.contains(name)) {
        return Err(format!("has the unknown placeholder {{{{{unknown}}}}}"));
    }
    let body = request.body.filter(|_| case.is_none());
    if body.is_some_and(|body| serde_json::from_str::<Value>(&body).is_err()) {
        return Err("has a body that is not JSON".to_owned());
    }
    Ok(Event {
        route,
        is_case: case.is_some(),
    })
}

/// Whether a request's path is one that the route's path, which may hold `{parameter}`s, stands for.
fn matches(route: &str, path: &str) -> bool {
    let (wanted, given) = (route.split('/'), path.split('/'));
    wanted.clone().count() == given.clone().count()
        && wanted
            .zip(given)
            .all(|(wanted, given)| wanted == given || wanted.starts_with('{'))
}

fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("}}")?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handlers() -> Handlers {
        let route = |method: &str, path: &str| Route {
            family: "storage".to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
        };
        Handlers::from([
            (
                route("POST", "/api/list_buckets"),
                "list_buckets".to_owned(),
            ),
            (route("GET", "/v/{id}"), "view".to_owned()),
        ])
    }

    const GOOD: &str = r#"{
        "version": "2.0",
        "routeKey": "POST /api/list_buckets",
        "rawPath": "/api/list_buckets",
        "requestContext": {
            "http": { "method": "POST", "path": "/api/list_buckets", "sourceIp": "192.0.2.1" }
        },
        "body": "{\"cloudAccountId\":\"{{cloudAccountId}}\"}",
        "isBase64Encoded": false
    }"#;

    fn read_one(name: &str, text: &str) -> Result<(String, bool), String> {
        event("storage", name, text, &handlers()).map(|e| (e.route.to_string(), e.is_case))
    }

    #[test]
    fn reads_a_plain_event_and_a_case() {
        let route = "POST /api/list_buckets (storage)".to_owned();
        assert_eq!(
            read_one("list_buckets.json", GOOD),
            Ok((route.clone(), false))
        );
        assert_eq!(
            read_one("list_buckets.signed_out.json", GOOD),
            Ok((route, true))
        );
    }

    #[test]
    fn a_path_may_hold_parameters() {
        let view = GOOD
            .replace("POST", "GET")
            .replace("GET /api/list_buckets", "GET /v/{id}")
            .replace("/api/list_buckets", "/v/abc");
        assert_eq!(
            read_one("view.json", &view),
            Ok(("GET /v/{id} (storage)".to_owned(), false))
        );
    }

    #[test]
    fn a_wrong_event_is_reported() {
        for (right, wrong, report) in [
            ("{", "[", "expected"),
            (
                "requestContext",
                "context",
                "doesn't match any of those services' events",
            ),
            ("\"2.0\"", "\"1.0\"", "is not of payload version 2.0"),
            ("POST /api/list_buckets", "$default", "has no routeKey"),
            (
                "\"method\": \"POST\"",
                "\"method\": \"PUT\"",
                "is a PUT but",
            ),
            (
                "\"rawPath\": \"/api",
                "\"rawPath\": \"/prod/api",
                "has a rawPath",
            ),
            (
                "\"path\": \"/api",
                "\"path\": \"/prod/api",
                "has a rawPath or http.path",
            ),
            ("list_buckets", "list_pails", "which no router serves"),
            ("sourceIp", "source", "has no sourceIp"),
            (
                "{{cloudAccountId}}",
                "{{accountId}}",
                "unknown placeholder {{accountId}}",
            ),
            ("\"{\\\"", "\"{", "has a body that is not JSON"),
        ] {
            assert!(GOOD.contains(right), "{right}");
            let fault = read_one("list_buckets.json", &GOOD.replace(right, wrong)).unwrap_err();
            assert!(fault.contains(report), "{right} → {wrong}: {fault}");
        }
    }

    #[test]
    fn a_misnamed_file_is_reported() {
        assert_eq!(
            read_one("list_bucket.json", GOOD).unwrap_err(),
            "replays POST /api/list_buckets (storage), which is handled by list_buckets"
        );
        assert!(
            read_one("list_buckets.yaml", GOOD)
                .unwrap_err()
                .contains("is not named")
        );
    }
}
