//! What the programs of this package share: durations, and how they are printed.
//!
//! Each program measures two things in turn, in one run, and prints how they compare: the ratio
//! says the same on a fast machine and on a slow one, milliseconds do not.

use std::time::Duration;

/// What something took, round after round.
#[derive(Debug, Default)]
pub struct Durations(Vec<Duration>);

impl Durations {
    /// Adds a round.
    pub fn push(&mut self, duration: Duration) {
        self.0.push(duration);
        self.0.sort_unstable();
    }

    /// The middle one, in milliseconds; of two, the longer.
    pub fn median(&self) -> f64 {
        milliseconds(self.0.get(self.0.len() / 2))
    }

    /// The shortest, in milliseconds.
    pub fn min(&self) -> f64 {
        milliseconds(self.0.first())
    }
}

fn milliseconds(duration: Option<&Duration>) -> f64 {
    duration.map_or(f64::NAN, Duration::as_secs_f64) * 1_000.0
}

/// Whether a budget holds, in words.
pub fn verdict(measured: f64, budget: f64) -> &'static str {
    if measured <= budget {
        "holds"
    } else {
        "is EXCEEDED"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_shortest_are_found() {
        let mut durations = Durations::default();
        assert!(durations.median().is_nan());
        for milliseconds in [9, 1, 5] {
            durations.push(Duration::from_millis(milliseconds));
        }
        assert!((durations.median() - 5.0).abs() < 1e-9);
        assert!((durations.min() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_was_not_measured_does_not_hold() {
        assert_eq!(verdict(2.0, 2.0), "holds");
        assert_eq!(verdict(f64::NAN, 2.0), "is EXCEEDED");
    }
}
