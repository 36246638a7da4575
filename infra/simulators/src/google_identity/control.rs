//! Tokens, rotation, state and switches of Google's identity service as JSON, for a person at the
//! local runner and for tests of other processes.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{GoogleIdentity, KeyFault, SigningKey};

pub(super) fn router(google: GoogleIdentity) -> Router {
    Router::new()
        .route("/", get(state).post(switch).delete(reset))
        .route("/id_token", post(id_token))
        .route("/rotate", post(rotate))
        .with_state(google)
}

/// What is published, without any secret.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StateAnswer {
    client_id: &'static str,
    kids: Vec<String>,
    key_fetches: usize,
    cache_control: String,
}

/// What can be done to the service; every field may be left out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SwitchRequest {
    /// Sent with the keys from now on.
    cache_control: Option<String>,
    /// What the next requests for the keys meet.
    fault: Option<KeyFault>,
    /// How many of them.
    #[serde(default = "once")]
    times: usize,
}

fn once() -> usize {
    1
}

fn answer(google: &GoogleIdentity) -> Json<StateAnswer> {
    let published = google.published();
    Json(StateAnswer {
        client_id: super::CLIENT_ID,
        kids: published
            .keys()
            .iter()
            .map(SigningKey::kid)
            .map(str::to_owned)
            .collect(),
        key_fetches: published.fetches,
        cache_control: published.cache_control.clone(),
    })
}

async fn state(State(google): State<GoogleIdentity>) -> Json<StateAnswer> {
    answer(&google)
}

async fn switch(
    State(google): State<GoogleIdentity>,
    Json(request): Json<SwitchRequest>,
) -> Json<StateAnswer> {
    if let Some(value) = request.cache_control {
        google.set_cache_control(&value);
    }
    if let Some(fault) = request.fault {
        google.fail(fault, request.times);
    }
    answer(&google)
}

async fn reset(State(google): State<GoogleIdentity>) -> Json<StateAnswer> {
    google.reset();
    answer(&google)
}

/// Signs a token: the body is an object of claims to set, or to remove where they are null; no body
/// changes none. Whatever `Content-Type` is given, so that `curl -d` does.
async fn id_token(
    State(google): State<GoogleIdentity>,
    body: Bytes,
) -> Result<Json<String>, (StatusCode, &'static str)> {
    let overrides = match serde_json::from_slice(&body) {
        _ if body.is_empty() => json!({}),
        Ok(overrides @ Value::Object(_)) => overrides,
        _ => return Err((StatusCode::BAD_REQUEST, "a JSON object of claims\n")),
    };
    Ok(Json(google.id_token(&overrides)))
}

async fn rotate(State(google): State<GoogleIdentity>) {
    google.rotate();
}
