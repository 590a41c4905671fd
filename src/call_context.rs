//! The context of one call of `get-token`: its host, its deadline, and what a failure of it may cost.

use crate::host::Host;
use crate::uuid::Uuid;
use core::time::Duration;

/// What a source receives besides the request.
#[derive(Clone, Copy)]
pub struct CallContext<'a> {
    /// The clocks, environment, files and network of the call.
    pub host: &'a dyn Host,
    /// Whether a chain is still searching for the source that works. A source that no configuration
    /// announces, such as IMDS, then sends a short request and counts a missing response as `not-configured`.
    pub probing: bool,
    /// Whether a failed request may be sent again.
    pub may_retry: bool,
    /// The id of the call in the logs of Microsoft Entra, which all its requests there have.
    pub request_id: Uuid,
    deadline: Duration,
}

impl<'a> CallContext<'a> {
    /// The context of a call that begins now.
    pub fn new(host: &'a dyn Host) -> Self {
        let (request_id, deadline) = (Uuid::random(host), host.elapsed().saturating_add(MAX_CALL));
        Self { host, probing: false, may_retry: true, request_id, deadline }
    }

    /// The same call while the caller has a valid token: one short attempt, after which it gets that token.
    #[must_use]
    pub fn renewing(self) -> Self {
        let deadline = self.deadline.min(self.host.elapsed().saturating_add(MAX_RENEWAL));
        Self { may_retry: false, deadline, ..self }
    }

    /// The context of a call that begins now and ends at `deadline` by [`Host::elapsed`], if that is sooner.
    pub fn until(host: &'a dyn Host, deadline: Duration) -> Self {
        let call = Self::new(host);
        Self { deadline: call.deadline.min(deadline), ..call }
    }

    /// The same call, made by a chain that has several sources to try.
    #[must_use]
    pub fn within_chain(self) -> Self {
        Self { probing: true, ..self }
    }

    /// The limits of the call, for a task that outlives it.
    pub fn limits(&self) -> CallLimits {
        let Self { probing, may_retry, request_id, deadline, .. } = *self;
        CallLimits { deadline, is_best_effort: probing || !may_retry, probing, may_retry, request_id }
    }

    /// The time that is left until the deadline.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_sub(self.host.elapsed())
    }
}

/// The limits of a call, apart from its host.
#[derive(Clone, Copy, Debug)]
pub struct CallLimits {
    /// When it ends, by [`Host::elapsed`].
    pub deadline: Duration,
    /// Whether it has fewer attempts or less time than a call of its own. Its failure says little to other
    /// calls.
    pub is_best_effort: bool,
    probing: bool,
    may_retry: bool,
    request_id: Uuid,
}

impl CallLimits {
    /// The context of a call with these limits, on a host that outlives the caller.
    pub fn resume(self, host: &dyn Host) -> CallContext<'_> {
        let Self { deadline, probing, may_retry, request_id, .. } = self;
        CallContext { host, probing, may_retry, request_id, deadline }
    }
}

impl core::fmt::Debug for CallContext<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CallContext").field("probing", &self.probing).finish_non_exhaustive()
    }
}

/// Upper bound of a call's duration, as `wit/0.2/token-credential.wit` promises. IMDS needs 93 s of it to be
/// retried through an update.
const MAX_CALL: Duration = Duration::from_secs(120);
/// Upper bound of the time that a caller waits for a renewal while its token is still valid.
const MAX_RENEWAL: Duration = Duration::from_secs(5);
