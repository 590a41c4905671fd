//! Fair queuing: calls wait for an instance in turns of their tenants (round robin), renewals before new calls.
//!
//! The queue decides and never waits, so one lock guards it.

use crate::tenant::TenantKey;
use std::collections::{HashMap, VecDeque};

/// The calls that run and those that wait. `W`: what wakes a waiting call.
pub(crate) struct FairQueue<W> {
    limits: QueueLimits,
    renewals: Lane<W>,
    calls: Lane<W>,
    next_id: u64,
}

/// The bounds of a queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueLimits {
    /// The number of calls that run at once.
    pub(crate) instances: usize,
    /// How many of the instances only renewals get.
    pub(crate) kept_for_renewals: usize,
    /// The number of calls of one tenant that run at once.
    pub(crate) per_tenant: usize,
    /// The number of calls that wait.
    pub(crate) waiting: usize,
    /// The number of calls of one tenant that wait.
    pub(crate) waiting_per_tenant: usize,
}

/// A call's place among the others. Calls of each kind have queues and bounds of their own.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) kind: CallKind,
    /// The tenant whose request needs the call.
    pub(crate) tenant: TenantKey,
}

/// Why the provider is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallKind {
    /// A cached token is due for renewal.
    Renewal,
    /// No token is cached, or a resource refused the cached one.
    New,
}

/// What becomes of a call that enters the queue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    /// It runs.
    Runs,
    /// It waits, with this number.
    Waits(u64),
    /// As many calls of its tenant wait as may.
    TenantIsFull,
    /// As many calls wait as may.
    QueueIsFull,
}

impl<W> FairQueue<W> {
    pub(crate) fn new(limits: QueueLimits) -> Self {
        Self { limits, renewals: Lane::default(), calls: Lane::default(), next_id: 0 }
    }

    /// A call enters the queue. It runs at once if an instance is idle and its tenant runs fewer calls than it may.
    pub(crate) fn enter(&mut self, origin: &Origin, wake: W) -> Entered {
        // No waiting call can run, or it would have been woken, so this one overtakes none.
        if self.has_idle(origin.kind) && self.may_run(origin) {
            self.lane_mut(origin.kind).run(&origin.tenant);
            return Entered::Runs;
        }
        let (limits, lane) = (self.limits, self.lane(origin.kind));
        let is_full = lane.waiting_of(&origin.tenant) >= limits.waiting_per_tenant;
        if is_full && !origin.tenant.is_embedder() {
            return Entered::TenantIsFull;
        }
        if lane.waiting >= limits.waiting {
            return Entered::QueueIsFull;
        }
        let id = self.next_id;
        self.next_id += 1;
        self.lane_mut(origin.kind).wait(&origin.tenant, id, wake);
        Entered::Waits(id)
    }

    /// A call leaves: one that waits with this number, or else one that runs.
    pub(crate) fn leave(&mut self, origin: &Origin, waits: Option<u64>) {
        let lane = self.lane_mut(origin.kind);
        let left = waits.is_some_and(|id| lane.stop_waiting(&origin.tenant, id));
        if !left {
            lane.stop_running(&origin.tenant);
        }
    }

    /// Lets the next waiting call run, if one can, and returns what wakes it.
    pub(crate) fn next(&mut self) -> Option<W> {
        let per_tenant = self.limits.per_tenant;
        [CallKind::Renewal, CallKind::New]
            .into_iter()
            .find_map(|kind| if self.has_idle(kind) { self.lane_mut(kind).next(per_tenant) } else { None })
    }

    /// The number of waiting calls.
    pub(crate) fn waiting(&self) -> usize {
        self.renewals.waiting + self.calls.waiting
    }

    /// Whether the tenant may run a further call of this kind, if an instance is idle.
    pub(crate) fn may_run(&self, origin: &Origin) -> bool {
        self.lane(origin.kind).running_of(&origin.tenant) < self.limits.per_tenant
    }

