//! A file sent by mail: who gets what, and what does not happen when something fails.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Response, TestApp, User};

use crate::wire::store;

const DAY: i64 = 86_400;

/// Jane's session, her account, and a file in it, at the beginning of a day.
async fn jane_with(app: &TestApp, key: &str) -> (String, String) {
    let jane = app.user("jane@example.com").await;
    let account = jane.connect_s3().await;
    store(&jane, &account, key, b"hello").await;
    app.clock.begin_window(DAY);
    (log_in(app).await, account)
}

async fn log_in(app: &TestApp) -> String {
    let jane = User::log_in(app, "jane@example.com", 16).await;
    jane.jwt
}

async fn send(app: &TestApp, jwt: &str, mut body: Value) -> Response {
    if body.get("storageName").is_none() {
        body["storageName"] = json!(testkit::BUCKET);
    }
    if body.get("key").is_none() {
        body["key"] = json!("a.txt");
    }
    let path = "/api/v1/desktop/send_download_url";
    app.request(http::Method::POST, path, Some(jwt), Some(&body))
        .await
}

#[tokio::test]
async fn each_recipient_gets_a_link_of_their_own() {
    let app = TestApp::start().await;
    let (jwt, account) = jane_with(&app, "a.txt").await;
    let before = app.mailbox.all().len();
    let body = json!({
        "cloudAccountId": account,
        "email": "bob@example.com; carol@example.com,BOB@example.com,",
        "id": "",
        "expireHours": 2,
        "note": "Look at\r\nthis <b>file</b>",
    });
    send(&app, &jwt, body).await.expect_empty();
    assert_eq!(app.mailbox.all().len(), before + 2);

    let bobs = app.mailed_link("bob@example.com");
    let carols = app.mailed_link("carol@example.com");
    assert_ne!(bobs, carols);
    for address in ["bob@example.com", "carol@example.com"] {
        let mails = app.mailbox.messages_to(address);
        assert_eq!(mails.len(), 1, "one mail, to nobody else");
        let mail = &mails[0];
        let link = app.mailed_link(address);
        assert_eq!(mail.html.matches("href=").count(), 1);
        assert!(mail.html.contains(&link), "{}", mail.html);
        for part in [&mail.text, &mail.html] {
            assert!(part.contains("Jane") && part.contains("a.txt"), "{part}");
            assert!(part.contains("5 bytes"), "{part}");
        }
        assert!(mail.text.contains("> this <b>file</b>"), "{}", mail.text);
        assert!(!mail.html.contains("<b>file"), "{}", mail.html);
        // Neither is told of the other.
        let other = if address.starts_with("bob") {
            "carol"
        } else {
            "bob@"
        };
        assert!(!mail.text.contains(other) && !mail.html.contains(other));
    }
    for link in [&bobs, &carols] {
        assert_eq!(app.get_link(link).await.status, 200);
        assert_eq!(app.get_link(&format!("{link}/content")).await.status, 302);
    }
    // The table holds neither link.
    let records = serde_json::to_string(&app.records()).unwrap();
    for link in [bobs, carols] {
        let id = link.rsplit('/').next().unwrap().to_owned();
        assert!(id.len() == 43 && !records.contains(&id));
    }
    app.clock.advance(SignedDuration::from_hours(2));
    let link = app.mailed_link("bob@example.com");
    assert_eq!(app.get_link(&link).await.status, 410);
}

#[tokio::test]
async fn what_is_not_there_is_sent_to_nobody() {
    let app = TestApp::start().await;
    let (jwt, account) = jane_with(&app, "folder/a.txt").await;
    let before = app.mailbox.all().len();
    for (key, bucket, code) in [
        ("b.txt", "pictures", "NOT_FOUND"),
        ("folder/", "pictures", "NOT_FOUND"),
        ("folder", "pictures", "NOT_FOUND"),
        ("", "pictures", "DEFAULT"),
        ("a.txt", "no-such-bucket", "NOT_FOUND"),
    ] {
        let body = json!({
            "cloudAccountId": account, "email": "bob@example.com", "key": key, "storageName": bucket,
        });
        let answer = send(&app, &jwt, body).await;
        assert_eq!(answer.header("error-code"), code, "{key:?} in {bucket}");
    }
    assert_eq!(app.mailbox.all().len(), before);
    assert!(app.records_of("LINK#").is_empty());
    assert!(app.records_of("RATE#send").is_empty());
}

