use super::*;
use crate::tenant::TenantKey;
use std::time::Duration;
use tokio::time::Instant;

const LIMITS: AdmissionLimits = AdmissionLimits {
    queue_timeout: Duration::from_secs(30),
    waiting: 3,
    waiting_per_tenant: 2,
    per_tenant: None,
    rate: 10,
    burst: 20,
};

fn admission(limits: AdmissionLimits, instances: usize) -> Arc<Admission> {
    Arc::new(Admission::new(limits, instances, Arc::default()))
}

fn admit(admission: &Arc<Admission>, tenant: &str) -> Result<Ticket, CredentialError> {
    Admission::admit(admission, Origin { kind: CallKind::New, tenant: TenantKey::new(tenant) })
}

fn admitted(admission: &Arc<Admission>, tenant: &str) -> Ticket {
    admit(admission, tenant).expect("the call is admitted")
}

fn refusal(admission: &Arc<Admission>, tenant: &str) -> String {
    let error = admit(admission, tenant).err().expect("the call is refused");
    assert_eq!(error.kind, ErrorKind::Transient);
    error.message
}

#[tokio::test(start_paused = true)]
async fn a_call_runs_when_the_one_before_it_ends() {
    let admission = admission(LIMITS, 1);
    let mut first = admitted(&admission, "a");
    let mut second = admitted(&admission, "b");
    assert_eq!((first.wait().await, admission.waiting()), (Ok(()), 1));
    let second = tokio::spawn(async move {
        second.wait().await.expect("it runs");
        Instant::now()
    });
    let ends = Instant::now() + Duration::from_secs(5);
    tokio::time::sleep_until(ends).await;
    drop(first);
    assert_eq!((second.await.expect("no panic"), admission.waiting()), (ends, 0));
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_no_longer_than_the_timeout_and_its_error_names_the_option() {
    for (instances, per_tenant, busy) in [
        (
            1,
            None,
            "all 1 instances of the provider were busy for 30s; check what they wait for, or raise pool_size",
        ),
        (
            2,
            Some(2),
            "the 1 instances for new calls of the provider were busy for 30s; check what they wait for, or raise pool_size",
        ),
        (
            8,
            Some(1),
            "the 1 instances that a tenant may use at once of the provider were busy for 30s; check what they wait for, or raise tenant_concurrency",
        ),
    ] {
        let admission = admission(AdmissionLimits { per_tenant, ..LIMITS }, instances);
        let _running = admitted(&admission, "a");
        let began = Instant::now();
        let error = admitted(&admission, "a").wait().await.expect_err("the first call runs on");
        assert_eq!((began.elapsed(), admission.waiting()), (LIMITS.queue_timeout, 0));
        assert_eq!(error.message, format!("azure-identity-wasmtime: {busy}"));
        assert_eq!(admission.counters.busy.read(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_beyond_the_bound_of_the_queue_is_refused_and_the_error_names_the_option() {
    let admission = admission(LIMITS, 1);
    let _tickets = ["a", "a", "a", "b"].map(|tenant| admitted(&admission, tenant));
    assert_eq!(
        refusal(&admission, "a"),
        "azure-identity-wasmtime: 2 calls of this tenant wait for an instance of the provider already; try again later, \
         or raise tenant_queue_capacity"
    );
    assert_eq!(
        refusal(&admission, "b"),
        "azure-identity-wasmtime: 3 calls wait for an instance of the provider already; try again later, or raise \
         queue_capacity"
    );
    assert_eq!((admission.counters.queue_full.read(), admission.waiting()), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn a_call_beyond_the_rate_of_its_tenant_is_refused_until_the_time_that_the_error_tells() {
    let admission = admission(LIMITS, 1);
    (0..20).for_each(|_| drop(admitted(&admission, "a")));
    assert_eq!(
        refusal(&admission, "a"),
        "azure-identity-wasmtime: this tenant exceeds its rate of 10 calls of the provider a second after a burst of 20; \
         try again in 101 ms, or raise tenant_rate"
    );
    drop(admitted(&admission, "b"));
    drop(Admission::admit(&admission, Origin { kind: CallKind::Renewal, tenant: TenantKey::new("a") }));
    assert_eq!(admission.counters.rate_limited.read(), 1, "renewals have a rate of their own");
    tokio::time::advance(Duration::from_millis(101)).await;
    drop(admitted(&admission, "a"));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_while_it_waits_gives_way() {
    let admission = admission(LIMITS, 1);
    let first = admitted(&admission, "a");
    let [second, mut third] = ["b", "c"].map(|tenant| admitted(&admission, tenant));
    drop(second);
    assert_eq!(admission.waiting(), 1);
    drop(first);
    assert_eq!(third.wait().await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_after_its_turn_came_passes_it_on() {
    let admission = admission(LIMITS, 1);
    let first = admitted(&admission, "a");
    let [second, mut third] = ["b", "c"].map(|tenant| admitted(&admission, tenant));
    drop(first);
    drop(second);
    assert_eq!(third.wait().await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn the_embedder_itself_has_no_rate_and_may_fill_the_queue() {
    let admission = admission(AdmissionLimits { waiting: 100, ..LIMITS }, 1);
    let embedder = || Origin { kind: CallKind::New, tenant: TenantKey::of_embedder() };
    let tickets: Vec<_> = std::iter::from_fn(|| Admission::admit(&admission, embedder()).ok()).collect();
    assert_eq!((tickets.len(), admission.waiting()), (101, 100));
}