    fn has_idle(&self, kind: CallKind) -> bool {
        let QueueLimits { instances, kept_for_renewals, .. } = self.limits;
        let is_idle = self.renewals.running + self.calls.running < instances;
        is_idle && (kind == CallKind::Renewal || self.calls.running + kept_for_renewals < instances)
    }

    fn lane(&self, kind: CallKind) -> &Lane<W> {
        match kind {
            CallKind::Renewal => &self.renewals,
            CallKind::New => &self.calls,
        }
    }

    fn lane_mut(&mut self, kind: CallKind) -> &mut Lane<W> {
        match kind {
            CallKind::Renewal => &mut self.renewals,
            CallKind::New => &mut self.calls,
        }
    }
}

/// The calls of one kind.
struct Lane<W> {
    /// The tenants with calls that run or wait.
    tenants: HashMap<TenantKey, TenantCalls<W>>,
    /// The tenants with calls that wait. The first has the next turn.
    turns: VecDeque<TenantKey>,
    waiting: usize,
    running: usize,
}

struct TenantCalls<W> {
    /// By their numbers, oldest first.
    waiting: VecDeque<(u64, W)>,
    running: usize,
}

impl<W> Lane<W> {
    fn waiting_of(&self, tenant: &TenantKey) -> usize {
        self.tenants.get(tenant).map_or(0, |calls| calls.waiting.len())
    }

    fn running_of(&self, tenant: &TenantKey) -> usize {
        self.tenants.get(tenant).map_or(0, |calls| calls.running)
    }

    fn run(&mut self, tenant: &TenantKey) {
        self.tenants.entry(tenant.clone()).or_default().running += 1;
        self.running += 1;
    }

    fn wait(&mut self, tenant: &TenantKey, id: u64, wake: W) {
        let calls = self.tenants.entry(tenant.clone()).or_default();
        if calls.waiting.is_empty() {
            self.turns.push_back(tenant.clone());
        }
        calls.waiting.push_back((id, wake));
        self.waiting += 1;
    }

    /// Runs the oldest call of the first tenant that may run one, and puts that tenant behind the others.
    fn next(&mut self, per_tenant: usize) -> Option<W> {
        let turn = self.turns.iter().position(|tenant| self.running_of(tenant) < per_tenant)?;
        let tenant = self.turns.remove(turn)?;
        let calls = self.tenants.get_mut(&tenant)?;
        let (_, wake) = calls.waiting.pop_front()?;
        calls.running += 1;
        if !calls.waiting.is_empty() {
            self.turns.push_back(tenant);
        }
        (self.waiting, self.running) = (self.waiting - 1, self.running + 1);
        Some(wake)
    }

    /// Whether the call did wait.
    fn stop_waiting(&mut self, tenant: &TenantKey, id: u64) -> bool {
        let Some(calls) = self.tenants.get_mut(tenant) else { return false };
        let Some(at) = calls.waiting.iter().position(|(other, _)| *other == id) else { return false };
        calls.waiting.remove(at);
        self.waiting -= 1;
        if calls.waiting.is_empty() {
            self.turns.retain(|other| other != tenant);
        }
        self.forget_if_idle(tenant);
        true
    }

    fn stop_running(&mut self, tenant: &TenantKey) {
        if let Some(calls) = self.tenants.get_mut(tenant) {
            calls.running -= 1;
            self.running -= 1;
            self.forget_if_idle(tenant);
        }
    }

    fn forget_if_idle(&mut self, tenant: &TenantKey) {
        let is_idle = |calls: &TenantCalls<W>| calls.waiting.is_empty() && calls.running == 0;
        if self.tenants.get(tenant).is_some_and(is_idle) {
            self.tenants.remove(tenant);
        }
    }
}

impl<W> Default for Lane<W> {
    fn default() -> Self {
        Self { tenants: HashMap::new(), turns: VecDeque::new(), waiting: 0, running: 0 }
    }
}

impl<W> Default for TenantCalls<W> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), running: 0 }
    }
}

#[cfg(test)]
mod tests;
