//! `serviceUrl` is hostile input: where it must not lead, nothing is dialled.

#[path = "../../../../shared/src/net/vectors.rs"]
mod vectors;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use secrecy::SecretString;
use serde_json::json;
use shared::domain::cloud_account::{CloudAccount, CloudProvider, Credentials};
use shared::domain::ids::CloudAccountId;
use testkit::{Response, TestApp, User};

use crate::{INSERT, snapshot, with};
use vectors::{HOSTS, URLS};

/// A door on loopback that nobody must knock at.
struct Door(TcpListener);

impl Door {
    fn new() -> Self {
        let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
        door.set_nonblocking(true).expect("accepting does not wait");
        Self(door)
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("it listens")
    }

    /// Nobody has knocked. That it would have been noticed is shown by a knock.
    #[track_caller]
    fn expect_untouched(&self) {
        assert!(self.0.accept().is_err(), "somebody dialled loopback");
        let knock = TcpStream::connect(self.address()).expect("the door is there");
        assert!(self.0.accept().is_ok(), "a knock is noticed");
        drop(knock);
    }
}

/// The service as it is deployed: loopback closed. The door's port is a permitted one, so that no
/// refusal is for the port alone.
async fn start(door: &Door) -> TestApp {
    let port = door.address().port();
    TestApp::start_with(|config| {
        config.egress.allow_loopback = false;
        config.egress.ports.push(port);
    })
    .await
}

async fn insert(jane: &User<'_>, url: &str) -> Response {
    jane.post(INSERT, with(jane.s3_connection(), "serviceUrl", url))
        .await
}

#[track_caller]
fn expect_refused(answer: &Response, url: &str) {
    let message = answer.expect_problem(499, "DEFAULT");
    assert!(message.starts_with("serviceUrl: "), "{url}: {message}");
}

#[tokio::test]
async fn no_hostile_url_is_dialled_or_stored() {
    let door = Door::new();
    let app = start(&door).await;
    let jane = app.user("jane@example.com").await;
    let port = door.address().port();
    let before = snapshot(&app);

    for (_, host) in HOSTS {
        for url in [
            format!("https://{host}"),
            format!("https://{host}/"),
            format!("https://{host}:{port}"),
            format!("http://{host}:{port}"),
        ] {
            expect_refused(&insert(&jane, &url).await, &url);
        }
    }
    for (_, url) in URLS {
        expect_refused(&insert(&jane, url).await, url);
    }
    assert_eq!(snapshot(&app), before);
    door.expect_untouched();
}

#[tokio::test]
async fn a_public_host_is_refused_on_a_port_of_something_else() {
    let door = Door::new();
    let app = start(&door).await;
    let jane = app.user("jane@example.com").await;

    for port in [
        1, 22, 25, 80, 1023, 2375, 2773, 3306, 5432, 6379, 8080, 9001, 11_211,
    ] {
        let url = format!("https://good.example:{port}");
        expect_refused(&insert(&jane, &url).await, &url);
    }
}

#[tokio::test]
async fn every_provider_is_held_to_the_same_rules() {
    let door = Door::new();
    let app = start(&door).await;
    let jane = app.user("jane@example.com").await;
    let before = snapshot(&app);

    let url = format!("https://[::ffff:127.0.0.1]:{}", door.address().port());
    for cloud_type in [1, 2, 4, 8, 16, 64] {
        let body = with(jane.s3_connection(), "cloudType", cloud_type);
        let answer = jane.post(INSERT, with(body, "serviceUrl", &*url)).await;
        expect_refused(&answer, &format!("{cloud_type}"));
    }
    assert_eq!(snapshot(&app), before);
    door.expect_untouched();
}

#[tokio::test]
async fn a_stored_url_is_judged_again_at_every_use() {
    let door = Door::new();
    let app = start(&door).await;
    let jane = app.user("jane@example.com").await;
    let owner = app.user_record("jane@example.com");
    let now = app.clock.now();
    let secret = |text: &str| Some(SecretString::from(text.to_owned()));
    // Accepted once, under rules that were less strict.
    let account = CloudAccount {
        id: CloudAccountId::new(now),
        account_id: app.account_of("jane@example.com"),
        user_id: owner["id"]["S"].as_str().unwrap().parse().unwrap(),
        provider: CloudProvider::S3Generic,
        name: "Old".to_owned(),
        credentials: Credentials {
            access_key: secret("AKIA"),
            secret_key: secret("canary"),
            credentials_data: None,
        },
        service_url: Some(format!("http://{}", door.address())),
        active: true,
        inactive_reason: None,
        shared: false,
        internal_storage: false,
        demo_prefix: None,
        created: now,
    };
    let database = app.app.database();
    database
        .insert_cloud_account(app.app.secrets(), &account)
        .await
        .unwrap();

    let id = account.id.to_string();
    for (endpoint, body) in [
        ("list_buckets", json!({})),
        ("list_objects", json!({})),
        ("create_folder", json!({"path": "/", "folderName": "a"})),
        ("delete_object", json!({"key": "a"})),
        ("generate_download_url", json!({"key": "a"})),
        ("generate_upload_url", json!({"key": "a"})),
    ] {
        expect_refused(&jane.storage(endpoint, &id, body).await, endpoint);
    }
    door.expect_untouched();
}

/// A server that answers every request with `answer`.
fn serve(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it listens");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut head = [0; 8_192];
            let _ = stream.read(&mut head);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}

/// A loopback address where nothing listens.
const CLOSED: &str = "http://127.0.0.1:1";

#[tokio::test]
async fn a_server_that_is_not_there_stores_nothing() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let before = snapshot(&app);

    let answer = insert(&jane, CLOSED).await;

    answer.expect_problem(499, "INTERNAL_ERROR");
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn answers_do_not_tell_what_listens_at_an_address() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let before = snapshot(&app);
    let http = |status: &str, body: &str| {
        let length = body.len();
        serve(format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ))
    };

    let nobody = insert(&jane, CLOSED).await;
    for (url, who) in [
        (http("200 OK", "<html>canary</html>"), "a web page"),
        (http("200 OK", ""), "an empty page"),
        (http("404 Not Found", "canary"), "a web server"),
        (http("401 Unauthorized", "canary"), "a guarded web server"),
        (http("403 Forbidden", "<a>canary</a>"), "a forbidden page"),
        (serve("SSH-2.0-canary\r\n".to_owned()), "another protocol"),
        (serve(String::new()), "a server that hangs up"),
    ] {
        let answer = insert(&jane, &url).await;
        assert_eq!(answer.observable(), nobody.observable(), "{who}");
    }
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let before = snapshot(&app);

    for status in [301, 302, 303, 307, 308] {
        let door = Door::new();
        let target = door.address();
        let url = serve(format!(
            "HTTP/1.1 {status} Elsewhere\r\nLocation: http://{target}/\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
        ));
        assert_eq!(insert(&jane, &url).await.status, 499, "{status}");
        door.expect_untouched();
    }
    assert_eq!(snapshot(&app), before);
}
