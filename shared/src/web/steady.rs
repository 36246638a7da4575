//! Answers that must not tell by their time what they found.

use std::time::Duration;

use tokio::time::Instant;

/// Runs `work` and holds its outcome back until a multiple of `step` has passed since the start: a
/// path that reads or mails more than another ends at the same moment as long as both fit in the
/// same number of steps.
pub async fn steady<T>(step: Duration, work: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let outcome = work.await;
    if !step.is_zero() {
        let steps = start.elapsed().as_nanos().div_ceil(step.as_nanos()).max(1);
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        tokio::time::sleep_until(start + step * steps).await;
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_of_different_length_ends_at_the_same_moment() {
        let step = Duration::from_millis(500);
        for (work, answer) in [(0, 500), (20, 500), (480, 500), (510, 1_000)] {
            let start = Instant::now();
            steady(step, tokio::time::sleep(Duration::from_millis(work))).await;
            assert_eq!(start.elapsed().as_millis(), answer, "{work} ms");
        }
    }
}
