//! How long it takes: medians, because whatever else a machine does only ever adds.

use super::answering::Answering;
use super::lab::{Lab, request};
use anyhow::Result;
use std::time::{Duration, Instant};

/// The median of how long something takes, of so many times.
///
/// # Errors
/// What `run` fails with.
pub fn median(rounds: usize, mut run: impl FnMut() -> Result<()>) -> Result<Duration> {
    let run: Run<'_> = Box::new(move || {
        let started = Instant::now();
        run()?;
        Ok(started.elapsed())
    });
    let [median] = race(rounds, [run])?;
    Ok(median)
}

/// Something that is measured: each time it is run it says how long one call took.
pub type Run<'a> = Box<dyn FnMut() -> Result<Duration> + 'a>;

/// The medians of several, run in turn: whatever else the machine does meanwhile happens to all of them.
///
/// # Errors
/// What one of them fails with.
pub fn race<const N: usize>(rounds: usize, mut runs: [Run<'_>; N]) -> Result<[Duration; N]> {
    let mut times = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (run, times) in runs.iter_mut().zip(&mut times) {
            times.push(run()?);
        }
    }
    Ok(times.map(|mut times| {
        times.sort_unstable();
        times[rounds / 2]
    }))
}

/// Cached calls from the host, for one of the scopes after the other.
///
/// # Errors
/// When the provider at `path` gives no token.
pub fn cached_from_host(
    lab: &Lab,
    path: &str,
    server: &Answering,
    scopes: &[String],
) -> Result<Run<'static>> {
    let mut instance = lab.provider(path)?.start(&server.imds())?;
    let requests: Vec<_> = scopes.iter().map(|scope| request(scope)).collect();
    for request in &requests {
        instance.get_token(request)?;
    }
    Ok(Box::new(move || {
        let started = Instant::now();
        for request in requests.iter().cycle().take(CALLS as usize) {
            instance.get_token(request)?;
        }
        Ok(started.elapsed() / CALLS)
    }))
}

/// Cached calls from another component.
///
/// # Errors
/// When the provider at `path` gives no token.
pub fn cached_from_component(
    lab: &Lab,
    path: &str,
    server: &Answering,
    scopes: &[String],
) -> Result<Run<'static>> {
    let (mut caller, scopes) = (lab.caller(path, &server.imds())?, scopes.to_vec());
    caller.ask(CALLS, &scopes)?;
    Ok(Box::new(move || {
        let started = Instant::now();
        caller.ask(CALLS, &scopes)?;
        Ok(started.elapsed() / CALLS)
    }))
}

/// From the creation of an instance to its first token.
///
/// # Errors
/// When the provider at `path` is none.
pub fn first_token<'a>(lab: &'a Lab, path: &str, env: &'a [(&str, String)], scope: &str) -> Result<Run<'a>> {
    let (machine, request) = (lab.provider(path)?, request(scope));
    Ok(Box::new(move || {
        let started = Instant::now();
        machine.start(env)?.get_token(&request)?;
        Ok(started.elapsed())
    }))
}

/// The creation of an instance alone.
///
/// # Errors
/// When the provider at `path` is none.
pub fn start<'a>(lab: &'a Lab, path: &str, env: &'a [(&str, String)]) -> Result<Run<'a>> {
    let machine = lab.provider(path)?;
    Ok(Box::new(move || {
        let started = Instant::now();
        drop(machine.start(env)?);
        Ok(started.elapsed())
    }))
}

/// The scope for which the components with a constant read both clocks first.
pub fn clocks() -> Vec<String> {
    vec!["clocks".to_owned()]
}

/// So many scopes of different resources.
pub fn scopes(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("https://vault{number}.azure.net/.default")).collect()
}

/// How often each is run: where a run is many calls, and where it is one instance.
pub const ROUNDS: usize = 101;
const CALLS: u32 = 1000;
