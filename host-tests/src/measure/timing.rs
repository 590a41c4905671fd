//! How long it takes: medians, because whatever else a machine does only ever adds.

use super::answering::Answering;
use super::lab::{Lab, request};
use anyhow::Result;
use std::time::{Duration, Instant};

/// The median of how long one run takes, of `rounds` rounds of `runs` runs each.
///
/// # Errors
/// What `run` fails with.
pub fn median(rounds: usize, runs: u32, mut run: impl FnMut() -> Result<()>) -> Result<Duration> {
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let started = Instant::now();
        for _ in 0..runs {
            run()?;
        }
        times.push(started.elapsed() / runs);
    }
    times.sort_unstable();
    Ok(times[rounds / 2])
}

/// A cached call from the host, for one of the scopes after the other.
///
/// # Errors
/// When the provider at `path` gives no token.
pub fn cached_from_host(lab: &Lab, path: &str, server: &Answering, scopes: &[String]) -> Result<Duration> {
    let machine = lab.provider(path)?;
    let mut instance = machine.start(&server.imds())?;
    let requests: Vec<_> = scopes.iter().map(|scope| request(scope)).collect();
    for request in &requests {
        instance.get_token(request)?;
    }
    let mut next = requests.iter().cycle();
    median(ROUNDS, CALLS, || {
        let Some(request) = next.next() else { return Ok(()) };
        instance.get_token(request).map(drop)
    })
}

/// A cached call from another component.
///
/// # Errors
/// When the provider at `path` gives no token.
pub fn cached_from_component(
    lab: &Lab,
    path: &str,
    server: &Answering,
    scopes: &[String],
) -> Result<Duration> {
    let mut caller = lab.caller(path, &server.imds())?;
    caller.ask(CALLS, scopes)?;
    Ok(median(ROUNDS, 1, || caller.ask(CALLS, scopes).map(drop))? / CALLS)
}

/// From the creation of an instance to its first token.
///
/// # Errors
/// When the provider at `path` gives no token.
pub fn first_token(lab: &Lab, path: &str, env: &[(&str, String)], scope: &str) -> Result<Duration> {
    let (machine, request) = (lab.provider(path)?, request(scope));
    let run = || machine.start(env)?.get_token(&request).map(drop);
    run()?;
    median(101, 1, run)
}

/// The scope for which the components with a constant read both clocks first.
pub fn clocks() -> Vec<String> {
    vec!["clocks".to_owned()]
}

/// The creation of an instance alone.
///
/// # Errors
/// When the provider at `path` is none.
pub fn start(lab: &Lab, path: &str, env: &[(&str, String)]) -> Result<Duration> {
    let machine = lab.provider(path)?;
    median(101, 1, || machine.start(env).map(drop))
}

/// So many scopes of different resources.
pub fn scopes(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("https://vault{number}.azure.net/.default")).collect()
}

const ROUNDS: usize = 31;
const CALLS: u32 = 2000;
