//! When a request's time is over, for whoever begins something that must not be cut off.

use std::time::Duration;

use tokio::time::Instant;

tokio::task_local! {
    static DEADLINE: Instant;
}

/// Runs `work` as a part of a request that ends at `deadline`.
pub async fn within<T>(deadline: Instant, work: impl Future<Output = T>) -> T {
    DEADLINE.scope(deadline, work).await
}

/// What is left of the request's time; `otherwise` outside of any request.
pub fn left_or(otherwise: Duration) -> Duration {
    DEADLINE
        .try_with(|deadline| deadline.saturating_duration_since(Instant::now()))
        .unwrap_or(otherwise)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_left_runs_out() {
        let second = Duration::from_secs(1);
        assert_eq!(left_or(7 * second), 7 * second);
        within(Instant::now() + 3 * second, async {
            tokio::time::sleep(second).await;
            assert_eq!(left_or(7 * second), 2 * second);
            tokio::time::sleep(5 * second).await;
            assert_eq!(left_or(7 * second), Duration::ZERO);
        })
        .await;
    }
}
