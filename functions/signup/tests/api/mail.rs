//! What is mailed, what is not, and what happens while no mail can be sent.

use std::sync::Arc;

use testkit::{PASSWORD, Response, TestApp};

use crate::{MINUTE, attempts};

#[tokio::test]
async fn an_activation_mail_carries_name_time_and_code_and_constant_headers() {
    let app = TestApp::start().await;

    app.sign_up("Jane Döe", "Jane@Example.com", PASSWORD)
        .await
        .expect_empty();

    let mails = app.mailbox.all();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail.to, "Jane@example.com");
    assert_eq!(mail.from, "Desktop <no-reply@desktop.example>");
    assert_eq!(mail.subject, "Confirm your sign-up");
    assert_eq!(mail.reply_to, Vec::<String>::new());
    let configuration_set = mail.configuration_set.as_deref();
    assert_eq!(configuration_set, Some(testkit::MAIL_CONFIGURATION_SET));
    let asked = app.clock.now().strftime("%Y-%m-%d %H:%M UTC").to_string();
    let code = app.mailed_code("jane@example.com");
    for part in [&mail.text, &mail.html] {
        for told in ["Jane Döe", &asked, &code, "24 hours"] {
            assert!(part.contains(told), "{told} in {part}");
        }
        assert!(!part.contains("http"), "nothing to click: {part}");
        assert!(!part.contains(PASSWORD));
    }
}

#[tokio::test]
async fn a_name_is_text_in_every_part_of_the_mail() {
    let app = TestApp::start().await;
    let names = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</bdi></p><a href='//evil.example'>Click</a>",
        "<!-- & --> &lt;b&gt; ' \" `",
        "{{ name }} {% raw %} ${7*7} %0d%0a",
    ];
    app.sign_up("Jane", "plain@example.com", PASSWORD)
        .await
        .expect_empty();
    let plain = app.mailbox.all().remove(0).html;
    for (number, name) in names.into_iter().enumerate() {
        app.sign_up(name, &format!("jane{number}@example.com"), PASSWORD)
            .await
            .expect_empty();
        let mail = app.mailbox.all().remove(0);
        assert!(
            mail.text.starts_with(&format!("Hello {name},")),
            "{}",
            mail.text
        );
        assert_eq!(mail.subject, "Confirm your sign-up");
        for (sign, what) in [
            ('<', "tags"),
            ('>', "tags"),
            ('"', "attributes"),
            ('\'', "attributes"),
        ] {
            let count = |html: &str| html.matches(sign).count();
            assert_eq!(
                count(&mail.html),
                count(&plain),
                "{what} of {name}: {}",
                mail.html
            );
        }
        assert!(
            !name.contains('&') || mail.html.contains("&#38;lt;b&#38;gt;"),
            "{}",
            mail.html
        );
    }
}

#[track_caller]
fn expect_outage(answer: &Response) {
    assert_eq!(
        answer.outcome(),
        "499 INTERNAL_ERROR The mail could not be sent. Try again."
    );
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
}

#[tokio::test]
async fn after_an_outage_of_ses_the_next_request_mails_at_once() {
    for repeat in ["signup", "resend"] {
        let app = TestApp::start().await;
        app.control.fail_mail(true);
        expect_outage(&app.sign_up("Jane", "jane@example.com", PASSWORD).await);
        assert_eq!(app.mailbox.all().len(), 0);
        app.control.fail_mail(false);

        if repeat == "signup" {
            app.sign_up("Jane", "jane@example.com", PASSWORD)
                .await
                .expect_empty();
        } else {
            app.resend("jane@example.com").await.expect_empty();
        }

        assert_eq!(app.mailbox.all().len(), 1, "{repeat}");
        app.confirm(&app.mailed_code("jane@example.com"))
            .await
            .string();
    }
}

#[tokio::test]
async fn a_resend_that_failed_may_be_repeated_at_once() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    app.clock.advance(MINUTE);
    app.control.fail_mail(true);
    expect_outage(&app.resend("jane@example.com").await);
    app.control.fail_mail(false);

    app.resend("jane@example.com").await.expect_empty();
    app.resend("jane@example.com").await.expect_empty();

    assert_eq!(
        app.mailbox.all().len(),
        2,
        "and the minute begins with the mail that was sent"
    );
}

#[tokio::test]
async fn mails_that_failed_do_not_count_towards_the_ten() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    for _ in 2..=9 {
        app.clock.advance(MINUTE);
        app.resend("jane@example.com").await.expect_empty();
    }
    app.clock.advance(MINUTE);
    app.control.fail_mail(true);
    expect_outage(&app.resend("jane@example.com").await);
    app.control.fail_mail(false);

    app.resend("jane@example.com").await.expect_empty();

    assert_eq!(app.mailbox.all().len(), 10);
    app.clock.advance(MINUTE);
    app.resend("jane@example.com")
        .await
        .expect_problem(499, "SECURITY");
}

#[tokio::test]
async fn the_owner_of_a_taken_address_is_told_after_the_outage() {
    let app = TestApp::start().await;
    app.user("owner@example.com").await;
    app.control.fail_mail(true);
    let taken = app.sign_up("Jane", "owner@example.com", PASSWORD).await;
    let new = app.sign_up("Jane", "jane@example.com", PASSWORD).await;
    expect_outage(&taken);
    assert_eq!(
        taken.observable(),
        new.observable(),
        "an outage tells nothing either"
    );
    app.control.fail_mail(false);

    app.sign_up("Jane", "owner@example.com", PASSWORD)
        .await
        .expect_empty();

    assert_eq!(app.mailbox.all()[0].subject, "You already have an account");
}

/// One of two sign-ups has the right to mail and fails, while the other one, quiet, is registered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_sign_up_during_an_outage_does_not_keep_the_next_mail_back() {
    let app = Arc::new(TestApp::start().await);
    app.control.fail_mail(true);
    let outcomes = app
        .at_once(2, |app, number| async move {
            let password = format!("password {number}");
            app.sign_up("Jane", "jane@example.com", &password)
                .await
                .status
        })
        .await;
    assert!(outcomes.contains(&499), "{outcomes:?}");
    app.control.fail_mail(false);

    app.resend("jane@example.com").await.expect_empty();

    assert_eq!(app.mailbox.all().len(), 1);
    app.confirm(&app.mailed_code("jane@example.com"))
        .await
        .string();
    assert_eq!(attempts(&app), 0);
}
