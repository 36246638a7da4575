use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use testkit::canary::spellings;
use testkit::{S3_ACCESS_KEY, TestApp};

use crate::story::{Canary, Kind, Story};

/// Who logs under these names are the servers that stand in for AWS, in the same process.
const STAND_INS: [&str; 4] = ["s3s", "dynoxide", "simulators", "canaries"];

/// Our own crates: all that they log is searched.
const OURS: [&str; 6] = [
    "auth",
    "cloud_accounts",
    "log_settings",
    "shared",
    "signup",
    "storage",
];

/// What may stand in no log, whoever's it is.
const FORMS: [&str; 5] = [
    "Bearer ",
    "eyJ",
    "X-Amz-Signature=",
    "Signature=",
    "AWS4-HMAC-SHA256",
];

/// What a function would have printed.
pub(crate) struct Search {
    /// By the filter of production: our crates, and libraries from INFO on.
    pub(crate) printed: String,
    /// What libraries say at DEBUG.
    aside: String,
}

impl Search {
    pub(crate) fn new(log: &str) -> Self {
        let (mut printed, mut aside) = (String::new(), String::new());
        let mut lines = BTreeMap::<String, usize>::new();
        for line in log.lines() {
            let event: Value = serde_json::from_str(line).expect("a line is JSON");
            let root = event["target"].as_str().unwrap();
            let root = root.split("::").next().unwrap();
            let text = match event["level"].as_str().unwrap() {
                _ if OURS.contains(&root) => &mut printed,
                _ if STAND_INS.iter().any(|name| root.starts_with(name)) => continue,
                // At this level the SDK prints whole requests, on purpose.
                "TRACE" => continue,
                "DEBUG" => &mut aside,
                _ => &mut printed,
            };
            *lines.entry(root.to_owned()).or_default() += 1;
            text.push_str(line);
            text.push('\n');
        }
        // What is not there cannot be clean.
        assert!(lines.contains_key("shared"), "{lines:?}");
        assert!(
            lines.keys().any(|root| root.starts_with("aws")),
            "{lines:?}"
        );
        // The SDK tells it there: the search does find what is there.
        assert!(aside.contains(S3_ACCESS_KEY));
        Self { printed, aside }
    }

    /// Fails with everything that was found where it must not be.
    #[track_caller]
    pub(crate) fn expect_none(&self, story: &Story<'_>, app: &TestApp) {
        let mut found = Vec::new();
        for form in FORMS {
            let lines = self.printed.lines().chain(self.aside.lines());
            let lines = lines.filter(|line| line.contains(form));
            found.extend(lines.map(|line| told(form, line)));
        }
        for Canary { what, text, kind } in &story.canaries {
            for spelling in all_spellings(text) {
                let aside = if *kind == Kind::Private {
                    ""
                } else {
                    &self.aside
                };
                let lines = self.printed.lines().chain(aside.lines());
                let lines = lines.filter(|line| line.contains(&spelling));
                found.extend(lines.map(|line| told(what, line)));
                if *kind == Kind::Secret {
                    let answers = story.answers.iter();
                    let answers = answers.filter(|answer| answer.contains(&spelling));
                    found.extend(answers.map(|answer| format!("{what} answered in {answer}")));
                }
            }
        }
        let kept = format!("{:?} {:?}", app.records(), app.mailbox.all());
        for what in ["password", "secret key", "log token"] {
            let canary = story.canaries.iter().find(|canary| canary.what == what);
            for spelling in all_spellings(&canary.unwrap().text) {
                if kept.contains(&spelling) {
                    found.push(format!("{what} in the table or in a mail"));
                }
            }
        }
        found.sort();
        found.dedup();
        assert!(
            found.is_empty(),
            "{} found:\n{}",
            found.len(),
            found.join("\n")
        );
    }
}

/// What was found where: the line's level, logger and message.
fn told(what: &str, line: &str) -> String {
    let event: Value = serde_json::from_str(line).unwrap();
    let field = |name: &str| event[name].as_str().unwrap_or_default();
    let message = &event["fields"]["message"];
    format!("{what}: {} {} {message}", field("level"), field("target"))
}

fn all_spellings(text: &str) -> Vec<String> {
    let mut all = spellings(text.as_bytes());
    all.push(utf8_percent_encode(text, NON_ALPHANUMERIC).to_string());
    all.push(text.escape_default().to_string());
    all
}
