//! One call of `get-token`: the world it happens in, its deadline, and where in a chain it stands.

use crate::host::Host;
pub use crate::host::run;
use core::time::Duration;

/// What a source is given besides the request.
#[derive(Clone, Copy)]
pub struct CallContext<'a> {
    /// The world.
    pub host: &'a dyn Host,
    /// Whether this is one member of a chain that has not settled yet. A source whose presence
    /// nothing announces then asks briefly, and takes silence for absence.
    pub probing: bool,
    /// Whether a failure may be tried again.
    pub may_retry: bool,
    deadline: Duration,
}

impl<'a> CallContext<'a> {
    /// A call that begins now.
    pub fn alone(host: &'a dyn Host) -> Self {
        Self { host, probing: false, may_retry: true, deadline: host.elapsed().saturating_add(LONGEST) }
    }

    /// The same call while a good token is at hand: one short attempt, and the caller, who has to wait
    /// for it, gets the old token if it fails.
    #[must_use]
    pub fn renewing(self) -> Self {
        let deadline = self.deadline.min(self.host.elapsed().saturating_add(LONGEST_RENEWAL));
        Self { may_retry: false, deadline, ..self }
    }

    /// A call that begins now and ends at `deadline` ([`Host::elapsed`]), if that is sooner.
    pub fn until(host: &'a dyn Host, deadline: Duration) -> Self {
        let call = Self::alone(host);
        Self { deadline: call.deadline.min(deadline), ..call }
    }

    /// The same call, made by a chain that has several sources to try.
    #[must_use]
    pub fn within_chain(self) -> Self {
        Self { probing: true, ..self }
    }

    /// How much time and how many attempts it has, for a task that goes on without the caller.
    pub fn limits(&self) -> CallLimits {
        let Self { probing, may_retry, deadline, .. } = *self;
        CallLimits { deadline, is_best_effort: probing || !may_retry, probing, may_retry }
    }

    /// The time that is left.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_sub(self.host.elapsed())
    }
}

/// What a call has left, apart from its host.
#[derive(Clone, Copy, Debug)]
pub struct CallLimits {
    /// When it ends ([`Host::elapsed`]).
    pub deadline: Duration,
    /// Whether it asks more briefly than a call by itself: its failure says little to others.
    pub is_best_effort: bool,
    probing: bool,
    may_retry: bool,
}

impl CallLimits {
    /// The call that has this left, on a host that outlives it.
    pub fn resume(self, host: &dyn Host) -> CallContext<'_> {
        let Self { deadline, probing, may_retry, .. } = self;
        CallContext { host, probing, may_retry, deadline }
    }
}

impl core::fmt::Debug for CallContext<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CallContext").field("probing", &self.probing).finish_non_exhaustive()
    }
}

/// The longest that a call may take, as `wit/0.2/token-credential.wit` promises. IMDS needs 93 s of it
/// to be waited for through an update.
const LONGEST: Duration = Duration::from_secs(120);
/// The longest that a caller waits for a token it does not need yet.
const LONGEST_RENEWAL: Duration = Duration::from_secs(5);
