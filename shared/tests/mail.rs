//! What people typed, in every mail: text, and nothing but text.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use jiff::Timestamp;
use proptest::prelude::*;
use shared::config::Config;
use shared::domain::email::EmailAddress;
use shared::domain::mailed_code::MailedCode;
use shared::domain::text::{shown, shown_lines};
use shared::mail::{
    AccountExists, Activation, GoogleLinked, Mail, Mailer, PasswordChanged, PasswordReset,
    SharedFile, Welcome,
};
use simulators::aws::control::ControlPlane;
use simulators::aws::mailbox::{Mailbox, Message};

const URL: &str = "https://links.example/v/ufWpgJ4zxmydoq9NdJDf4DJQcHnaRpu1XBZwMDX3WDg";
const CODE: &str = "MPJTB-9D5MP-JTB9D5-MPJTB-9D5MM";

/// What people type who mean no good. None holds line breaks or what is stripped.
const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</bdi></p></td></table><a href=//evil>x",
    "<!-- --> <![endif]--> <style>*{x:y}",
    "<!-- & --> &lt;b&gt; ' \" `",
    "http://evil.example/login",
    "{{ name }} {% raw %} ${7*7} %0d%0a =3C",
    "👩‍👩‍👧 שלום مرحبا \u{200C}",
];

fn now() -> Timestamp {
    "2026-11-25T14:05:00Z".parse().unwrap()
}

/// A mail as HTML and as text.
type Parts = (String, String);

fn parts(mail: &impl Mail) -> Parts {
    (mail.html().unwrap(), mail.text().unwrap())
}

/// Every mail that holds a name, with this one in every place where there may be one.
fn named(name: &str) -> Vec<Parts> {
    let code = MailedCode::from_bytes([0xA5; 16]);
    let (asked, when) = (now(), now());
    vec![
        parts(&Activation {
            name,
            code: &code,
            asked,
        }),
        parts(&PasswordReset {
            name,
            code: CODE,
            asked,
        }),
        parts(&PasswordChanged { name, when }),
        parts(&GoogleLinked { name, when }),
        parts(&Welcome { name }),
        parts(&shared(name, "take 1.mov", None)),
        parts(&shared("Jane", name, None)),
        parts(&shared("Jane", "take 1.mov", Some(name))),
        parts(&shared(name, name, Some(name))),
    ]
}

fn shared<'a>(sender: &'a str, file_name: &'a str, note: Option<&'a str>) -> SharedFile<'a> {
    SharedFile {
        sender,
        file_name,
        size: 1_449_000,
        expires: now(),
        note,
        url: URL,
    }
}

/// What a browser reads back as `text`.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '<' | '>' | '&' | '"' | '\'' => format!("&#{};", u32::from(c)),
            c => c.to_string(),
        })
        .collect()
}

#[test]
fn what_was_typed_is_text_and_changes_nothing_around_it() {
    const PLAIN: &str = "Quincy";
    for hostile in HOSTILE {
        for ((html, text), (plain_html, plain_text)) in named(hostile).into_iter().zip(named(PLAIN))
        {
            assert_eq!(html, plain_html.replace(PLAIN, &escaped(hostile)));
            assert_eq!(text, plain_text.replace(PLAIN, hostile));
        }
    }
}

proptest! {
    /// Any text at all, where a name, a file's name and a note may be.
    #[test]
    fn any_text_is_text(text in "(?s).{0,400}") {
        let html = |sender, file_name, note| shared(sender, file_name, Some(note)).html().unwrap();
        let plain = html("Quincy", "Quentin", "Quigley");
        let lines: Vec<_> = shown_lines(&text, 1_000).lines().map(escaped).collect();
        // What is blank is no note, and has no place to stand in.
        prop_assume!(!lines.is_empty());
        let expected = plain
            .replace("Quincy", &escaped(&shown(&text, 50)))
            .replace("Quentin", &escaped(&shown(&text, 255)))
            .replace("Quigley", &lines.join("<br>"));
        prop_assert_eq!(html(&text, &text, &text), expected);
    }
}

#[test]
fn what_hides_or_turns_text_is_gone_and_a_name_stays_on_its_line() {
    let hidden = "Qu\u{202E}in\r\nBcc: a@b.example\u{2066}\u{200B}\u{FEFF}\u{0}";
    for (parts, plain) in named(hidden).into_iter().zip(named("QuinBcc: a@b.example")) {
        if parts.1.contains("> Quin\n> Bcc: a@b.example\n") {
            let html = "Quin<br>Bcc: a@b.example";
            assert_eq!(parts.0.matches(html).count(), 1, "a note keeps its lines");
        } else {
            assert_eq!(parts, plain);
        }
    }
}

#[test]
fn what_is_too_long_is_cut() {
    let long = "\u{1F600}".repeat(2_000);
    let faces = |parts: &Parts| [&parts.0, &parts.1].map(|part| part.matches('\u{1F600}').count());
    let count = |sender: &str, file: &str, note| faces(&parts(&shared(sender, file, note)));
    // In HTML a sender stands in preheader, heading and footer, a file's name in preheader and card.
    assert_eq!(count(&long, "f", None), [150, 100]);
    assert_eq!(count("s", &long, None), [510, 255]);
    assert_eq!(count("s", "f", Some(&long)), [1_000, 1_000]);
}

