use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use shared::domain::Clock;

/// The service's time: it begins at the machine's and moves when a test says so.
#[derive(Clone)]
pub struct TestClock(Arc<Mutex<Timestamp>>);

impl TestClock {
    pub(crate) fn new() -> Self {
        // Whole seconds, as signatures and tokens count them.
        let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
        Self(Arc::new(Mutex::new(now)))
    }

    /// The service's current time.
    pub fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    /// Moves the service's time; backwards too.
    pub fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }

    /// Moves the service's time to the next multiple of so many seconds since the epoch, where a window of
    /// a limit begins.
    pub fn begin_window(&self, seconds: i64) {
        let past = self.now().as_second().rem_euclid(seconds);
        self.advance(SignedDuration::from_secs(seconds - past));
    }

    /// Sets the service's time to the machine's.
    pub fn catch_up(&self) {
        *self.0.lock().unwrap() = Self::new().now();
    }

    pub(crate) fn clock(&self) -> Clock {
        let clock = self.clone();
        Clock::from_fn(move || clock.now())
    }
}
