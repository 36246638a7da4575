//! One connection per cloud account that is not deleted: at any moment, whoever writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Method;
use jiff::SignedDuration;
use serde_json::Value;
use shared::domain::connections::{Connections, Subscription};
use shared::domain::ids::AccountId;
use testkit::{Process, S3_ACCESS_KEY, TestApp, User};

use crate::{INSERT, delete_path, expect_not_found};

/// The free plan's free connections.
const FREE_MAX: usize = 3;

/// What one moment of the table says of an Amove account's connections.
#[derive(Debug, PartialEq, Eq)]
struct Sums {
    counted: usize,
    subscriptions: usize,
    accounts: usize,
}

/// Reads the whole table in one page, so that nothing changes in between.
#[track_caller]
fn sums(app: &TestApp, account: AccountId) -> Sums {
    let partition = format!("ACCOUNT#{account}");
    let (mut counted, mut subscriptions, mut accounts) = (None, 0, 0);
    for item in app.records() {
        let text = |name: &str| item[name]["S"].as_str().unwrap_or_default();
        if text("pk") == partition && text("sk") == "META" {
            counted = item["connections"]["N"].as_str().map(str::parse);
        } else if text("pk") == partition && text("sk").starts_with("SUB#connection#") {
            subscriptions += 1;
        } else if text("pk").starts_with("CLOUD#") && text("account_id") == account.to_string() {
            let deleted = item["deleted"]["BOOL"].as_bool().expect("a flag");
            let sealed = item.get("secret_key").is_some();
            assert_ne!(deleted, sealed, "deleted and sealed at the same moment");
            accounts += usize::from(!deleted);
        }
    }
    Sums {
        counted: counted.expect("the account counts").expect("a number"),
        subscriptions,
        accounts,
    }
}

impl Sums {
    fn agree(&self) -> bool {
        self.counted == self.subscriptions && self.counted == self.accounts
    }
}

async fn connections(app: &TestApp, account: AccountId) -> Connections {
    let subscriptions = app.app.database().subscriptions(account).await;
    Connections::divide(
        subscriptions.expect("the subscriptions are read"),
        app.app.config().connections_free_max,
    )
}

fn ids(subscriptions: &[Subscription]) -> Vec<String> {
    subscriptions
        .iter()
        .map(|subscription| subscription.cloud_account_id.to_string())
        .collect()
}

/// Connects `count` drives, a second apart; answers their ids, oldest first.
async fn connect(app: &TestApp, jane: &User<'_>, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..count {
        app.clock.advance(SignedDuration::from_secs(1));
        ids.push(jane.connect_s3().await);
    }
    ids
}

#[tokio::test]
async fn connections_are_free_up_to_the_plans_maximum_and_paid_beyond() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let account = app.account_of("jane@example.com");
    assert_eq!(app.app.config().connections_free_max, FREE_MAX);

    let mut connected = Vec::new();
    for n in 0..=6 {
        let Connections { free, paid } = connections(&app, account).await;
        let (first, rest) = connected.split_at(n.min(FREE_MAX));
        assert_eq!((&*ids(&free), &*ids(&paid)), (first, rest), "with {n}");
        assert!(sums(&app, account).agree());
        connected.extend(connect(&app, &jane, 1).await);
    }
}

#[tokio::test]
async fn deleting_a_free_one_frees_the_oldest_paid_one() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let account = app.account_of("jane@example.com");
    let all = connect(&app, &jane, 6).await;

    jane.delete(&delete_path(&all[1])).await.json();
    let now = connections(&app, account).await;
    assert_eq!(ids(&now.free), [&*all[0], &all[2], &all[3]]);
    assert_eq!(ids(&now.paid), [&*all[4], &all[5]]);

    jane.delete(&delete_path(&all[4])).await.json();
    let now = connections(&app, account).await;
    assert_eq!(ids(&now.free), [&*all[0], &all[2], &all[3]]);
    assert_eq!(ids(&now.paid), [&*all[5]]);

    for id in [&all[0], &all[2], &all[3], &all[5]] {
        jane.delete(&delete_path(id)).await.json();
    }
    let now = connections(&app, account).await;
    assert_eq!((now.free, now.paid), (Vec::new(), Vec::new()));
    assert_eq!(sums(&app, account).counted, 0);
}

#[tokio::test]
async fn the_maximum_is_configuration() {
    let app = TestApp::start_with(|config| config.connections_free_max = 1).await;
    let jane = app.user("jane@example.com").await;
    let all = connect(&app, &jane, 2).await;

    let now = connections(&app, app.account_of("jane@example.com")).await;
    assert_eq!(
        (ids(&now.free), ids(&now.paid)),
        (vec![all[0].clone()], vec![all[1].clone()])
    );
}

