//! One refresh at a time for an account, in this process: who comes while it is under way awaits its
//! outcome; who comes later begins anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as Turn;

use crate::domain::Result;
use crate::domain::cloud_account::CloudAccount;
use crate::domain::ids::CloudAccountId;

/// What is refreshed: the account, and the version of the tokens that were refused, if that is why.
type Reason = (CloudAccountId, Option<u64>);

/// The refreshes under way.
#[derive(Default)]
pub(in crate::providers) struct Flights(Mutex<HashMap<Reason, Arc<Flight>>>);

/// Held by who refreshes; then holds the outcome for those who waited. If who refreshes is
/// cancelled, it holds none, and the next one in the queue refreshes.
type Flight = Turn<Option<Result<CloudAccount>>>;

impl Flights {
    /// The outcome of the flight that is under way, or of `refresh`.
    pub(super) async fn join(
        &self,
        reason: Reason,
        refresh: impl Future<Output = Result<CloudAccount>>,
    ) -> Result<CloudAccount> {
        let flight = Arc::clone(self.under_way().entry(reason).or_default());
        let mut turn = flight.lock().await;
        let outcome = if let Some(landed) = turn.take() {
            landed
        } else {
            let outcome = refresh.await;
            self.under_way().remove(&reason);
            outcome
        };
        *turn = Some(match &outcome {
            Ok(account) => Ok(account.clone()),
            Err(error) => Err(error.for_another()),
        });
        outcome
    }

    fn under_way(&self) -> std::sync::MutexGuard<'_, HashMap<Reason, Arc<Flight>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::domain::{Error, ErrorKind};

    fn reason() -> Reason {
        (
            CloudAccountId::new("2026-11-24T10:00:00Z".parse().unwrap()),
            None,
        )
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_wait_share_an_outcome_and_who_comes_later_does_not() {
        let (flights, flown, reason) = (Flights::default(), AtomicUsize::new(0), reason());
        let refresh = || async {
            flown.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            Err(Error::access("dead"))
        };
        let all = (0..50).map(|_| flights.join(reason, refresh()));
        let all = futures_util::future::join_all(all).await;
        assert!(
            all.iter()
                .all(|one| one.as_ref().unwrap_err().kind() == ErrorKind::AccessRefused)
        );
        assert_eq!(flown.load(Ordering::SeqCst), 1);

        flights.join(reason, refresh()).await.unwrap_err();
        assert_eq!(flown.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn if_the_first_is_cancelled_the_next_one_flies() {
        let (flights, reason) = (Flights::default(), reason());
        let hang = flights.join(reason, std::future::pending());
        let next = flights.join(reason, async { Err(Error::access("flown")) });
        let first = tokio::time::timeout(Duration::from_secs(1), hang);
        let (first, next) = tokio::join!(first, next);
        assert!(first.is_err());
        assert_eq!(next.unwrap_err().public(), "flown");
    }
}
