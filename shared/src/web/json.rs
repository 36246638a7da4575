//! JSON in: a body either becomes the endpoint's type or a 499 that names the field.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::domain::Error;

/// A request body: at most this many bytes.
pub(super) const BODY_BYTES_MAX: usize = 64 * 1024;

/// A request's JSON body. Unknown fields are ignored, duplicate ones are refused.
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        check_content_type(&request)?;
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|error| Error::invalid("body", "must be at most 64 KiB").because(error))?;
        parse(&body).map(Self)
    }
}

/// A missing Content-Type is taken as JSON; another one is a client that means something else.
fn check_content_type(request: &Request) -> Result<(), Error> {
    let Some(value) = request.headers().get(CONTENT_TYPE) else {
        return Ok(());
    };
    let essence = value
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Error::invalid("Content-Type", "must be application/json"))
    }
}

/// Names the field and the rule. The parser's own text is used only where it holds nothing of the
/// body: it repeats values, and a value may be a secret.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    // serde would take an array's items for the fields, in their order.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Error::invalid("body", "must be a JSON object"));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let text = error.inner().to_string();
        let field = |prefix| {
            text.strip_prefix(prefix)
                .and_then(|rest| rest.split('`').next())
        };
        if let Some(name) = field("missing field `") {
            Error::invalid(name, "is missing")
        } else if let Some(name) = field("duplicate field `") {
            Error::invalid(name, "is there twice")
        } else if error.inner().is_data() && path != "." {
            Error::invalid(&path, "has the wrong type")
        } else if error.inner().is_data() {
            Error::invalid("body", "must be a JSON object")
        } else {
            Error::invalid("body", "must be well-formed JSON")
        }
    })?;
    json.end()
        .map_err(|_| Error::invalid("body", "must be well-formed JSON"))?;
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        #[expect(dead_code, reason = "only its parsing is tested")]
        user_name: String,
        #[expect(dead_code, reason = "only its parsing is tested")]
        count: Option<u16>,
    }

    fn text(body: &str) -> String {
        parse::<Wire>(body.as_bytes())
            .unwrap_err()
            .public()
            .to_owned()
    }

    #[test]
    fn errors_name_the_field_and_never_the_value() {
        assert_eq!(text("{}"), "userName: is missing");
        assert_eq!(text(r#"{"userName": 5}"#), "userName: has the wrong type");
        assert_eq!(
            text(r#"{"userName": null}"#),
            "userName: has the wrong type"
        );
        assert_eq!(
            text(r#"{"userName": "a", "userName": "b"}"#),
            "userName: is there twice"
        );
        for count in ["\"hunter2\"", "-1", "70000", "1.0", "1e400", "[]", "true"] {
            let body = format!(r#"{{"userName": "a", "count": {count}}}"#);
            let expected = if count == "1e400" {
                "body: must be well-formed JSON"
            } else {
                "count: has the wrong type"
            };
            assert_eq!(text(&body), expected, "{count}");
        }
        for body in ["[]", " [\"a\", 1]", "\"x\"", "null", "7"] {
            assert_eq!(text(body), "body: must be a JSON object", "{body}");
        }
        for body in [
            "",
            "{",
            "{\"userName\": \"a\"} x",
            "{\"userName\": \"\\ud800\"}",
            "\u{feff}{}",
        ] {
            assert_eq!(text(body), "body: must be well-formed JSON", "{body}");
        }
    }

    #[test]
    fn unknown_fields_are_ignored_however_deep() {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(parse::<Wire>(format!(r#"{{"userName": "a", "x": {deep}}}"#).as_bytes()).is_ok());
    }
}
