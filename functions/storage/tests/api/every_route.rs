//! Every route of every family that is for those who are signed in, from the events that replay
//! them: an endpoint that is added without the check fails here.

use http::Method;
use jiff::SignedDuration;
use serde_json::Value;
use testkit::lambda::{Person, events_of};
use testkit::{Response, TestApp};

use crate::wire::store;

const FAMILIES: [&str; 5] = [
    "auth",
    "cloud-accounts",
    "log-settings",
    "signup",
    "storage",
];

/// Those that strangers may use; all others are for the signed-in.
const OPEN: [&str; 11] = [
    "confirm_signup.json",
    "forgot_password.json",
    "google_signin.json",
    "google_signup.json",
    "login.json",
    "logout.json",
    "refresh_token.json",
    "request_token.json",
    "resend_confirmation_email.json",
    "reset_password.json",
    "signup.json",
];

struct Request {
    file: String,
    method: Method,
    path: String,
    body: Option<Value>,
}

impl Request {
    fn read(file: &str, event: &str) -> Self {
        let event: Value = serde_json::from_str(event).unwrap();
        let text = |name: &str| event[name].as_str().unwrap().to_owned();
        let (path, query) = (text("rawPath"), text("rawQueryString"));
        let method = event["requestContext"]["http"]["method"].as_str().unwrap();
        Self {
            file: file.to_owned(),
            method: method.parse().unwrap(),
            path: if query.is_empty() {
                path
            } else {
                format!("{path}?{query}")
            },
            body: event["body"]
                .as_str()
                .map(|body| serde_json::from_str(body).unwrap()),
        }
    }

    async fn send(&self, app: &TestApp, jwt: Option<&str>) -> Response {
        let method = self.method.clone();
        app.request(method, &self.path, jwt, self.body.as_ref())
            .await
    }
}

/// The plain requests for the signed-in, those last that take away what others need.
async fn guarded(person: &Person<'_>) -> Vec<Request> {
    let mut requests = Vec::new();
    for family in FAMILIES {
        for (file, event) in events_of(family) {
            let plain = file.matches('.').count() == 1;
            if plain && !OPEN.contains(&file.as_str()) {
                requests.push(Request::read(&file, &person.fill(&event).await));
            }
        }
    }
    requests.sort_by_key(|request| {
        let order = ["setup_", "update_", "delete_account", "delete.json"];
        let place = order
            .iter()
            .position(|start| request.file.starts_with(start));
        place.map_or(0, |place| place + 1)
    });
    requests
}

#[tokio::test]
async fn every_guarded_route_refuses_whoever_is_not_signed_in() {
    let app = TestApp::start().await;
    let person = Person::new(&app, "jane").await;
    let requests = guarded(&person).await;
    assert_eq!(requests.len(), 13, "seven, two and four");

    let ended = testkit::User::log_in(&app, &person.user.email, 16)
        .await
        .jwt;
    app.log_out(&ended).await.expect_empty();
    let garbage = "eyJhbGciOiJub25lIn0.e30.";
    for request in &requests {
        for (jwt, code, reason) in [
            (None, "AUTH", "no JWT"),
            (Some(""), "AUTH", "an empty JWT"),
            (Some(garbage), "AUTH", "garbage"),
            (Some(ended.as_str()), "SESSION", "a session that was ended"),
        ] {
            let answer = request.send(&app, jwt).await;
            expect_401(&answer, code, &format!("{} with {reason}", request.file));
        }
    }

    let account = &person.cloud_account_id;
    store(&person.user, account, "photos/cafe.jpg", b"bytes").await;
    // Every request is good but for its JWT; `setup` meets the setting that `update` needs.
    for request in &requests {
        let answer = request.send(&app, Some(&person.user.jwt)).await;
        let expected = if request.file.starts_with("setup_") {
            "499 DUPLICATE"
        } else {
            "200"
        };
        assert!(
            answer.outcome().starts_with(expected),
            "{}: {}",
            request.file,
            answer.outcome()
        );
    }

    app.clock.advance(SignedDuration::from_hours(25));
    for request in &requests {
        let answer = request.send(&app, Some(&person.user.jwt)).await;
        expect_401(&answer, "SESSION", &format!("{} after a day", request.file));
    }
}

#[track_caller]
fn expect_401(answer: &Response, code: &str, case: &str) {
    assert_eq!(answer.status, 401, "{case}: {}", answer.text());
    assert_eq!(answer.header("error-code"), code, "{case}");
    assert_eq!(answer.header("www-authenticate"), "Bearer", "{case}");
}

#[test]
fn the_events_name_every_route_of_the_routers() {
    let mut open = Vec::new();
    let mut endpoints = 0;
    for family in FAMILIES {
        for (file, event) in events_of(family) {
            if file.matches('.').count() == 1 {
                endpoints += 1;
                let signed_in = event.contains("Bearer {{jwt}}");
                assert_eq!(signed_in, !OPEN.contains(&file.as_str()), "{file}");
                if !signed_in {
                    open.push(file);
                }
            }
        }
        let lib = format!("{}/../{family}/src/lib.rs", env!("CARGO_MANIFEST_DIR"));
        let routes = std::fs::read_to_string(lib)
            .unwrap()
            .matches(".route(")
            .count();
        let plain = events_of(family).into_keys();
        let plain = plain.filter(|file| file.matches('.').count() == 1).count();
        assert_eq!(plain, routes, "{family}");
    }
    open.sort();
    assert_eq!(open, OPEN);
    assert_eq!(endpoints, OPEN.len() + 13);
}
