//! Events of API Gateway, before they become requests.

use lambda_http::LambdaEvent;
use lambda_http::request::LambdaRequest;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What a client may send in a query raw, and a URI may not hold (RFC 3986 §3.4).
const ILLEGAL: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// The event, such that it can become a request: the runtime builds a URI of it and panics where
/// that fails, out of reach of the layers that answer for panics.
pub(super) fn well_formed(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload {
        if let Some(query) = &mut request.raw_query_string {
            *query = utf8_percent_encode(query, ILLEGAL).to_string();
        }
        // Part of that URI, and of no use to us.
        request.headers.remove("x-forwarded-proto");
    }
    event
}

#[cfg(test)]
mod tests {
    use lambda_http::{Context, Request};

    use super::*;

    #[test]
    fn any_query_becomes_a_request() {
        for query in [
            "id=1",
            "id=\"x\"",
            "id=<x>&y=a b",
            "id=é#",
            "id=%zz",
            "\u{1}",
        ] {
            let event = serde_json::json!({
                "version": "2.0",
                "rawPath": "/api/v1/desktop/delete",
                "rawQueryString": query,
                "headers": {"host": "api.example.com", "x-forwarded-proto": "a b"},
                "requestContext": {"http": {"method": "DELETE", "path": "/api/v1/desktop/delete"}},
                "isBase64Encoded": false,
            });
            let payload = serde_json::from_value(event).unwrap();
            let request: Request = well_formed(LambdaEvent::new(payload, Context::default()))
                .payload
                .into();
            assert_eq!(request.uri().path(), "/api/v1/desktop/delete", "{query:?}");
        }
    }
}
