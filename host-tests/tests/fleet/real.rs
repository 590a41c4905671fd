//! Real processes with a real store: each token is requested once, also when the process that requests it is killed.

use anyhow::Result;
use host_tests::fleet::real::{Config, Phase, StoreKind, run};
use std::time::Duration;

#[test]
fn processes_on_one_redis_request_each_token_once_and_a_killed_one_costs_the_others_two_seconds() -> Result<()>
{
    requests_each_token_once(StoreKind::Redis)
}

#[test]
fn processes_on_one_nats_request_each_token_once_and_a_killed_one_costs_the_others_two_seconds() -> Result<()>
{
    requests_each_token_once(StoreKind::Nats)
}

fn requests_each_token_once(store: StoreKind) -> Result<()> {
    let config = Config {
        program: env!("CARGO_BIN_EXE_fleet").into(),
        processes: 4,
        instances: 10,
        keys: 8,
        renewals: 2,
        store,
        delay: Duration::from_millis(100),
        // Other tests use the processors and the disk as well, and may hold a process or a server up for longer than the
        // usual 200 ms.
        deadline: Duration::from_secs(5),
    };
    let Some(figures) = run(&config, &|_| {})? else { return Ok(()) };
    for phase in figures.renewals.iter().chain([&figures.first]) {
        let Phase { requests, errors, store_failures, .. } = phase;
        assert_eq!(errors, &[""; 0]);
        assert_eq!(store_failures, &[""; 0], "{figures:?}");
        assert_eq!(requests, &(0..config.keys).map(|key| (key, 1)).collect(), "{figures:?}");
    }
    assert_eq!(figures.first.tokens, config.keys, "all apps have the same token of a key: {figures:?}");
    let killed = &figures.killed;
    assert_eq!(killed.errors, [""; 0]);
    assert_eq!(killed.requests, 2, "that of the killed process, and another one");
    assert!(killed.waited <= Duration::from_secs(2) + config.delay, "{:?}", killed.waited);
    Ok(())
}
