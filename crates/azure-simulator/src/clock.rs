//! The clock that tokens and codes follow.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Tells the time of day.
pub trait Clock: Send + Sync {
    /// The time, in seconds since the Unix epoch.
    fn now(&self) -> u64;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
    }
}

/// A clock that advances with tokio's, which a test can pause (`tokio::time::pause`).
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    started_at: Instant,
    started_on: u64,
}

impl TokioClock {
    /// A clock that now shows `started_on`, in seconds since the Unix epoch.
    pub fn starting_on(started_on: u64) -> TokioClock {
        TokioClock { started_at: Instant::now(), started_on }
    }
}

impl Clock for TokioClock {
    fn now(&self) -> u64 {
        self.started_on.saturating_add(self.started_at.elapsed().as_secs())
    }
}
