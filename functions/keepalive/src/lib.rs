//! A job of the schedule: grants that nobody uses are used before their vendors let them die.

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use shared::app::App;
use shared::database::StoredCloudAccount;
use shared::domain::Result;
use tokio::time::{Duration, Instant};

/// The shortest life that a vendor gives an idle grant is 60 days (Box). What was used later than
/// this is nobody's business.
const IDLE_MIN: SignedDuration = SignedDuration::from_hours(30 * 24);
/// So many accounts are renewed at a time.
const AT_A_TIME: usize = 8;
/// Nothing is begun after so long: the function is cut off after 300 s, and a refresh that is cut
/// off may lose its tokens. The next run goes on.
const TIME_MAX: Duration = Duration::from_mins(4);

/// Renews every grant that has been idle for long. One that cannot be renewed is logged and left to
/// the next run; a dead one is flagged, so that its user reads why.
pub async fn sweep(app: App) -> Result<()> {
    let start = Instant::now();
    let now = app.clock().now();
    let (mut renewed, mut failed, mut from) = (0, 0, None);
    loop {
        let (accounts, next) = app.database().idle_grants(now - IDLE_MIN, from).await?;
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
        renewed += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        failed += outcomes.iter().filter(|outcome| outcome.is_err()).count();
        from = next;
        if from.is_none() || start.elapsed() >= TIME_MAX {
            break;
        }
    }
    tracing::info!(renewed, failed, complete = from.is_none(), "swept");
    Ok(())
}

/// The vendor would let the grant die, and it has been idle for the time that is set for it.
fn is_due(app: &App, account: &StoredCloudAccount, now: Timestamp) -> bool {
    let keep_alive_after = app.providers().keep_alive_after(account.provider());
    keep_alive_after
        .zip(account.last_refreshed())
        .is_some_and(|(after, last)| last + after <= now)
}

async fn renew(app: &App, account: StoredCloudAccount) -> Result<()> {
    let id = account.id();
    match app.refresher().fresh(account).await {
        Ok(_) => Ok(()),
        Err(error) => {
            let (text, causes) = (error.public(), error.causes());
            tracing::warn!(%id, text, causes, "a grant was not renewed");
            Err(error)
        }
    }
}
