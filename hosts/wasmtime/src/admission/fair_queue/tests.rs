use super::*;

/// Eight instances, one of them for renewals.
const LIMITS: QueueLimits =
    QueueLimits { instances: 8, kept_for_renewals: 1, per_tenant: 4, waiting: 20, waiting_per_tenant: 10 };

/// A queue whose calls are woken by their names.
type Queue = FairQueue<&'static str>;

fn new(tenant: &str) -> Origin {
    Origin { kind: CallKind::New, tenant: TenantKey::new(tenant) }
}

fn renewal(tenant: &str) -> Origin {
    Origin { kind: CallKind::Renewal, tenant: TenantKey::new(tenant) }
}

/// Calls of a tenant enter until no more run: how many run.
fn run_all(queue: &mut Queue, origin: &Origin) -> usize {
    let mut runs = 0;
    while queue.enter(origin, "one too many") == Entered::Runs {
        runs += 1;
    }
    runs
}

fn waits(queue: &mut Queue, origin: &Origin, name: &'static str) -> u64 {
    match queue.enter(origin, name) {
        Entered::Waits(id) => id,
        other => panic!("{name} does not wait: {other:?}"),
    }
}

fn assert_empty(queue: &Queue) {
    for lane in [&queue.renewals, &queue.calls] {
        assert_eq!((lane.tenants.len(), lane.turns.len(), lane.waiting, lane.running), (0, 0, 0, 0));
    }
}

#[test]
fn a_tenant_runs_its_share_and_all_tenants_leave_an_instance_for_renewals() {
    let mut queue = Queue::new(LIMITS);
    assert_eq!(run_all(&mut queue, &new("a")), 4);
    assert_eq!(run_all(&mut queue, &new("b")), 3);
    assert_eq!(queue.enter(&renewal("c"), ""), Entered::Runs);
    assert_eq!(run_all(&mut queue, &renewal("d")), 0, "all instances run calls");
}

#[test]
fn renewals_of_one_tenant_leave_instances_for_those_of_others() {
    let mut queue = Queue::new(LIMITS);
    assert_eq!(run_all(&mut queue, &renewal("a")), 4);
    assert_eq!(run_all(&mut queue, &renewal("b")), 4);
}

#[test]
fn waiting_calls_run_in_turns_of_their_tenants() {
    let mut queue = Queue::new(QueueLimits { instances: 1, kept_for_renewals: 0, ..LIMITS });
    queue.enter(&new("a"), "a0");
    for (tenant, name) in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("b", "b2"), ("c", "c1")] {
        waits(&mut queue, &new(tenant), name);
    }
    let mut running = new("a");
    let mut order = Vec::new();
    loop {
        queue.leave(&running, None);
        let Some(name) = queue.next() else { break };
        order.push(name);
        running = new(&name[..1]);
    }
    assert_eq!(order, ["a1", "b1", "c1", "a2", "b2", "a3"]);
    assert_empty(&queue);
}

#[test]
fn renewals_run_before_calls_that_have_waited_longer() {
    let mut queue = Queue::new(QueueLimits { instances: 1, kept_for_renewals: 0, ..LIMITS });
    queue.enter(&new("a"), "running");
    waits(&mut queue, &new("b"), "call");
    waits(&mut queue, &renewal("c"), "renewal");
    queue.leave(&new("a"), None);
    assert_eq!((queue.next(), queue.next()), (Some("renewal"), None));
    queue.leave(&renewal("c"), None);
    assert_eq!(queue.next(), Some("call"));
}

#[test]
fn a_tenant_at_its_share_does_not_hold_up_the_others() {
    let mut queue = Queue::new(QueueLimits { instances: 2, kept_for_renewals: 0, per_tenant: 1, ..LIMITS });
    for tenant in ["a", "b"] {
        assert_eq!(queue.enter(&new(tenant), "running"), Entered::Runs);
    }
    waits(&mut queue, &new("a"), "a");
    waits(&mut queue, &new("c"), "c");
    queue.leave(&new("b"), None);
    assert_eq!(queue.next(), Some("c"), "a has waited longer, and runs its share");
}

#[test]
fn a_call_beyond_a_bound_is_refused_and_those_of_other_tenants_and_kinds_are_not() {
    let limits =
        QueueLimits { instances: 1, kept_for_renewals: 0, waiting: 3, waiting_per_tenant: 2, ..LIMITS };
    let mut queue = Queue::new(limits);
    queue.enter(&new("a"), "");
    let entered: Vec<_> =
        ["a", "a", "a", "b", "b"].map(|tenant| queue.enter(&new(tenant), "")).into_iter().collect();
    assert_eq!(
        entered,
        [
            Entered::Waits(0),
            Entered::Waits(1),
            Entered::TenantIsFull,
            Entered::Waits(2),
            Entered::QueueIsFull
        ]
    );
    assert_eq!(queue.enter(&renewal("a"), ""), Entered::Waits(3));
    assert_eq!(queue.waiting(), 4);
}

#[test]
fn a_call_that_leaves_while_it_waits_gives_up_its_place() {
    let limits = QueueLimits { instances: 1, kept_for_renewals: 0, waiting_per_tenant: 1, ..LIMITS };
    let mut queue = Queue::new(limits);
    queue.enter(&new("a"), "running");
    let gone = waits(&mut queue, &new("a"), "gone");
    waits(&mut queue, &new("b"), "b");
    queue.leave(&new("a"), Some(gone));
    let last = waits(&mut queue, &new("a"), "a");
    queue.leave(&new("a"), None);
    assert_eq!(queue.next(), Some("b"));
    queue.leave(&new("b"), None);
    assert_eq!(queue.next(), Some("a"));
    queue.leave(&new("a"), Some(last));
    assert_empty(&queue);
}