#[tokio::test]
async fn a_bad_request_is_told_what_is_wrong() {
    let app = TestApp::start().await;
    let (jwt, account) = jane_with(&app, "a.txt").await;
    let many = (0..11).map(|n| format!("a{n}@example.com"));
    let many = many.collect::<Vec<_>>().join(";");
    let good = json!({"cloudAccountId": account, "email": "bob@example.com"});
    for (field, value, expected) in [
        (
            "email",
            json!(""),
            "499 INVALID_EMAIL email: must hold an address",
        ),
        (
            "email",
            json!(" ;, "),
            "499 INVALID_EMAIL email: must hold an address",
        ),
        (
            "email",
            json!("bob"),
            "499 INVALID_EMAIL email: must be a valid e-mail address",
        ),
        (
            "email",
            json!("bob@example.com,eve@example.com\r\nBcc: x@example.com"),
            "499 INVALID_EMAIL email: must be a valid e-mail address",
        ),
        (
            "email",
            json!(many),
            "499 DEFAULT email: must be at most 10 addresses",
        ),
        (
            "email",
            json!(["bob@example.com"]),
            "499 DEFAULT email: has the wrong type",
        ),
        (
            "expireHours",
            json!(0),
            "499 DEFAULT expireHours: must be 1 to 168",
        ),
        (
            "expireHours",
            json!(169),
            "499 DEFAULT expireHours: must be 1 to 168",
        ),
        (
            "note",
            json!("é".repeat(1_001)),
            "499 DEFAULT note: must be at most 1,000 characters",
        ),
        ("note", json!(7), "499 DEFAULT note: has the wrong type"),
        (
            "cloudAccountId",
            json!("x"),
            "499 DEFAULT cloudAccountId: must be a UUID",
        ),
    ] {
        let mut body = good.clone();
        body[field] = value;
        assert_eq!(send(&app, &jwt, body).await.outcome(), expected);
    }
    let mut body = good.clone();
    body["note"] = json!("👩‍👩‍👧".repeat(200));
    send(&app, &jwt, body).await.expect_empty();
}

#[tokio::test]
async fn fifty_recipients_a_day_are_a_users_share() {
    let app = TestApp::start().await;
    let (jwt, account) = jane_with(&app, "a.txt").await;
    let before = app.mailbox.all().len();
    let to = async |round: usize, count: usize| {
        let all = (0..count).map(|n| format!("r{round}n{n}@example.com"));
        let all = all.collect::<Vec<_>>().join(",");
        send(&app, &jwt, json!({"cloudAccountId": account, "email": all})).await
    };
    for round in 0..4 {
        to(round, 10).await.expect_empty();
    }
    to(4, 9).await.expect_empty();
    // 49 are used: two are refused as a whole, one is let through.
    let answer = to(5, 2).await;
    answer.expect_problem(499, "SECURITY");
    assert_eq!(answer.header("retry-after"), DAY.to_string());
    to(6, 1).await.expect_empty();
    to(7, 1).await.expect_problem(499, "SECURITY");
    assert_eq!(app.mailbox.all().len(), before + 50);
    app.clock.begin_window(DAY);
    let jwt = log_in(&app).await;
    let body = json!({"cloudAccountId": account, "email": "bob@example.com"});
    send(&app, &jwt, body).await.expect_empty();
}

