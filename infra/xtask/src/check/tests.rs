//! The whole check, over a small tree that agrees with itself, and over that tree with one thing
//! wrong.

use std::fs;

use tempfile::TempDir;

use super::*;

const ROUTER: &str = "functions/auth/src/lib.rs";
const HANDLER: &str = "functions/auth/src/login.rs";
const TEMPLATE: &str = "template.yaml";
const EVENT: &str = "events/auth/login.json";
const README: &str = "README.md";

/// A second endpoint, as each place would state it.
const LOGOUT: [(&str, &str); 5] = [
    (
        ROUTER,
        "    .route(\"/api/logout\", post(logout::handle))\n",
    ),
    (
        TEMPLATE,
        "        Logout:\n          Type: HttpApi\n          \
         Properties: {Method: POST, Path: /api/logout}\n",
    ),
    (README, "| auth | POST | `/api/logout` | ends a session |\n"),
    ("functions/auth/src/logout.rs", ""),
    ("Cargo.toml", "\"/api/logout\" = \"auth\"\n"),
];

fn agreeing_tree() -> TempDir {
    let tree = TempDir::new().unwrap();
    write(
        &tree,
        ROUTER,
        "Router::new()\n    .route(\"/api/login\", post(login::handle))\n",
    );
    write(&tree, HANDLER, "");
    write(&tree, "functions/auth/Cargo.toml", "");
    write(&tree, "shared/src/lib.rs", "");
    write(&tree, "shared/Cargo.toml", "");
    write(&tree, "infra/deny.toml", "");
    write(
        &tree,
        TEMPLATE,
        "Resources:\n  Auth:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
         CodeUri: functions/auth/\n      Timeout: 25\n      Events:\n        Login:\n          \
         Type: HttpApi\n          Properties: {Method: POST, Path: /api/login}\n",
    );
    write(&tree, EVENT, &event_for("/api/login"));
    write(
        &tree,
        "Cargo.toml",
        "[workspace.metadata.lambda.watch.router]\n\"/api/login\" = \"auth\"\n",
    );
    write(
        &tree,
        README,
        "| auth | POST | `/api/login` | starts a session |\n",
    );
    tree
}

fn event_for(path: &str) -> String {
    serde_json::json!({
        "version": "2.0",
        "routeKey": format!("POST {path}"),
        "rawPath": path,
        "requestContext": { "http": { "method": "POST", "path": path, "sourceIp": "192.0.2.1" } },
    })
    .to_string()
}

fn write(tree: &TempDir, place: &str, text: &str) {
    let path = tree.path().join(place);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn append(tree: &TempDir, place: &str, text: &str) {
    let old = fs::read_to_string(tree.path().join(place)).unwrap_or_default();
    write(tree, place, &(old + text));
}

fn problems(tree: &TempDir) -> Problems {
    run(tree.path()).problems
}

#[test]
fn a_tree_that_agrees_has_no_problem() {
    let tree = agreeing_tree();
    let outcome = run(tree.path());
    assert_eq!(outcome.problems, Problems::new());
    assert_eq!((outcome.endpoints, outcome.families), (1, 1));

    for (place, text) in LOGOUT {
        append(&tree, place, text);
    }
    write(&tree, "events/auth/logout.json", &event_for("/api/logout"));
    let outcome = run(tree.path());
    assert_eq!(outcome.problems, Problems::new());
    assert_eq!((outcome.endpoints, outcome.families), (2, 1));
}

#[test]
fn a_route_that_only_the_router_has_is_reported_everywhere_else() {
    let tree = agreeing_tree();
    append(&tree, LOGOUT[0].0, LOGOUT[0].1);

    let logout = "POST /api/logout (auth)";
    assert_eq!(
        problems(&tree),
        [
            format!("template.yaml: lacks {logout}, which the router serves"),
            "Cargo.toml: [workspace.metadata.lambda.watch.router] lacks /api/logout (auth)"
                .to_owned(),
            format!("README.md: lacks {logout}, which the router serves"),
            format!("events/: lacks {logout}, which the router serves"),
            format!(
                "functions/auth/src/logout.rs: is missing, though the router sends {logout} there"
            ),
        ]
    );
}

#[test]
fn a_route_that_the_router_lacks_is_reported() {
    for (place, text) in &LOGOUT[1..3] {
        let tree = agreeing_tree();
        append(&tree, place, text);
        assert_eq!(
            problems(&tree),
            [format!(
                "{place}: has POST /api/logout (auth), which no router serves"
            )]
        );
    }
    let tree = agreeing_tree();
    write(&tree, "events/auth/logout.json", &event_for("/api/logout"));
    assert_eq!(
        problems(&tree),
        ["events/auth/logout.json: replays POST /api/logout (auth), which no router serves"]
    );
}

#[test]
fn a_missing_place_is_reported() {
    for place in [ROUTER, HANDLER, TEMPLATE, EVENT, README] {
        let tree = agreeing_tree();
        fs::remove_file(tree.path().join(place)).unwrap();
        assert!(!problems(&tree).is_empty(), "{place}");
    }
}

#[test]
fn a_case_does_not_stand_in_for_the_plain_event() {
    let tree = agreeing_tree();
    fs::rename(
        tree.path().join(EVENT),
        tree.path().join("events/auth/login.late.json"),
    )
    .unwrap();
    assert_eq!(
        problems(&tree),
        ["events/: lacks POST /api/login (auth), which the router serves"]
    );
}

#[test]
fn an_endpoint_in_the_wrong_family_is_reported() {
    let tree = agreeing_tree();
    write(
        &tree,
        README,
        "| signup | POST | `/api/login` | starts a session |\n",
    );
    assert_eq!(
        problems(&tree),
        [
            "README.md: lacks POST /api/login (auth), which the router serves",
            "README.md: has POST /api/login (signup), which no router serves",
        ]
    );
}

#[test]
fn a_family_that_routes_nothing_is_reported() {
    let tree = agreeing_tree();
    write(&tree, "functions/links/src/lib.rs", "");
    assert_eq!(
        problems(&tree),
        ["functions/links/src/lib.rs: routes nothing"]
    );
}

#[test]
fn a_file_over_the_limit_is_reported_however_deep() {
    let tree = agreeing_tree();
    write(&tree, "shared/src/web/long.rs", &"\n".repeat(451));
    write(&tree, "shared/src/web/just.rs", &"\n".repeat(450));
    assert_eq!(
        problems(&tree),
        ["shared/src/web/long.rs: has 451 lines; 450 is the limit"]
    );
}

#[test]
fn a_job_has_no_routes_and_events_of_its_own_kind() {
    for (run, event) in [
        ("run_scheduled", r#"{"detail-type": "Scheduled Event"}"#),
        (
            "run_notified",
            r#"{"Records": [{"EventSource": "aws:sns"}]}"#,
        ),
    ] {
        let tree = agreeing_tree();
        write(
            &tree,
            "functions/job/src/main.rs",
            &format!("{run}(job::work).await"),
        );
        write(&tree, "events/job/event.json", event);
        let outcome = super::run(tree.path());
        assert_eq!(outcome.problems, Problems::new(), "{run}");
        assert_eq!((outcome.endpoints, outcome.families), (1, 1), "{run}");

        write(&tree, "events/job/event.json", &event_for("/api/login"));
        assert_eq!(
            problems(&tree),
            ["events/job/event.json: is no event of a schedule or a topic"],
            "{run}"
        );
    }
}