#[test]
fn a_note_is_attributed_quoted_and_optional() {
    let note = "Hi Bob,\r\n\r\nOpen the file:\r\nhttp://evil.example/\r\n\r\n";
    let (html, text) = parts(&shared("Jane", "take 1.mov", Some(note)));
    assert!(text.contains(
        "Jane wrote:\n\n> Hi Bob,\n> \n> Open the file:\n> http://evil.example/\n\nOpen the file:\n"
    ));
    let quoted = "Hi Bob,<br><br>Open the file:<br>http://evil.example/</td>";
    assert!(html.contains("<bdi>Jane</bdi> wrote:") && html.contains(quoted));

    let without = parts(&shared("Jane", "take 1.mov", None));
    assert!(!without.0.contains("wrote") && !without.1.contains("wrote"));
    for nothing in ["", " \r\n\t", "\u{200B}\n"] {
        let blank = parts(&shared("Jane", "take 1.mov", Some(nothing)));
        assert_eq!(blank, without, "{nothing:?}");
    }
}

#[test]
fn a_shared_file_tells_all_that_its_reader_needs() {
    let (html, text) = parts(&shared("Jane Doe", "take 1.mov", Some("Hi")));
    for part in [&html, &text] {
        for told in [
            "shared a file with you",
            "Jane Doe",
            "take 1.mov",
            "1.4 MB",
            "2026-11-25 14:05 UTC",
            URL,
            "The link is personal",
        ] {
            assert!(part.contains(told), "{told} in {part}");
        }
    }
    assert_eq!(html.matches("<a ").count(), 1, "one button");
    assert!(html.contains(&format!("<a href=\"{URL}\"")));
    assert_eq!(html.matches(URL).count(), 2, "and its address to copy");
}

#[test]
fn nothing_is_fetched_and_nothing_but_the_button_leads_anywhere() {
    let mut mails = named("Jane");
    mails.push(parts(&AccountExists { asked: now() }));
    for (html, text) in mails {
        let html = html
            .replace(&format!("<a href=\"{URL}\""), "")
            .replace(URL, "");
        for sign in [
            "http", "//", "<a ", "<img", "<script", "<link", "<iframe", "<form", "src=", "url(",
            "@import", "onerror=", "href",
        ] {
            assert!(!html.contains(sign), "{sign} in {html}");
        }
        assert!(!text.replace(URL, "").contains("http"), "{text}");
        for part in ["lang=\"en\"", "role=\"main\"", "<h1", "color-scheme"] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }
}

/// What SES is given: each mail, with every hostile value that there is.
#[tokio::test]
async fn headers_are_constants_and_there_is_one_recipient() {
    let mailbox = Mailbox::in_memory();
    let any_port = "127.0.0.1:0".parse().unwrap();
    let control = ControlPlane::start(mailbox.clone(), any_port)
        .await
        .unwrap();
    let to = EmailAddress::parse("email", "Bob@Example.com").unwrap();
    let hostile = format!("{}\r\nBcc: c@d.example\r\nSubject: x", HOSTILE.join(" "));
    let code = MailedCode::from_bytes([0xA5; 16]);
    let (name, when, asked) = (hostile.as_str(), now(), now());

    for configured in [true, false] {
        let mailer = mailer(&control, configured);
        let activation = Activation {
            name,
            code: &code,
            asked,
        };
        mailer.send(&to, &activation).await.unwrap();
        let reset = PasswordReset {
            name,
            code: CODE,
            asked,
        };
        mailer.send(&to, &reset).await.unwrap();
        mailer.send(&to, &AccountExists { asked }).await.unwrap();
        let changed = PasswordChanged { name, when };
        mailer.send(&to, &changed).await.unwrap();
        mailer
            .send(&to, &GoogleLinked { name, when })
            .await
            .unwrap();
        mailer.send(&to, &Welcome { name }).await.unwrap();
        let file = shared(name, name, Some(name));
        mailer.send(&to, &file).await.unwrap();

        let mut mails = mailbox.all();
        mails.truncate(7);
        let subjects: Vec<_> = mails.iter().rev().map(|mail| &*mail.subject).collect();
        assert_eq!(
            subjects,
            [
                "Confirm your sign-up",
                "Reset your password",
                "You already have an account",
                "Your password was changed",
                "Google sign-in was added to your account",
                "Welcome",
                "A file was shared with you",
            ]
        );
        let only = |option: &str| configured.then(|| option.to_owned());
        for mail in mails {
            let Message {
                to,
                from,
                reply_to,
                configuration_set,
                ..
            } = mail;
            assert_eq!(to, "Bob@example.com");
            assert_eq!(from, "Desktop <no-reply@desktop.example>");
            assert_eq!(reply_to, Vec::from_iter(only("help@desktop.example")));
            assert_eq!(configuration_set, only("desktop-api-mail"));
        }
    }
    assert_eq!(mailbox.all().len(), 14);
}

fn mailer(control: &ControlPlane, configured: bool) -> Mailer {
    let role = Credentials::new("AKIAROLE", "secret", None, None, "test");
    let sdk = SdkConfig::builder()
        .behavior_version(aws_sdk_ses::config::BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(role))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(control.url())
        .build();
    let config = Config::from_source(|name| {
        let value = match name {
            "TABLE_NAME" | "SECRET_ID" => "unused",
            "MAIL_FROM" => "Desktop <no-reply@desktop.example>",
            "MAIL_REPLY_TO" if configured => "help@desktop.example",
            "MAIL_CONFIGURATION_SET" if configured => "desktop-api-mail",
            _ => return None,
        };
        Some(value.to_owned())
    });
    Mailer::new(aws_sdk_ses::Client::new(&sdk), &config.unwrap())
}
