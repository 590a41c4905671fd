//! How a host waits for the one that has the lease: with pauses that grow and differ, and not for ever.

use super::jitter::Jitter;
use std::time::Duration;
use tokio::time::Instant;

/// The wait for the host that has the lease.
pub(super) struct Wait {
    began: Instant,
    pause: Duration,
}

impl Wait {
    pub(super) fn begin() -> Self {
        Self { began: Instant::now(), pause: FIRST_PAUSE }
    }

    /// Whether this host requests the token itself: the other one may wait for a service that does not respond.
    pub(super) fn is_over(&self) -> bool {
        self.began.elapsed() > MAX_WAIT
    }

    /// Waits for 50 to 100 % of a pause, which grows.
    pub(super) async fn pause(&mut self, jitter: &Jitter) {
        tokio::time::sleep(jitter.half_or_more(self.pause)).await;
        self.pause = (self.pause * 2).min(MAX_PAUSE);
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const MAX_PAUSE: Duration = Duration::from_millis(200);
/// A provider whose service does not respond goes on for up to two minutes.
const MAX_WAIT: Duration = Duration::from_secs(10);
