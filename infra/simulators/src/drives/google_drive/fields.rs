//! Partial responses: `nextPageToken,files(id,name,shortcutDetails/targetId)`.
//!
//! <https://developers.google.com/workspace/drive/api/guides/fields-parameter>

use serde_json::{Map, Value};

use super::errors::Refused;

/// The properties of an answer, each with those below it where the simulator looks at them.
pub(super) struct Resource(pub(super) &'static [(&'static str, Below)]);

/// What is below a property.
pub(super) enum Below {
    /// Nothing, or what is not looked at.
    Any,
    /// An object, or a list of them.
    Of(&'static Resource),
}

/// What is asked for.
pub(super) struct Selection(Vec<(String, Option<Selection>)>);

/// Reads a selector of `resource`'s properties. Anything else is refused.
pub(super) fn parse(text: &str, resource: &Resource) -> Result<Selection, Refused> {
    let refused = || {
        Refused::parameter(
            "fields",
            "invalidParameter",
            format!("Invalid field selection {text}"),
        )
    };
    let mut rest = text;
    let selection = list(&mut rest, Some(resource)).ok_or_else(refused)?;
    if rest.is_empty() {
        Ok(selection)
    } else {
        Err(refused())
    }
}

fn list(rest: &mut &str, resource: Option<&Resource>) -> Option<Selection> {
    let mut selected = Vec::new();
    loop {
        selected.push(one(rest, resource)?);
        match rest.strip_prefix(',') {
            Some(more) => *rest = more.trim_start(),
            None => return Some(Selection(selected)),
        }
    }
}

fn one(rest: &mut &str, resource: Option<&Resource>) -> Option<(String, Option<Selection>)> {
    if let Some(more) = rest.strip_prefix('*') {
        *rest = more;
        return Some(("*".to_owned(), None));
    }
    let end = rest
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(rest.len());
    let (name, more) = rest.split_at(end);
    if name.is_empty() {
        return None;
    }
    let below = match resource {
        None => None,
        Some(resource) => match &resource.0.iter().find(|(known, _)| *known == name)?.1 {
            Below::Any => None,
            Below::Of(below) => Some(*below),
        },
    };
    *rest = more;
    let inner = if let Some(more) = rest.strip_prefix('/') {
        *rest = more;
        Some(Selection(vec![one(rest, below)?]))
    } else if let Some(more) = rest.strip_prefix('(') {
        *rest = more;
        let inner = list(rest, below)?;
        *rest = rest.strip_prefix(')')?;
        Some(inner)
    } else {
        None
    };
    Some((name.to_owned(), inner))
}

impl Selection {
    /// The part of `value` that is asked for.
    pub(super) fn of(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.of(item)).collect(),
            Value::Object(object) => {
                let mut part = Map::new();
                for (name, inner) in &self.0 {
                    if name == "*" {
                        part.extend(object.clone());
                    } else if let Some(value) = object.get(name) {
                        let value = inner
                            .as_ref()
                            .map_or(value.clone(), |inner| inner.of(value));
                        part.insert(name.clone(), value);
                    }
                }
                Value::Object(part)
            }
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const INNER: Resource = Resource(&[("id", Below::Any), ("name", Below::Any)]);
    const OUTER: Resource = Resource(&[("next", Below::Any), ("files", Below::Of(&INNER))]);

    #[test]
    fn an_answer_has_what_was_asked_for() {
        let answer = json!({ "next": "n", "files": [{ "id": "1", "name": "a" }] });
        for (fields, part) in [
            ("*", answer.clone()),
            ("next", json!({ "next": "n" })),
            ("files(id)", json!({ "files": [{ "id": "1" }] })),
            (
                "files/name,next",
                json!({ "next": "n", "files": [{ "name": "a" }] }),
            ),
        ] {
            let selection = parse(fields, &OUTER).unwrap_or(Selection(Vec::new()));
            assert_eq!(selection.of(&answer), part, "{fields}");
        }
        for bad in [
            "",
            "nex",
            "files(",
            "files(id",
            "files(size)",
            "next,",
            "id",
            "files(id))",
        ] {
            assert!(parse(bad, &OUTER).is_err(), "{bad}");
        }
    }
}
