//! State and switches of the vendors as JSON, for a person at the local runner and for tests of
//! other processes.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::switches::Switched;
use super::{Drives, Simulator, Vendor};

pub(super) fn router(drives: Drives) -> Router {
    Router::new()
        .route("/{slug}", get(state).post(switch).delete(reset))
        .with_state(drives)
}

/// What a vendor knows, without any secret.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StateAnswer {
    now: String,
    token_calls: usize,
    refresh_calls: usize,
    grants: usize,
    grants_revoked: usize,
    faults: Vec<Switched>,
    files: Vec<FileAnswer>,
}

#[derive(Serialize)]
struct FileAnswer {
    path: String,
    folder: bool,
    size: usize,
}

/// What can be done to a vendor; every field may be left out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SwitchRequest {
    /// The faults that are to be on, in place of those that are.
    faults: Option<Vec<Switched>>,
    /// Puts the vendor's clock forward.
    #[serde(default)]
    advance_seconds: i64,
    /// Lets the access tokens of from now on live so long; 0 for as long as the vendor's do.
    access_seconds: Option<u32>,
    /// The user removes the app: every grant is taken back.
    #[serde(default)]
    revoke: bool,
    /// Every access token ends now; refresh tokens stay.
    #[serde(default)]
    expire_access: bool,
}

/// There is no such vendor.
struct Unknown;

impl IntoResponse for Unknown {
    fn into_response(self) -> Response {
        let text = "dropbox, box, onedrive or googledrive\n";
        (StatusCode::NOT_FOUND, text).into_response()
    }
}

fn simulator(drives: &Drives, slug: &str) -> Result<Simulator, Unknown> {
    Vendor::ALL
        .into_iter()
        .find(|vendor| vendor.slug() == slug)
        .map(|vendor| drives.of(vendor).clone())
        .ok_or(Unknown)
}

fn answer(simulator: &Simulator) -> Json<StateAnswer> {
    let tree = simulator.tree();
    let files = tree
        .all()
        .filter(|node| node.parent.is_some() && !tree.is_trashed(node.id))
        .map(|node| FileAnswer {
            path: tree.path(node.id),
            folder: node.is_folder(),
            size: node.size(),
        })
        .collect();
    let grants = simulator.grants();
    let (count, revoked) = grants.count();
    Json(StateAnswer {
        now: simulator.clock().now().to_string(),
        token_calls: grants.token_calls,
        refresh_calls: grants.refresh_calls,
        grants: count,
        grants_revoked: revoked,
        faults: simulator.switches().all(),
        files,
    })
}

async fn state(
    State(drives): State<Drives>,
    Path(slug): Path<String>,
) -> Result<Json<StateAnswer>, Unknown> {
    Ok(answer(&simulator(&drives, &slug)?))
}

async fn switch(
    State(drives): State<Drives>,
    Path(slug): Path<String>,
    Json(request): Json<SwitchRequest>,
) -> Result<Json<StateAnswer>, Unknown> {
    let simulator = simulator(&drives, &slug)?;
    if let Some(faults) = request.faults {
        simulator.switches().set(faults);
    }
    simulator
        .clock()
        .advance(SignedDuration::from_secs(request.advance_seconds));
    if let Some(seconds) = request.access_seconds {
        let lifetime = SignedDuration::from_secs(seconds.into());
        simulator.set_access_lifetime((seconds > 0).then_some(lifetime));
    }
    let now = simulator.clock().now();
    let mut grants = simulator.grants();
    if request.revoke {
        grants.revoke_all();
    }
    if request.expire_access {
        grants.expire_access(now);
    }
    drop(grants);
    Ok(answer(&simulator))
}

async fn reset(
    State(drives): State<Drives>,
    Path(slug): Path<String>,
) -> Result<Json<StateAnswer>, Unknown> {
    let simulator = simulator(&drives, &slug)?;
    simulator.reset();
    Ok(answer(&simulator))
}
