//! A small fleet on the virtual clock, and one of real processes; `--bin fleet` runs larger ones.

#[path = "fleet/real.rs"]
mod real;

use anyhow::Result;
use host_tests::fleet::figures::Figures;
use host_tests::fleet::minimum::Lifetimes;
use host_tests::fleet::scenario::{Scenario, Trouble, Window};
use host_tests::fleet::simulation::{Config, Sharing, run};
use std::time::Duration;

const FLEET: Config = Config {
    hosts: 8,
    instances: 20,
    keys: 20,
    length: Duration::from_secs(6 * 3600),
    ask_every: Duration::from_secs(300),
    lifetimes: Lifetimes { expires_in: 7200, refresh_in: 3600 },
    seed: 1,
};

#[test]
fn a_fleet_requests_each_token_once_and_once_for_each_renewal() -> Result<()> {
    let minimum = FLEET.minimum();
    assert_eq!(minimum, 20 * 6);
    for scenario in [Scenario::Quiet, Scenario::Skewed, Scenario::Rolling] {
        let figures = simulated(scenario, Sharing::Store)?;
        let requests = figures.requests.len() as u64;
        let allowed = minimum * 95 / 100..=minimum * 105 / 100;
        assert!(allowed.contains(&requests), "{scenario}: {requests} requests, and {minimum} are needed");
        has_no_error(scenario, &figures);
    }
    // Without a shared cache each host requests them.
    let alone = simulated(Scenario::Quiet, Sharing::Nothing)?.requests.len() as u64;
    assert!(alone > minimum * 7, "{alone} requests");
    Ok(())
}

#[test]
fn while_the_store_is_in_trouble_hosts_request_their_own_tokens_and_no_others() -> Result<()> {
    let figures = simulated(Scenario::Outage, Sharing::Store)?;
    has_no_error(Scenario::Outage, &figures);
    let plan = Scenario::Outage.plan(FLEET.hosts, FLEET.length, FLEET.seed);
    let requests_in =
        |window: Window| figures.requests.iter().filter(|request| window.contains(request.at)).count() as u64;
    let (each_host, mut others) = ((FLEET.hosts * FLEET.keys) as u64, figures.requests.len() as u64);
    for (window, trouble) in plan.store {
        let requests = requests_in(window);
        match trouble {
            // Whose token is due requests it, once.
            Trouble::Slow | Trouble::Unreachable | Trouble::Closed => {
                assert!((FLEET.keys as u64 + 1..=each_host).contains(&requests), "{trouble:?}: {requests}");
                others -= requests;
            }
            Trouble::Flushed => assert!(requests <= FLEET.keys as u64, "{trouble:?}: {requests}"),
        }
    }
    assert!(others <= FLEET.minimum() * 105 / 100, "{others} requests while the store worked");
    Ok(())
}

#[test]
fn while_the_service_throttles_new_hosts_use_the_tokens_of_others() -> Result<()> {
    let figures = simulated(Scenario::Throttling, Sharing::Store)?;
    assert!(figures.refused() > 0, "the scenario has no effect");
    has_no_error(Scenario::Throttling, &figures);
    let alone = simulated(Scenario::Throttling, Sharing::Nothing)?;
    assert!(alone.avoidable_errors > 0, "the scenario has no effect on hosts that share nothing");
    Ok(())
}

#[test]
fn a_seed_determines_the_figures() -> Result<()> {
    let config = Config { hosts: 4, length: Duration::from_secs(5 * 3600), ..FLEET };
    let figures = |seed| run(Config { seed, ..config }, Scenario::Outage, Sharing::Store, &|_| {});
    let first = figures(1)?;
    assert!(first == figures(1)?, "two runs with the same seed differ");
    assert!(first != figures(2)?, "the seed has no effect");
    Ok(())
}

fn simulated(scenario: Scenario, sharing: Sharing) -> Result<Figures> {
    run(FLEET, scenario, sharing, &|_| {})
}

fn has_no_error(scenario: Scenario, figures: &Figures) {
    let Figures { errors, ended_tokens, first_avoidable, waits, .. } = figures;
    assert!(waits.count() > 10_000, "{scenario}: the apps asked {} times", waits.count());
    assert_eq!((*errors, *ended_tokens), (0, 0), "{scenario}: {first_avoidable:?}");
}
