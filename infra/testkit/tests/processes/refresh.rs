//! The refresh of one account's tokens, by many callers in several processes.

use std::time::Duration;

use futures_util::future::join_all;
use simulators::drives::{Fault, Scope, Vendor};
use testkit::{Response, TestApp};

use crate::service::Service;

/// An account whose access token has ended, and processes to refresh it.
struct Run {
    app: TestApp,
    vendor: Vendor,
    id: String,
    services: Vec<Service>,
}

impl Run {
    async fn start(vendor: Vendor, processes: usize, lease_seconds: u32) -> Self {
        let app = TestApp::start().await;
        app.clock.catch_up();
        let id = app
            .user("jane@example.com")
            .await
            .connect_drive(vendor)
            .await;
        app.let_access_end(&id).await;
        let start = (0..processes).map(|_| Service::start(&app, lease_seconds));
        let services = join_all(start).await;
        Self {
            app,
            vendor,
            id,
            services,
        }
    }

    fn fault(&self, fault: Fault, times: usize) {
        let vendor = self.app.drives.of(self.vendor);
        vendor.switches().add(fault, Scope::Token, Some(times));
    }

    /// `count` callers at once, spread over the processes from the `first` on.
    async fn call(&self, first: usize, count: usize) -> Vec<Response> {
        let services = &self.services[first..];
        let calls = (0..count).map(|n| services[n % services.len()].refresh(&self.id));
        join_all(calls).await
    }

    fn refresh_calls(&self) -> usize {
        self.app.drives.of(self.vendor).grants().refresh_calls
    }

    /// Lets the pause after a failure be over.
    async fn let_cooldown_end(&self) {
        let mut record = self.app.record(&format!("CLOUD#{}", self.id));
        record
            .as_object_mut()
            .unwrap()
            .remove("cooldown_until_ms")
            .expect("a failure is followed by a pause");
        self.app.put_record(&record).await;
    }

    async fn holds_the_live_token(&self) -> bool {
        self.app.holds_the_live_token(self.vendor, &self.id).await
    }
}

#[track_caller]
fn expect_all_ok(answers: &[Response]) {
    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["active"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_callers_in_four_processes_make_one_call() {
    for vendor in Vendor::ALL {
        let run = Run::start(vendor, 4, 30).await;
        run.fault(Fault::Slow { ms: 500 }, 1);

        let answers = run.call(0, 200).await;

        expect_all_ok(&answers);
        assert_eq!(run.refresh_calls(), 1, "{vendor:?}");
        assert!(run.holds_the_live_token().await, "{vendor:?}");
        println!("{vendor:?}: 200 callers, 4 processes: 1 token call, 0 failures");
    }
}

/// The holder shows signs of life, so its lease lasts as long as the vendor takes.
#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_slower_than_the_lease_is_waited_for() {
    let run = Run::start(Vendor::Box, 4, 1).await;
    run.fault(Fault::SlowAnswer { ms: 4_000 }, 1);

    let answers = run.call(0, 200).await;

    expect_all_ok(&answers);
    assert_eq!(run.refresh_calls(), 1);
    assert!(run.holds_the_live_token().await);
    println!("Box, 4 s for a lease of 1 s: 200 callers: 1 token call, 0 failures");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_killed_before_the_vendor_acts_is_succeeded() {
    let mut run = Run::start(Vendor::Box, 5, 2).await;
    run.fault(Fault::Slow { ms: 30_000 }, 1);
    kill_the_first_holder(&mut run).await;

    let answers = run.call(1, 200).await;

    expect_all_ok(&answers);
    assert_eq!(
        run.refresh_calls(),
        1,
        "the killed one's was not acted upon"
    );
    assert!(run.holds_the_live_token().await);
    println!("Box, holder killed before the act: 200 callers: 1 token call, 0 failures");
}

/// The vendor's answer dies with the holder, and its tokens work once: the account is flagged, the
/// flag says why, and nobody asks again.
#[tokio::test(flavor = "multi_thread")]
async fn a_holder_killed_after_the_vendor_acted_leaves_a_clear_state() {
    let mut run = Run::start(Vendor::Box, 5, 2).await;
    run.fault(Fault::SlowAnswer { ms: 30_000 }, 1);
    kill_the_first_holder(&mut run).await;

    let answers = run.call(1, 200).await;

    for answer in &answers {
        let message = answer.expect_problem(499, "ACCESS");
        assert!(message.contains("did not arrive"), "{message}");
    }
    assert_eq!(
        run.refresh_calls(),
        2,
        "the lost one, and the one that tells"
    );
    let record = run.app.record(&format!("CLOUD#{}", run.id));
    assert_eq!(record["active"]["BOOL"], false);
    run.call(1, 20).await;
    assert_eq!(run.refresh_calls(), 2);
    println!("Box, holder killed after the act: 200 callers: 2 token calls, all told why");
}

/// Where tokens work more than once, whoever succeeds a killed holder simply asks again.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_holder_costs_other_vendors_one_call() {
    for vendor in [Vendor::Dropbox, Vendor::OneDrive, Vendor::GoogleDrive] {
        let mut run = Run::start(vendor, 5, 2).await;
        run.fault(Fault::SlowAnswer { ms: 30_000 }, 1);
        kill_the_first_holder(&mut run).await;

        expect_all_ok(&run.call(1, 200).await);

        assert_eq!(run.refresh_calls(), 2, "{vendor:?}");
        assert!(run.holds_the_live_token().await, "{vendor:?}");
        println!("{vendor:?}, holder killed after the act: 200 callers: 2 token calls, 0 failures");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_asked_for_again_where_tokens_allow_it() {
    for vendor in [Vendor::Dropbox, Vendor::OneDrive, Vendor::GoogleDrive] {
        let run = Run::start(vendor, 4, 30).await;
        run.fault(Fault::LoseAnswer, 1);

        expect_all_ok(&run.call(0, 200).await);

        assert_eq!(run.refresh_calls(), 2, "{vendor:?}");
        assert!(run.holds_the_live_token().await, "{vendor:?}");
        println!("{vendor:?}, answer lost: 200 callers: 2 token calls, 0 failures");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_where_tokens_work_once_becomes_a_clear_state() {
    let run = Run::start(Vendor::Box, 4, 30).await;
    run.fault(Fault::LoseAnswer, 1);

    for answer in run.call(0, 200).await {
        answer.expect_problem(499, "INTERNAL_ERROR");
        assert!(!answer.header("retry-after").is_empty());
    }
    assert_eq!(run.refresh_calls(), 1, "nobody spends a token blindly");

    run.let_cooldown_end().await;
    for answer in run.call(0, 200).await {
        let message = answer.expect_problem(499, "ACCESS");
        assert!(message.contains("did not arrive"), "{message}");
    }
    assert_eq!(run.refresh_calls(), 2);
    println!("Box, answer lost: 400 callers: 2 token calls, then flagged with the reason");
}

/// Lets the first process take the lead, and kills it while the vendor is at it.
async fn kill_the_first_holder(run: &mut Run) {
    let (first, others) = run.services.split_first_mut().unwrap();
    assert!(others.len() >= 4);
    let (id, app) = (run.id.clone(), &run.app);
    let leads = async {
        let leased = || app.record(&format!("CLOUD#{id}"))["lease_owner"]["S"].is_string();
        while !leased() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // The request is on its way, and then at the vendor.
        tokio::time::sleep(Duration::from_millis(400)).await;
    };
    tokio::select! {
        answer = first.refresh(&id) => panic!("it answered: {}", answer.text()),
        () = leads => {}
    }
    first.kill().await;
}