#[tokio::test]
async fn colleagues_share_the_accounts_connections_and_strangers_do_not() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let joe = app.colleague(&jane, "joe@example.com", 64).await;
    let mallory = app.user("mallory@example.com").await;

    jane.connect_s3().await;
    joe.connect_s3().await;
    mallory.connect_s3().await;

    assert_eq!(sums(&app, app.account_of("jane@example.com")).counted, 2);
    assert_eq!(sums(&app, app.account_of("mallory@example.com")).counted, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_deleted_by_many_at_once_is_deleted_once() {
    let app = Arc::new(TestApp::start().await);
    let jane = app.user("jane@example.com").await;
    let account = app.account_of("jane@example.com");
    let all = connect(&app, &jane, 3).await;

    let (jwt, path) = (jane.jwt.clone(), delete_path(&all[0]));
    let answers = app
        .at_once(20, move |app, _| {
            let (jwt, path) = (jwt.clone(), path.clone());
            async move { app.request(Method::DELETE, &path, Some(&jwt), None).await }
        })
        .await;

    let (deleted, late): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((deleted.len(), late.len()), (1, 19));
    late.into_iter().for_each(expect_not_found);
    assert_eq!(sums(&app, account).counted, 2);
    assert!(sums(&app, account).agree());
}

/// How many work at once, and how many drives each connects. Of every three, one is kept, one
/// deleted once and one deleted by two at once.
const WORKERS: usize = 16;
const DRIVES: usize = 9;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_moment_of_hundreds_of_writes_shows_another_sum() {
    let app = Arc::new(TestApp::start().await);
    let jane = app.user("jane@example.com").await;
    let account = app.account_of("jane@example.com");
    let done = Arc::new(AtomicBool::new(false));
    let observer = tokio::spawn(observe(Arc::clone(&app), account, Arc::clone(&done)));

    let (jwt, body) = (jane.jwt.clone(), jane.s3_connection());
    let mut kept: Vec<String> = app
        .at_once(WORKERS, move |app, _| {
            let process = app.another_process();
            work(app, process, jwt.clone(), body.clone())
        })
        .await
        .concat();
    done.store(true, Ordering::SeqCst);
    let moments = observer.await.unwrap();

    assert!(moments > 20, "only {moments} different moments were seen");
    let expected = WORKERS * DRIVES / 3;
    assert_eq!(kept.len(), expected);
    let last = sums(&app, account);
    assert!(last.agree() && last.counted == expected, "{last:?}");
    let counted = app.app.database().connection_count(account).await.unwrap();
    assert_eq!(usize::try_from(counted).unwrap(), expected);
    let Connections { free, paid } = connections(&app, account).await;
    assert_eq!((free.len(), paid.len()), (FREE_MAX, expected - FREE_MAX));
    let mut held = [ids(&free), ids(&paid)].concat();
    held.sort_unstable();
    kept.sort_unstable();
    assert_eq!(held, kept);
}

/// Checks moment after moment; answers how many different ones it saw.
async fn observe(app: Arc<TestApp>, account: AccountId, done: Arc<AtomicBool>) -> usize {
    let (mut moments, mut last) = (0, sums(&app, account));
    while !done.load(Ordering::SeqCst) {
        let now = sums(&app, account);
        assert!(now.agree(), "{now:?}");
        moments += usize::from(now != last);
        last = now;
        tokio::task::yield_now().await;
    }
    moments
}

/// Connects and deletes, through one process and another in turn; answers what it kept.
async fn work(app: Arc<TestApp>, other: Process, jwt: String, body: Value) -> Vec<String> {
    let mut kept = Vec::new();
    for n in 0..DRIVES {
        let answer = if n % 2 == 0 {
            app.request(Method::POST, INSERT, Some(&jwt), Some(&body))
                .await
        } else {
            other
                .request(Method::POST, INSERT, Some(&jwt), Some(&body))
                .await
        };
        let drive = answer.json();
        assert_eq!(drive["accessKey"], format!("****{}", &S3_ACCESS_KEY[16..]));
        let id = drive["id"].as_str().expect("an id").to_owned();
        let path = delete_path(&id);
        let here = app.request(Method::DELETE, &path, Some(&jwt), None);
        let there = other.request(Method::DELETE, &path, Some(&jwt), None);
        match n % 3 {
            0 => kept.push(id),
            1 => assert_eq!(here.await.text(), "true"),
            _ => {
                let (here, there) = tokio::join!(here, there);
                let (won, lost) = if here.status == 200 {
                    (here, there)
                } else {
                    (there, here)
                };
                assert_eq!(won.text(), "true");
                expect_not_found(&lost);
            }
        }
    }
    kept
}
