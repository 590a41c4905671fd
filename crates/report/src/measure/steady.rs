//! Whether the machine was steady. Floors, whose work never changes, are measured before and after each section; if one moved
//! by more than 10 %, so may have every figure between, and the section is measured again. A section begins when the floors are
//! near the best of the run, or after some seconds of waiting for that: other work on a shared machine comes and goes.

use super::benchmark_host::BenchmarkHost;
use super::timing::{self, Sample, interleaved};
use super::token_server::TokenServer;
use crate::guests::{FIXED_TOKEN, ONE_GET};
use anyhow::Result;
use std::time::{Duration, Instant};

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

/// The floors of a run.
pub struct Watch<'a> {
    measure: Box<dyn FnMut() -> Result<Floors> + 'a>,
    /// The shortest times so far; `None`: not measured.
    best: Option<Floors>,
    /// When nothing is waited for or repeated any more.
    ends_on: Instant,
}

impl<'a> Watch<'a> {
    /// Watches what `measure` returns.
    pub fn new(measure: impl FnMut() -> Result<Floors> + 'a) -> Self {
        Self { measure: Box::new(measure), best: None, ends_on: Instant::now() + ENOUGH }
    }

    /// Measures the floors for some seconds, so that the best ones are known before the first section.
    ///
    /// # Errors
    /// Those of the measurements.
    pub fn calibrate(&mut self) -> Result<()> {
        (0..CALIBRATION).try_for_each(|_| self.floors().map(drop))
    }

    /// Measures until the floors did not move, four times at most, and returns the last measurement. After seven minutes of the
    /// run nothing is repeated. `announce` receives by how much the floors moved before each repetition.
    ///
    /// # Errors
    /// Those of the measurements.
    pub fn repeated<T>(
        &mut self,
        announce: &mut dyn FnMut(f64),
        measure: &mut dyn FnMut() -> Result<T>,
    ) -> Result<Measured<T>> {
        let ends_on = self.ends_on;
        for _ in (1..ATTEMPTS).take_while(|_| Instant::now() < ends_on) {
            let measured = self.around(measure)?;
            if measured.is_usable() {
                return Ok(measured);
            }
            announce(measured.moved);
        }
        self.around(measure)
    }

    /// Measures between two measurements of the floors.
    fn around<T>(&mut self, measure: &mut dyn FnMut() -> Result<T>) -> Result<Measured<T>> {
        let before = self.settled()?;
        let value = measure()?;
        let after = self.floors()?.0;
        Ok(Measured { value, moved: moved(before, after), before, after })
    }

    /// The floors once they are near the best ones, or the last of several.
    fn settled(&mut self) -> Result<Floors> {
        let ends_on = self.ends_on;
        for _ in (1..PATIENCE).take_while(|_| Instant::now() < ends_on) {
            let (floors, best) = self.floors()?;
            if moved(floors, best) <= LIMIT / 2.0 {
                return Ok(floors);
            }
        }
        Ok(self.floors()?.0)
    }

    /// The floors, and the best ones so far.
    fn floors(&mut self) -> Result<(Floors, Floors)> {
        let floors = (self.measure)()?;
        let before = self.best.unwrap_or(floors);
        let best = std::array::from_fn(|number| before[number].min(floors[number]));
        self.best = Some(best);
        Ok((floors, best))
    }
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

/// A floor that moved by more makes figures unusable.
pub const LIMIT: f64 = 0.1;
const ATTEMPTS: usize = 4;
const CALIBRATION: usize = 5;
/// A run takes less than ten minutes.
const ENOUGH: Duration = Duration::from_secs(7 * 60);
/// How often the floors are measured before a section, at most: it takes ten seconds.
const PATIENCE: usize = 10;
/// For a second, so that a machine that is disturbed for less is none the less measured.
const SAMPLES: usize = 1001;

#[cfg(test)]
mod tests {
    use super::*;

    /// Measures with floors of these times, and returns how often the section was measured, what was announced in percent, and
    /// whether the last figures are usable.
    fn run(floors: &[u64]) -> (usize, Vec<u64>, bool) {
        let (mut floors, mut announced, mut times) = (floors.iter().copied(), Vec::new(), 0);
        let mut watch = Watch::new(|| {
            Ok([Duration::from_nanos(floors.next().expect("a floor")), Duration::from_micros(500)])
        });
        let measured =
            watch.repeated(&mut |moved| announced.push((moved * 100.0).round() as u64), &mut || {
                times += 1;
                Ok(())
            });
        let is_usable = measured.expect("no measurement fails").is_usable();
        (times, announced, is_usable)
    }

    #[test]
    fn a_section_is_measured_again_when_a_floor_moved_by_more_than_ten_percent() {
        assert_eq!(run(&[380, 410]), (1, vec![], true), "8 %");
        assert_eq!(run(&[380, 430, 381, 385]), (2, vec![13], true), "once");
        assert_eq!(run(&[430, 380, 385, 384]), (2, vec![13], true), "faster is as bad as slower");
    }

    #[test]
    fn a_section_begins_when_the_floors_are_near_the_best_ones_or_after_some_waiting() {
        assert_eq!(run(&[380, 430, 440, 450, 381, 385]), (2, vec![13], true), "they come down");
        let slow = [440; PATIENCE];
        assert_eq!(run(&[&[380, 430], &slow[..], &[445]].concat()), (2, vec![13], true), "they stay");
    }

    #[test]
    fn a_section_is_measured_four_times_at_most_and_then_marked() {
        let unsteady = [380, 450].repeat(ATTEMPTS);
        assert_eq!(run(&unsteady), (4, vec![18; 3], false));
    }
}
