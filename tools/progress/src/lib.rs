//! How far a long command is: a line on standard error, if that is a terminal.
//!
//! Nothing is written in a pipe, in a file or with `CI` set, so that output which programs read stays as it is.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::time::Duration;

/// The line. It is removed when this is dropped.
pub struct Progress(ProgressBar);

impl Progress {
    /// Starts a line.
    ///
    /// # Examples
    /// ```
    /// let progress = progress::Progress::start();
    /// for step in 0..3 {
    ///     progress.show(step, 3, "measuring");
    /// }
    /// ```
    pub fn start() -> Self {
        let is_shown = is_shown(stderr().is_terminal(), std::env::var_os("CI").is_some());
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self::on(target, is_shown)
    }

    /// Shows that a step out of so many is done next.
    pub fn show(&self, step: usize, of: usize, what: &str) {
        self.0.set_length(of as u64);
        self.0.set_position(step as u64);
        self.0.set_message(what.to_owned());
    }

    /// Shows what is done, where nothing says how much is left.
    pub fn note(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    /// Prints a line to standard output, above this one.
    pub fn print(&self, line: &str) {
        self.0.suspend(|| println!("{line}"));
    }

    fn on(target: ProgressDrawTarget, ticks: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} [{pos}/{len}] {msg}") {
            bar.set_style(style);
        }
        if ticks {
            // The time goes on while a step takes minutes.
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Names the step of a program that begins, in a line that stays, where the step's own programs write to standard error as well.
///
/// # Examples
/// ```
/// progress::step("release", "the wheels");
/// ```
pub fn step(program: &str, name: &str) {
    if is_shown(stderr().is_terminal(), std::env::var_os("CI").is_some()) {
        eprintln!("{program}: {name}");
    }
}

/// Whether anything is shown.
fn is_shown(is_terminal: bool, is_ci: bool) -> bool {
    is_terminal && !is_ci
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_shown_on_a_terminal_alone_and_never_with_ci() {
        assert_eq!(
            [(true, false), (true, true), (false, false), (false, true)]
                .map(|(terminal, ci)| is_shown(terminal, ci)),
            [true, false, false, false]
        );
    }
}