#[tokio::test]
async fn a_mailbox_is_sent_twenty_files_an_hour() {
    let app = TestApp::start().await;
    let (jwt, account) = jane_with(&app, "a.txt").await;
    let body = json!({"cloudAccountId": account, "email": "bob@example.com"});
    for _ in 0..20 {
        send(&app, &jwt, body.clone()).await.expect_empty();
    }
    let both = json!({"cloudAccountId": account, "email": "carol@example.com,bob@example.com"});
    let answer = send(&app, &jwt, both).await;
    answer.expect_problem(499, "SECURITY");
    assert_eq!(answer.header("retry-after"), "3600");
    assert!(app.mailbox.messages_to("carol@example.com").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_once_no_more_are_sent_than_one_after_another() {
    let app = Arc::new(
        TestApp::start_with(|config| {
            config.limits = shared::limits::Limits::parse("send-of-user=7/86400").unwrap();
        })
        .await,
    );
    let (jwt, account) = jane_with(&app, "a.txt").await;
    let outcomes = app
        .at_once(20, move |app, number| {
            let email = format!("bob{number}@example.com");
            let body = json!({"cloudAccountId": account, "email": email});
            let jwt = jwt.clone();
            async move { send(&app, &jwt, body).await.outcome() }
        })
        .await;
    let sent = outcomes.iter().filter(|outcome| *outcome == "200").count();
    assert_eq!(sent, 7, "{outcomes:?}");
    let mailed = (0..20)
        .filter(|number| {
            let address = format!("bob{number}@example.com");
            !app.mailbox.messages_to(&address).is_empty()
        })
        .count();
    assert_eq!((mailed, app.records_of("LINK#").len()), (7, 7));
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_leaves_no_link_and_does_not_count() {
    let app = TestApp::start_with(|config| {
        config.limits = shared::limits::Limits::parse("send-of-user=1/86400").unwrap();
    })
    .await;
    let (jwt, account) = jane_with(&app, "a.txt").await;
    let body = json!({"cloudAccountId": account, "email": "bob@example.com"});
    app.control.fail_mail(true);
    let answer = send(&app, &jwt, body.clone()).await;
    assert_eq!(
        answer.outcome(),
        "499 INTERNAL_ERROR The mail could not be sent. Try again."
    );
    assert_ne!(answer.header("retry-after"), "");
    assert!(app.records_of("LINK#").is_empty());
    app.control.fail_mail(false);
    send(&app, &jwt, body).await.expect_empty();
}

/// Who was reached is not mailed again by who repeats as told.
#[tokio::test]
async fn those_whom_no_mail_reached_are_named_by_their_place() {
    let app = TestApp::start().await;
    let (jwt, account) = jane_with(&app, "a.txt").await;
    app.control.refuse_mail_to("carol@example.com");
    let body = json!({
        "cloudAccountId": account,
        "email": "bob@example.com,carol@example.com,dave@example.com",
    });
    let answer = send(&app, &jwt, body).await;
    assert_eq!(
        answer.outcome(),
        "499 INTERNAL_ERROR email: sent, but not to these, counting from 1; send to them again: 2"
    );
    assert_eq!(app.records_of("LINK#").len(), 2);
    for reached in ["bob@example.com", "dave@example.com"] {
        assert_eq!(app.get_link(&app.mailed_link(reached)).await.status, 200);
    }
    assert!(app.mailbox.messages_to("carol@example.com").is_empty());
}

#[tokio::test]
async fn an_address_that_mail_was_returned_from_is_not_mailed() {
    let app = TestApp::start().await;
    let (jwt, account) = jane_with(&app, "a.txt").await;
    let bob = shared::domain::email::EmailAddress::parse("email", "bob@example.com").unwrap();
    let reason = shared::database::MarkReason::Bounce;
    app.app.database().mark_address(&bob, reason).await.unwrap();
    let body = json!({"cloudAccountId": account, "email": "carol@example.com,BOB@example.com"});
    let answer = send(&app, &jwt, body).await;
    assert_eq!(
        answer.outcome(),
        "499 INVALID_EMAIL email: some of the addresses cannot be mailed, counting from 1: 2"
    );
    assert!(app.mailbox.messages_to("carol@example.com").is_empty());
}

#[tokio::test]
async fn a_link_ends_with_the_account_and_with_its_senders_sight_of_it() {
    let app = TestApp::start().await;
    let (jwt, account) = jane_with(&app, "a.txt").await;
    let body = json!({"cloudAccountId": account, "email": "bob@example.com"});
    send(&app, &jwt, body).await.expect_empty();
    let link = app.mailed_link("bob@example.com");
    let path = format!("/api/v1/desktop/delete?id={account}");
    app.request(http::Method::DELETE, &path, Some(&jwt), None)
        .await
        .json();
    for url in [
        link.clone(),
        format!("{link}/content"),
        format!("{link}/content?preview=1"),
    ] {
        assert_eq!(app.get_link(&url).await.status, 410, "{url}");
    }
}

/// Strangers, those of other accounts and those who may not see an account send nothing of it.
#[tokio::test]
async fn only_who_sees_an_account_sends_its_files() {
    let app = TestApp::start().await;
    let (jwt, account) = jane_with(&app, "a.txt").await;
    let eve = app.user("eve@example.com").await;
    let carl: User<'_> = {
        let jane = User::log_in(&app, "jane@example.com", 16).await;
        app.colleague(&jane, "carl@example.com", 64).await
    };
    let body = json!({"cloudAccountId": account, "email": "bob@example.com"});
    for (who, outcome) in [
        (&eve.jwt, "499 NOT_FOUND Object not found."),
        (&carl.jwt, "499 NOT_FOUND Object not found."),
        (&jwt, "200"),
    ] {
        assert_eq!(send(&app, who, body.clone()).await.outcome(), outcome);
    }
    assert_eq!(app.mailbox.messages_to("bob@example.com").len(), 1);
}

/// Whichever answer of the record store is lost, each is mailed once, and each link is good.
#[tokio::test]
async fn a_lost_answer_costs_nothing_whichever_it_is() {
    for spared in 0.. {
        let app = TestApp::start().await;
        let (jwt, account) = jane_with(&app, "a.txt").await;
        app.faults
            .skip_pauses(tokio::time::pause, tokio::time::resume);
        app.faults.lose_answers_after(spared, 1);
        let body = json!({"cloudAccountId": account, "email": "bob@example.com,carol@example.com"});
        send(&app, &jwt, body).await.expect_empty();
        if app.faults.struck() == 0 {
            assert!(spared >= 7, "it makes {spared} requests");
            break;
        }
        app.faults.lose_answers(0);
        for address in ["bob@example.com", "carol@example.com"] {
            assert_eq!(app.mailbox.messages_to(address).len(), 1, "answer {spared}");
            assert_eq!(app.get_link(&app.mailed_link(address)).await.status, 200);
        }
        assert_eq!(app.records_of("LINK#").len(), 2, "answer {spared}");
    }
}

/// Without its records the service sends nothing, and says so.
#[tokio::test]
async fn a_conflict_without_end_sends_nothing_and_counts_nothing() {
    let app = TestApp::start_with(|config| {
        config.limits = shared::limits::Limits::parse("send-of-user=1/86400").unwrap();
    })
    .await;
    let (jwt, account) = jane_with(&app, "a.txt").await;
    app.faults
        .skip_pauses(tokio::time::pause, tokio::time::resume);
    app.faults.conflicts(10_000);
    let body = json!({"cloudAccountId": account, "email": "bob@example.com"});
    let answer = send(&app, &jwt, body.clone()).await;
    answer.expect_problem(499, "INTERNAL_ERROR");
    assert!(app.mailbox.messages_to("bob@example.com").is_empty());
    assert!(app.records_of("LINK#").is_empty());
    app.faults.conflicts(0);
    send(&app, &jwt, body).await.expect_empty();
}
