//! What a run counted.

use std::collections::BTreeMap;
use std::time::Duration;

/// A request to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// When, since the start.
    pub at: Duration,
    /// For which key.
    pub key: usize,
    /// Whether the service refused it (429).
    pub is_refused: bool,
}

/// What a run counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The requests to the service, oldest first.
    pub requests: Vec<Request>,
    /// The waits of the apps.
    pub waits: Waits,
    /// How often an app got an error.
    pub errors: u64,
    /// How often it got one although a token of the key had been issued that had not ended.
    pub avoidable_errors: u64,
    /// The first of these errors, for people.
    pub first_avoidable: Option<String>,
    /// How often an app got a token that had ended.
    pub ended_tokens: u64,
    /// The operations of the store.
    pub store: StoreFigures,
}

impl Figures {
    /// The numbers of requests, in periods of this duration.
    pub fn per_period(&self, period: Duration, length: Duration) -> Vec<u64> {
        let index = |at: Duration| (at.as_millis() / period.as_millis()) as usize;
        let mut counts = vec![0; index(length.saturating_sub(Duration::from_millis(1))) + 1];
        for request in &self.requests {
            if let Some(count) = counts.get_mut(index(request.at)) {
                *count += 1;
            }
        }
        counts
    }

    /// The requests that the service refused.
    pub fn refused(&self) -> u64 {
        self.requests.iter().filter(|request| request.is_refused).count() as u64
    }

    /// The largest number of requests in a second.
    pub fn busiest_second(&self) -> u64 {
        busiest(self.requests.iter().map(|request| request.at.as_secs()))
    }
}

/// The operations of the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreFigures {
    /// Their number, by name.
    pub operations: BTreeMap<&'static str, u64>,
    /// Their number, by second.
    pub seconds: BTreeMap<u64, u64>,
}

impl StoreFigures {
    /// Counts an operation.
    pub fn count(&mut self, name: &'static str, at: Duration) {
        *self.operations.entry(name).or_default() += 1;
        *self.seconds.entry(at.as_secs()).or_default() += 1;
    }

    /// The number of all operations.
    pub fn total(&self) -> u64 {
        self.operations.values().sum()
    }

    /// The largest number in a second.
    pub fn busiest_second(&self) -> u64 {
        self.seconds.values().copied().max().unwrap_or_default()
    }
}

/// How long apps waited for tokens, in milliseconds of the virtual clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits(BTreeMap<u64, u64>);

impl Waits {
    /// Adds a wait.
    pub fn add(&mut self, wait: Duration) {
        *self.0.entry(wait.as_millis() as u64).or_default() += 1;
    }

    /// The number of waits.
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// Those that were longer than nothing: the calls that no cache of the host answered.
    pub fn of_misses(&self) -> Self {
        Self(self.0.iter().filter(|(wait, _)| **wait > 0).map(|(wait, count)| (*wait, *count)).collect())
    }

    /// The wait that a share of the waits, in thousandths, does not exceed.
    pub fn percentile(&self, thousandths: u64) -> Duration {
        let (mut seen, rank) = (0, (self.count() * thousandths).div_ceil(1000));
        let found = self.0.iter().find(|(_, count)| {
            seen += **count;
            seen >= rank
        });
        Duration::from_millis(found.map_or(0, |(wait, _)| *wait))
    }

    /// The longest wait.
    pub fn max(&self) -> Duration {
        self.percentile(1000)
    }
}

fn busiest(seconds: impl Iterator<Item = u64>) -> u64 {
    let mut counts = BTreeMap::new();
    seconds.for_each(|second| *counts.entry(second).or_default() += 1);
    counts.into_values().max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_wait_that_occurred() {
        let mut waits = Waits::default();
        (1..=1000).for_each(|millis| waits.add(Duration::from_millis(millis)));
        assert_eq!(waits.percentile(500), Duration::from_millis(500));
        assert_eq!(waits.percentile(990), Duration::from_millis(990));
        assert_eq!(waits.max(), Duration::from_secs(1));
        assert_eq!(Waits::default().max(), Duration::ZERO);
        waits.add(Duration::ZERO);
        assert_eq!((waits.count(), waits.of_misses().count()), (1001, 1000));
    }

    #[test]
    fn requests_are_counted_in_their_period() {
        let request = |seconds| Request { at: Duration::from_secs(seconds), key: 0, is_refused: false };
        let figures = Figures { requests: [0, 59, 60, 179].map(request).into(), ..Figures::default() };
        let minute = Duration::from_secs(60);
        assert_eq!(figures.per_period(minute, 3 * minute), [2, 1, 1]);
        assert_eq!(figures.busiest_second(), 1);
    }
}
