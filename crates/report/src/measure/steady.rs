//! Whether the machine was steady. Floors, whose work never changes, are measured before and after each section; if one moved
//! by more than 10 %, so may have every figure between, and the section is measured again.

use super::benchmark_host::BenchmarkHost;
use super::timing::{self, Sample, interleaved};
use super::token_server::TokenServer;
use crate::guests::{FIXED_TOKEN, ONE_GET};
use anyhow::Result;
use std::time::Duration;

/// The floors: a call that returns a constant, and the first token of a component that sends one GET.
pub type Floors = [Duration; 2];

/// What was measured between two measurements of the floors.
#[derive(Debug)]
pub struct Measured<T> {
    /// What was measured.
    pub value: T,
    /// By how much a floor moved, at most: 0.1 is 10 %.
    pub moved: f64,
    /// The floors before.
    pub before: Floors,
    /// The floors after.
    pub after: Floors,
}

impl<T> Measured<T> {
    /// Whether the figures are usable.
    pub fn is_usable(&self) -> bool {
        self.moved <= LIMIT
    }
}

/// Measures until the floors did not move, three times at most; returns the last measurement. `announce` receives by how much
/// they moved before each repetition.
///
/// # Errors
/// Those of the measurements.
pub fn repeated<T>(
    floors: &mut dyn FnMut() -> Result<Floors>,
    announce: &mut dyn FnMut(f64),
    measure: &mut dyn FnMut() -> Result<T>,
) -> Result<Measured<T>> {
    let mut before = floors()?;
    for _ in 1..ATTEMPTS {
        let measured = between(before, measure()?, floors()?);
        if measured.is_usable() {
            return Ok(measured);
        }
        announce(measured.moved);
        before = measured.after;
    }
    Ok(between(before, measure()?, floors()?))
}

/// The floors of this machine.
///
/// # Errors
/// When a component does not start.
pub fn floors<'a>(
    host: &'a BenchmarkHost,
    server: &TokenServer,
    url: &str,
) -> Result<impl FnMut() -> Result<Floors> + use<'a>> {
    let mut constant = timing::cached_from_component(host, FIXED_TOKEN, server, &timing::scopes(1))?;
    let mut get = timing::first_token(host, ONE_GET, &[], url)?;
    Ok(move || {
        let constant: Sample<'_> = Box::new(&mut constant);
        let get: Sample<'_> = Box::new(&mut get);
        interleaved(SAMPLES, [constant, get])
    })
}

/// By how much floors moved, at most: 0.1 is 10 %.
pub fn moved(before: Floors, after: Floors) -> f64 {
    let by = before.into_iter().zip(after).map(|(before, after)| {
        let (before, after) = (before.as_secs_f64(), after.as_secs_f64());
        before.max(after) / before.min(after) - 1.0
    });
    by.fold(0.0, f64::max)
}

fn between<T>(before: Floors, value: T, after: Floors) -> Measured<T> {
    Measured { value, moved: moved(before, after), before, after }
}

/// A floor that moved by more makes figures unusable.
pub const LIMIT: f64 = 0.1;
const ATTEMPTS: usize = 3;
/// For a second or two, so that a machine that is disturbed for less is none the less measured.
const SAMPLES: usize = 2001;

#[cfg(test)]
mod tests {
    use super::*;

    /// Measures with floors of these times, and returns how often the section was measured, what was announced in percent, and
    /// whether the last figures are usable.
    fn run(floors: &[u64]) -> (usize, Vec<u64>, bool) {
        let (mut floors, mut announced, mut times) = (floors.iter().copied(), Vec::new(), 0);
        let measured = repeated(
            &mut || Ok([Duration::from_nanos(floors.next().expect("a floor")), Duration::from_micros(500)]),
            &mut |moved| announced.push((moved * 100.0).round() as u64),
            &mut || {
                times += 1;
                Ok(())
            },
        );
        let is_usable = measured.expect("no measurement fails").is_usable();
        (times, announced, is_usable)
    }

    #[test]
    fn a_section_is_measured_again_when_a_floor_moved_by_more_than_ten_percent() {
        assert_eq!(run(&[380, 410]), (1, vec![], true), "8 %");
        assert_eq!(run(&[380, 430, 440]), (2, vec![13], true), "once");
        assert_eq!(run(&[430, 380, 385]), (2, vec![13], true), "faster is as bad as slower");
    }

    #[test]
    fn a_section_is_measured_three_times_at_most_and_then_marked() {
        assert_eq!(run(&[380, 450, 380, 450]), (3, vec![18, 18], false));
    }
}
