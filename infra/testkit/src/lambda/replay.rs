use std::panic::Location;

use serde_json::Value;

use super::event::{Person, events_of};
use super::process::Lambda;
use crate::{PASSWORD, Response, S3_ACCESS_KEY, S3_SECRET_KEY, TestApp};

/// What must not stand in a function's log, whatever it was sent.
const UNPRINTABLE: [&str; 11] = [
    "eyJ",
    "Bearer ",
    "X-Amz-Signature",
    "correct horse battery staple",
    "wJalrXUtnFEMI",
    S3_SECRET_KEY,
    PASSWORD,
    // Private rather than secret.
    S3_ACCESS_KEY,
    "@example.com",
    "@gmail.com",
    "take 1.mov",
];

/// What an event is answered with.
pub enum Expected {
    /// A problem with this status and code.
    Problem(u16, &'static str),
    /// 200 and no body.
    Empty,
    /// 200 and JSON that holds what the function asserts.
    Json(fn(&Value)),
}

/// A file of a family's events: its name, its answer as it stands, with placeholders in it, and its
/// answer when they are filled.
pub struct Row(pub &'static str, pub Expected, pub Expected);

impl Expected {
    fn check(&self, response: &Response) {
        match self {
            Self::Problem(status, code) => {
                response.expect_problem(*status, code);
                // Who is refused by a vendor's consent page has proved who they are.
                let bearer = matches!((status, *code), (401, "AUTH" | "SESSION"));
                let bearer = if bearer { "Bearer" } else { "" };
                assert_eq!(response.header("www-authenticate"), bearer);
            }
            Self::Empty => response.expect_empty(),
            Self::Json(check) => check(&response.json()),
        }
        assert_eq!(response.header("cache-control"), "no-store");
        assert_eq!(response.header("x-content-type-options"), "nosniff");
        assert_ne!(response.header("x-request-id"), "");
    }
}

/// Sends every file of `events/<family>/` to the family's `binary`, as it stands and filled, each in
/// the name of somebody new whom `prepare` may equip for the file.
///
/// Every file has a row and every row a file.
#[track_caller]
pub fn replay(
    binary: &str,
    family: &str,
    rows: &[Row],
    prepare: impl AsyncFn(&TestApp, &Person, &str),
) -> impl Future<Output = ()> {
    let files = events_of(family);
    let named: Vec<&str> = rows.iter().map(|row| row.0).collect();
    let there: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(named, there, "{}", Location::caller());

    async move {
        let app = TestApp::start().await;
        let mut lambda = Lambda::start_with(&app, binary, &[("LOG_LEVEL", "DEBUG")]).await;
        for (number, Row(file, raw, filled)) in rows.iter().enumerate() {
            let event = &files[*file];
            // A failure is read together with the file that it came from.
            let told = Told(file);
            raw.check(&lambda.invoke(event).await);
            let person = Person::new(&app, &format!("person{number}")).await;
            prepare(&app, &person, file).await;
            filled.check(&lambda.invoke(&person.fill(event).await).await);
            std::mem::forget(told);
        }
        let printed = lambda.stop().await;
        assert!(printed.contains("answered"), "the log is read: {printed}");
        for secret in UNPRINTABLE {
            let line = printed.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret}");
        }
    }
}

struct Told<'a>(&'a str);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        eprintln!("this was {}", self.0);
    }
}
