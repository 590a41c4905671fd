//! One request for a fleet, and what the others wait, over a store that has neither compare-and-swap nor expiry.

use super::fixture::{error, token};
use super::simulation::{Course, Provider, Simulation};
use alloc::vec::Vec;
use azure_middleware_bindings::ErrorKind;

/// Runs 50 instances with 20 seeds; returns the highest number of requests, and the longest wait in milliseconds.
fn race(latency: u64, skew: u64, provider: Provider) -> (usize, u64) {
    let courses = (0..20).map(|seed| {
        let course = Simulation { instances: 50, latency, skew, provider, seed }.run();
        let waits = course.outcomes.iter().map(|(_, took)| *took);
        (course.requests, waits.max().unwrap_or_default())
    });
    courses.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1))).unwrap()
}

fn succeed(_: usize, _: u64) -> (u64, super::Outcome) {
    (50, Ok(token("t", 3600)))
}

#[test]
fn fifty_cold_instances_make_one_or_two_requests_on_a_fast_and_on_a_slow_store() {
    for (latency, longest) in [(0, 400), (2, 400), (20, 800), (80, 1_500)] {
        let (requests, wait) = race(latency, 0, succeed);
        assert!(requests <= 2, "{requests} requests at a latency of {latency} ms");
        assert!(wait <= longest, "{wait} ms at a latency of {latency} ms");
    }
}

#[test]
fn clocks_that_differ_by_up_to_ten_seconds_change_nothing() {
    assert!(race(4, 10_000, succeed).0 <= 2);
}

#[test]
fn clocks_that_differ_by_five_minutes_cost_requests_and_give_no_wrong_answer() {
    let Course { outcomes, requests } =
        Simulation { instances: 50, latency: 4, skew: 300_000, provider: succeed, seed: 1 }.run();
    assert!(outcomes.iter().all(|(outcome, took)| outcome.is_ok() && *took < 2_000));
    assert!(requests <= 25, "{requests}");
}

#[test]
fn an_owner_that_hangs_costs_the_others_two_seconds() {
    let (requests, _) = race(2, 0, |number, _| (if number == 0 { 30_000 } else { 50 }, Ok(token("t", 3600))));
    assert!(requests <= 3, "{requests}");
    let provider: Provider = |number, _| (if number == 0 { 30_000 } else { 50 }, Ok(token("t", 3600)));
    let course = Simulation { instances: 50, latency: 2, skew: 0, provider, seed: 3 }.run();
    let late = course.outcomes.iter().filter(|(_, took)| *took > 2_700).count();
    assert_eq!(late, 1, "the owner alone");
}

#[test]
fn a_slow_failure_is_repeated_by_few_and_told_to_all() {
    let provider: Provider = |_, _| (22_000, Err(error(ErrorKind::Transient)));
    for seed in 0..5 {
        let Course { outcomes, requests } =
            Simulation { instances: 50, latency: 2, skew: 0, provider, seed }.run();
        let mut waits: Vec<_> = outcomes.iter().map(|(_, took)| *took).collect();
        waits.sort_unstable();
        assert!(outcomes.iter().all(|(outcome, _)| outcome.is_err()));
        // The last one that requested began just before the first one failed.
        let [median, longest] = [waits[25], waits[49]];
        assert!(
            requests <= 12 && median <= 22_500 && longest <= 45_000,
            "{requests} requests, {median} and {longest} ms"
        );
    }
}

#[test]
fn a_failure_of_one_configuration_is_told_to_no_other_instance() {
    // The first instance's secret is wrong.
    let provider: Provider = |number, _| match number {
        0 => (50, Err(error(ErrorKind::AuthenticationFailed))),
        _ => (50, Ok(token("t", 3600))),
    };
    let course = Simulation { instances: 50, latency: 2, skew: 0, provider, seed: 1 }.run();
    assert_eq!(course.outcomes.iter().filter(|(outcome, _)| outcome.is_err()).count(), 1);
}

#[test]
fn an_owner_that_fails_while_another_one_succeeds_takes_no_token_away() {
    // The first instance's endpoint hangs; the lease goes on to others, whose requests succeed.
    let provider: Provider = |number, _| match number {
        0 => (3_000, Err(error(ErrorKind::Transient))),
        _ => (1_500, Ok(token("t", 3600))),
    };
    for seed in 0..5 {
        let course = Simulation { instances: 50, latency: 2, skew: 0, provider, seed }.run();
        let failed = course.outcomes.iter().filter(|(outcome, _)| outcome.is_err()).count();
        assert_eq!((course.requests, failed), (2, 1));
    }
}
