//! Admission control: how many calls of the provider run and wait, in which order, and how many each tenant may begin.

mod fair_queue;
mod rate;

pub(crate) use fair_queue::{CallKind, Origin};

use crate::metrics::{Counter, Counters};
use crate::types::{CredentialError, ErrorKind};
use fair_queue::{Entered, FairQueue, QueueLimits};
use governor::Quota;
use rate::TenantRate;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Admits calls to the instances of a pool.
pub(crate) struct Admission {
    limits: AdmissionLimits,
    queue_limits: QueueLimits,
    queue: Mutex<FairQueue<oneshot::Sender<()>>>,
    calls: TenantRate,
    renewals: TenantRate,
    counters: Arc<Counters>,
}

/// The limits that an embedder sets.
#[derive(Clone, Copy)]
pub(crate) struct AdmissionLimits {
    /// How long a call waits for an instance.
    pub(crate) queue_timeout: Duration,
    /// The number of calls that wait.
    pub(crate) waiting: usize,
    /// The number of calls of one tenant that wait.
    pub(crate) waiting_per_tenant: usize,
    /// The number of calls of one tenant that run at once; `None`: half of the instances.
    pub(crate) per_tenant: Option<usize>,
    /// The number of calls that a tenant begins in a second, and the same of renewals.
    pub(crate) rate: u32,
    /// The number of calls that a tenant begins at once, and the same of renewals.
    pub(crate) burst: u32,
}

impl Default for AdmissionLimits {
    fn default() -> Self {
        Self {
            queue_timeout: Duration::from_secs(30),
            // Each waiting call holds copies of its request, of up to 64 KiB.
            waiting: 256,
            waiting_per_tenant: 32,
            per_tenant: None,
            rate: 10,
            burst: 20,
        }
    }
}

impl Admission {
    pub(crate) fn new(limits: AdmissionLimits, instances: usize, counters: Arc<Counters>) -> Self {
        let queue_limits = QueueLimits {
            instances,
            kept_for_renewals: usize::from(instances > 1),
            per_tenant: limits.per_tenant.unwrap_or((instances / 2).max(1)),
            waiting: limits.waiting,
            waiting_per_tenant: limits.waiting_per_tenant,
        };
        let queue = Mutex::new(FairQueue::new(queue_limits));
        let positive = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(positive(limits.rate)).allow_burst(positive(limits.burst));
        let rate = || TenantRate::new(quota);
        Self { limits, queue_limits, queue, calls: rate(), renewals: rate(), counters }
    }

    /// Admits a call: it may run, now or later.
    ///
    /// # Errors
    /// `transient` when too many calls wait, or the tenant begins too many.
    pub(crate) fn admit(this: &Arc<Self>, origin: Origin) -> Result<Ticket, CredentialError> {
        let rate = if origin.kind == CallKind::New { &this.calls } else { &this.renewals };
        if !origin.tenant.is_embedder() {
            rate.check(&origin.tenant).map_err(|wait| this.too_often(&origin, wait))?;
        }
        Self::enter(this, origin)
    }

    /// Admits a call again that gave its place to others. It does not count towards the rate of its tenant again.
    ///
    /// # Errors
    /// `transient` when too many calls wait.
    pub(crate) fn enter(this: &Arc<Self>, origin: Origin) -> Result<Ticket, CredentialError> {
        let (wake, granted) = oneshot::channel();
        let waiting = match this.queue().enter(&origin, wake) {
            Entered::Runs => None,
            Entered::Waits(id) => Some((id, granted)),
            Entered::TenantIsFull => {
                let most = this.limits.waiting_per_tenant;
                return Err(this.full(
                    &origin,
                    format_args!("{most} calls of this tenant"),
                    "tenant_queue_capacity",
                ));
            }
            Entered::QueueIsFull => {
                return Err(this.full(
                    &origin,
                    format_args!("{} calls", this.limits.waiting),
                    "queue_capacity",
                ));
            }
        };
        Ok(Ticket { admission: Arc::clone(this), origin, waiting })
    }

    /// The number of calls that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.queue().waiting()
    }

    fn leave(&self, origin: &Origin, waits: Option<u64>) {
        let mut queue = self.queue();
        queue.leave(origin, waits);
        let next: Vec<_> = std::iter::from_fn(|| queue.next()).collect();
        drop(queue);
        for wake in next {
            // A ticket that is being dropped leaves the queue itself.
            let _ = wake.send(());
        }
    }

    fn queue(&self) -> MutexGuard<'_, FairQueue<oneshot::Sender<()>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn too_often(&self, origin: &Origin, wait: Duration) -> CredentialError {
        self.count_refusal(origin, &self.counters.rate_limited);
        let AdmissionLimits { rate, burst, .. } = self.limits;
        CredentialError::of_host(
            ErrorKind::Transient,
            format_args!(
                "this tenant exceeds its rate of {rate} calls of the provider a second after a burst of {burst}; try \
                 again in {} ms, or raise tenant_rate",
                wait.as_millis() + 1
            ),
        )
    }

    fn full(&self, origin: &Origin, waiting: fmt::Arguments<'_>, option: &str) -> CredentialError {
        self.count_refusal(origin, &self.counters.queue_full);
        let what = format_args!(
            "{waiting} wait for an instance of the provider already; try again later, or raise {option}"
        );
        CredentialError::of_host(ErrorKind::Transient, what)
    }

    fn count_refusal(&self, origin: &Origin, of_new_call: &Counter) {
        match origin.kind {
            CallKind::New => of_new_call.up(),
            CallKind::Renewal => self.counters.renewals_deferred.up(),
        }
    }

    fn busy(&self, origin: &Origin) -> CredentialError {
        self.counters.busy.up();
        let QueueLimits { instances, kept_for_renewals, per_tenant, .. } = self.queue_limits;
        let (busy, option) = if !self.queue().may_run(origin) && per_tenant < instances {
            (format!("the {per_tenant} instances that a tenant may use at once"), "tenant_concurrency")
        } else if origin.kind == CallKind::New && kept_for_renewals > 0 {
            (format!("the {} instances for new calls", instances - kept_for_renewals), "pool_size")
        } else {
            (format!("all {instances} instances"), "pool_size")
        };
        let within = self.limits.queue_timeout;
        let what = format_args!(
            "{busy} of the provider were busy for {within:?}; check what they wait for, or raise {option}"
        );
        CredentialError::of_host(ErrorKind::Transient, what)
    }
}

/// An admitted call. While it exists, it has its place in the queue or runs.
pub(crate) struct Ticket {
    admission: Arc<Admission>,
    origin: Origin,
    /// Its number in the queue, and what reports that it runs; `None`: it runs.
    waiting: Option<(u64, oneshot::Receiver<()>)>,
}

impl Ticket {
    /// Waits until the call may run.
    ///
    /// # Errors
    /// `transient` when that takes longer than `queue_timeout`.
    pub(crate) async fn wait(&mut self) -> Result<(), CredentialError> {
        let Some((_, granted)) = &mut self.waiting else { return Ok(()) };
        let granted = timeout(self.admission.limits.queue_timeout, granted).await;
        granted.map(drop).map_err(|_| self.admission.busy(&self.origin))
    }

    pub(crate) fn kind(&self) -> CallKind {
        self.origin.kind
    }

    pub(crate) fn origin(&self) -> Origin {
        self.origin.clone()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.admission.leave(&self.origin, self.waiting.as_ref().map(|(id, _)| *id));
    }
}

#[cfg(test)]
mod tests;
