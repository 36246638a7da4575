//! A job of the schedule: grants that nobody uses are used before their vendors let them die.

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use shared::app::App;
use shared::database::{SEGMENTS, StoredCloudAccount};
use shared::deadline;
use shared::domain::Result;
use tokio::time::{Duration, Instant};
use uuid::Uuid;

/// The shortest life that a vendor gives an idle grant is 60 days (Box). What was used later than
/// this is nobody's business.
const IDLE_MIN: SignedDuration = SignedDuration::from_hours(30 * 24);
/// So many accounts are renewed at a time, and each has so long.
const AT_A_TIME: usize = 8;
const ACCOUNT_TIME: Duration = Duration::from_secs(20);
/// Nothing is begun after so long: the function is cut off after 300 s, and a refresh that is cut
/// off may lose its tokens.
const TIME_MAX: Duration = Duration::from_mins(4);

/// Renews every grant that has been idle for long. One that cannot be renewed is logged and left to
/// the next run; a dead one is flagged, so that its user reads why. Each run begins at another part
/// of the table, so that a part that takes all of a run's time keeps the others waiting once only.
pub async fn sweep(app: App) -> Result<()> {
    let start = Instant::now();
    let now = app.clock().now();
    let first = Uuid::new_v4().as_bytes()[0];
    let (mut renewed, mut failed, mut segments) = (0, 0, 0);
    'table: for segment in (0..SEGMENTS).map(|n| (first % SEGMENTS + n) % SEGMENTS) {
        let mut from = None;
        loop {
            let page = app.database().idle_grants(now - IDLE_MIN, segment, from);
            let (accounts, next) = page.await?;
            let due = accounts
                .into_iter()
                .filter(|account| is_due(&app, account, now))
                .collect::<Vec<_>>();
            let outcomes = stream::iter(due)
                .take_while(|_| std::future::ready(start.elapsed() < TIME_MAX))
                .map(|account| renew(&app, account))
                .buffer_unordered(AT_A_TIME)
                .collect::<Vec<_>>()
                .await;
            renewed += outcomes.iter().filter(|renewed| **renewed).count();
            failed += outcomes.iter().filter(|renewed| !**renewed).count();
            if start.elapsed() >= TIME_MAX {
                break 'table;
            }
            from = next;
            if from.is_none() {
                break;
            }
        }
        segments += 1;
    }
    tracing::info!(renewed, failed, segments, of = SEGMENTS, "swept");
    Ok(())
}

/// The vendor would let the grant die, and it has been idle for the time that is set for it.
fn is_due(app: &App, account: &StoredCloudAccount, now: Timestamp) -> bool {
    let keep_alive_after = app.providers().keep_alive_after(account.provider());
    keep_alive_after
        .zip(account.last_refreshed())
        .is_some_and(|(after, last)| last + after <= now)
}

/// Whether the grant was renewed.
async fn renew(app: &App, account: StoredCloudAccount) -> bool {
    let id = account.id();
    let renewal = app.refresher();
    let renewal = renewal.renewed(account);
    match deadline::within(Instant::now() + ACCOUNT_TIME, renewal).await {
        Ok(_) => true,
        Err(error) => {
            let (text, causes) = (error.public(), error.causes());
            tracing::warn!(%id, text, causes, "a grant was not renewed");
            false
        }
    }
}
