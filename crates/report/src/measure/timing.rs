//! Times. Each is the first decile of its samples, and the samples of measurements that are compared are taken in turn. Other
//! work on the machine only ever adds time, on a shared one for seconds on end: then a median is a figure of the neighbours.

use super::benchmark_host::{BenchmarkHost, request};
use super::token_server::TokenServer;
use crate::figures::{Compared, Value};
use anyhow::Result;
use std::time::{Duration, Instant};

/// The time of `run`.
///
/// # Errors
/// When `run` fails.
pub fn of(samples: usize, mut run: impl FnMut() -> Result<()>) -> Result<Duration> {
    let sample: Sample<'_> = Box::new(move || {
        let started = Instant::now();
        run()?;
        Ok(started.elapsed())
    });
    let [time] = interleaved(samples, [sample])?;
    Ok(time)
}

/// Measures once, and returns the time of one call.
pub type Sample<'a> = Box<dyn FnMut() -> Result<Duration> + 'a>;

/// The times of several measurements, whose samples are taken in turn, so that other work on the machine affects all of them.
///
/// # Errors
/// When a sample fails.
pub fn interleaved<const N: usize>(
    samples: usize,
    mut measurements: [Sample<'_>; N],
) -> Result<[Duration; N]> {
    let times = in_turn(samples, &mut measurements)?;
    Ok(std::array::from_fn(|number| times[number]))
}

fn in_turn(samples: usize, measurements: &mut [Sample<'_>]) -> Result<Vec<Duration>> {
    let mut times = vec![Vec::with_capacity(samples); measurements.len()];
    for _ in 0..samples {
        for (sample, times) in measurements.iter_mut().zip(&mut times) {
            times.push(sample()?);
        }
    }
    Ok(times.into_iter().map(first_decile).collect())
}

/// The time that a tenth of the samples do not exceed. There is at least one sample.
pub fn first_decile(mut samples: Vec<Duration>) -> Duration {
    samples.sort_unstable();
    samples[samples.len() / 10]
}

/// The time of a measurement and of those that it is compared with, whose samples are taken in turn; `None`: not measured.
///
/// # Errors
/// When a sample fails.
pub fn compared(
    samples: usize,
    ours: Sample<'_>,
    others: Vec<(&'static str, Option<Sample<'_>>)>,
) -> Result<Compared> {
    let names: Vec<_> = others.iter().map(|(name, sample)| (*name, sample.is_some())).collect();
    let mut all: Vec<_> = std::iter::once(ours).chain(others.into_iter().filter_map(|it| it.1)).collect();
    let mut times = in_turn(samples, &mut all)?.into_iter().map(Value::Time);
    let ours = times.next().unwrap_or(Value::Time(Duration::ZERO));
    let others = names.into_iter().map(|(name, is_measured)| {
        let time = if is_measured { times.next() } else { None };
        (name, time)
    });
    Ok((ours, others.collect()))
}

/// Cached calls from the host, for each of the scopes in turn.
///
/// # Errors
/// When the provider at `path` returns no token.
pub fn cached_from_host(
    host: &BenchmarkHost,
    path: &str,
    server: &TokenServer,
    scopes: &[String],
) -> Result<Sample<'static>> {
    let mut instance = host.provider(path)?.start(&server.imds())?;
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
/// When the provider at `path` returns no token.
pub fn cached_from_component(
    host: &BenchmarkHost,
    path: &str,
    server: &TokenServer,
    scopes: &[String],
) -> Result<Sample<'static>> {
    let (mut caller, scopes) = (host.caller(path, &server.imds())?, scopes.to_vec());
    caller.call(CALLS, &scopes)?;
    Ok(Box::new(move || {
        let started = Instant::now();
        caller.call(CALLS, &scopes)?;
        Ok(started.elapsed() / CALLS)
    }))
}

/// Cached calls inside a component that gets its tokens itself: without a boundary between components.
///
/// # Errors
/// When the component at `path` returns no token.
pub fn cached_inside(
    host: &BenchmarkHost,
    path: &str,
    server: &TokenServer,
    scopes: &[String],
) -> Result<Sample<'static>> {
    let (mut app, scopes) = (host.own_caller(path, &server.imds())?, scopes.to_vec());
    app.call(CALLS, &scopes)?;
    Ok(Box::new(move || {
        let started = Instant::now();
        app.call(CALLS, &scopes)?;
        Ok(started.elapsed() / CALLS)
    }))
}

/// The start of an instance and its first token.
///
/// # Errors
/// When the component at `path` is no provider.
pub fn first_token<'a>(
    host: &'a BenchmarkHost,
    path: &str,
    env: &'a [(&str, String)],
    scope: &str,
) -> Result<Sample<'a>> {
    let (provider, request) = (host.provider(path)?, request(scope));
    Ok(Box::new(move || {
        let started = Instant::now();
        provider.start(env)?.get_token(&request)?;
        Ok(started.elapsed())
    }))
}

/// The start of an instance alone.
///
/// # Errors
/// When the component at `path` is no provider.
pub fn start<'a>(host: &'a BenchmarkHost, path: &str, env: &'a [(&str, String)]) -> Result<Sample<'a>> {
    let provider = host.provider(path)?;
    Ok(Box::new(move || {
        let started = Instant::now();
        drop(provider.start(env)?);
        Ok(started.elapsed())
    }))
}

/// The scope for which the components that return a constant read one clock first.
pub fn clock() -> Vec<String> {
    vec!["clock".to_owned()]
}

/// The scope for which the components that return a constant read both clocks first.
pub fn clocks() -> Vec<String> {
    vec!["clocks".to_owned()]
}

/// The scopes for which the component that returns a constant returns one of `count` constants.
pub fn texts(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("text{number}")).collect()
}

/// The scopes of `count` different resources.
pub fn scopes(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("https://vault{number}.azure.net/.default")).collect()
}

/// The number of samples of a measurement.
pub const SAMPLES: usize = 301;
/// The number of cached calls in a sample.
const CALLS: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_decile_is_that_of_the_undisturbed_samples() {
        let of = |nanoseconds: &[u64]| {
            first_decile(nanoseconds.iter().copied().map(Duration::from_nanos).collect()).as_nanos()
        };
        assert_eq!(of(&[7]), 7, "of a single one");
        let disturbed = [900, 16, 800, 15, 700, 17, 600, 18, 500, 990];
        assert_eq!(of(&disturbed), 16, "the second of ten, in any order");
    }
}
