//! Warnings with a rate limit: what an app can cause any number of times does not fill the log of the embedder.

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

/// The kinds of warnings. Each has its own limit, so that one kind does not silence another.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Warning {
    /// A call returned an error.
    CallFailed,
    /// A connection failed for a reason that the component does not learn.
    #[cfg_attr(not(feature = "client"), allow(dead_code, reason = "the client alone writes it"))]
    ConnectionFailed,
    /// A request went to a host that is not allowed.
    HostDenied,
    /// An instance trapped, took too long, or did not start.
    InstanceLost,
    /// A policy refused a request.
    RequestRefused,
    /// The store of the shared cache failed, or had what cannot be used.
    SharedCache,
}

/// The limits of all kinds: 10 at once, and one more every six seconds.
pub(crate) struct Warnings([Limit; 6]);

struct Limit {
    limiter: DefaultDirectRateLimiter,
    /// The number of warnings that were left out since the last one.
    left_out: AtomicU64,
}

impl Warnings {
    /// Whether a warning may be written, and how many of its kind were left out since the last one; `None`: it is left out.
    pub(crate) fn permit(&self, warning: Warning) -> Option<u64> {
        let limit = self.0.get(warning as usize)?;
        if limit.limiter.check().is_ok() {
            return Some(limit.left_out.swap(0, Ordering::Relaxed));
        }
        limit.left_out.fetch_add(1, Ordering::Relaxed);
        None
    }
}

impl Default for Warnings {
    fn default() -> Self {
        let quota = Quota::per_minute(PER_MINUTE);
        let limit = |_| Limit { limiter: RateLimiter::direct(quota), left_out: AtomicU64::new(0) };
        Self(std::array::from_fn(limit))
    }
}

const PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).expect("it is not zero");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_ten_warnings_at_once_and_silences_no_other_kind() {
        let warnings = Warnings::default();
        let permitted = (0..100).filter(|_| warnings.permit(Warning::CallFailed).is_some()).count();
        assert_eq!(permitted, 10);
        for other in [
            Warning::ConnectionFailed,
            Warning::HostDenied,
            Warning::InstanceLost,
            Warning::RequestRefused,
            Warning::SharedCache,
        ] {
            assert_eq!(warnings.permit(other), Some(0), "{other:?}");
        }
    }
}
