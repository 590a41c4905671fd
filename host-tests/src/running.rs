//! A program that runs in the background while a test talks to it.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// A running program, killed when this is dropped.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    seen: String,
}

impl Running {
    /// Starts `command` and reads along what it prints, errors included.
    pub fn start(command: &mut Command) -> Result<Running> {
        let name = command.get_program().display().to_string();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("{name} does not start"))?;
        let (sender, lines) = channel();
        if let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) {
            follow(stdout, sender.clone());
            follow(stderr, sender);
        }
        Ok(Running { child, lines, seen: String::new() })
    }

    /// Waits for a line that contains `text`, and returns what stands in it behind `text`. Lines before it
    /// are passed over.
    ///
    /// # Errors
    /// When the program ends first, or a minute passes; the error has what it printed.
    pub fn wait_for(&mut self, text: &str) -> Result<String> {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(line) = self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            self.seen += &line;
            self.seen.push('\n');
            if let Some((_, rest)) = line.split_once(text) {
                return Ok(rest.to_owned());
            }
        }
        bail!("the program never said {text:?}; it said:\n{}", self.seen)
    }

    /// What it has printed so far.
    pub fn output(&mut self) -> &str {
        for line in self.lines.try_iter() {
            self.seen += &line;
            self.seen.push('\n');
        }
        &self.seen
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hands on what a pipe says, line by line, until it ends or nobody listens any more.
fn follow(pipe: impl Read + Send + 'static, lines: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
}

/// A program on a busy machine takes its time to start.
const PATIENCE: Duration = Duration::from_secs(60);

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Running {
        Running::start(Command::new("sh").args(["-c", script])).expect("there is a shell")
    }

    #[test]
    fn it_hears_both_outputs_and_ends_the_program() {
        let mut running = shell("echo first; echo listens on port 80 >&2; exec sleep 600");
        assert_eq!(running.wait_for("port ").expect("it says so"), "80");
        let id = running.child.id().to_string();
        drop(running);
        let alive = Command::new("kill").args(["-0", &id]).stderr(Stdio::null()).status();
        assert!(!alive.expect("there is a kill command").success());
    }

    #[test]
    fn a_program_that_ends_too_early_is_told_with_its_words() {
        let error = shell("echo no; exit 1").wait_for("yes").expect_err("it never says so");
        assert_eq!(error.to_string(), "the program never said \"yes\"; it said:\nno\n");
    }
}
