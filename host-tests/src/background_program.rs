//! A program that runs in the background during a test.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// A running program; dropping it kills the program.
pub struct BackgroundProgram {
    child: Child,
    lines: Receiver<String>,
    seen: String,
}

impl BackgroundProgram {
    /// Starts `command` and reads its standard output and standard error.
    pub fn start(command: &mut Command) -> Result<BackgroundProgram> {
        let name = command.get_program().display().to_string();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("{name} does not start"))?;
        let (sender, lines) = channel();
        if let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) {
            follow(stdout, sender.clone());
            follow(stderr, sender);
        }
        Ok(BackgroundProgram { child, lines, seen: String::new() })
    }

    /// Waits for a line that contains `text`, and returns the rest of that line. Earlier lines are skipped.
    ///
    /// # Errors
    /// When the program ends first, or after a minute; the error contains its output.
    pub fn wait_for(&mut self, text: &str) -> Result<String> {
        let deadline = Instant::now() + TIMEOUT;
        while let Ok(line) = self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            self.seen += &line;
            self.seen.push('\n');
            if let Some((_, rest)) = line.split_once(text) {
                return Ok(rest.to_owned());
            }
        }
        bail!("the program did not print {text:?}; its output:\n{}", self.seen)
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its output so far.
    pub fn output(&mut self) -> &str {
        for line in self.lines.try_iter() {
            self.seen += &line;
            self.seen.push('\n');
        }
        &self.seen
    }
}

impl Drop for BackgroundProgram {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends the lines of a pipe, until it ends or the receiver is dropped.
fn follow(pipe: impl Read + Send + 'static, lines: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
}

/// How long a program may take to print a line; on a busy machine it starts slowly.
const TIMEOUT: Duration = Duration::from_secs(60);

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> BackgroundProgram {
        BackgroundProgram::start(Command::new("sh").args(["-c", script])).expect("there is a shell")
    }

    #[test]
    fn both_outputs_are_read_and_the_program_is_killed() {
        let mut running = shell("echo first; echo listens on port 80 >&2; exec sleep 600");
        assert_eq!(running.wait_for("port ").expect("it is printed"), "80");
        let id = running.id().to_string();
        drop(running);
        let alive = Command::new("kill").args(["-0", &id]).stderr(Stdio::null()).status();
        assert!(!alive.expect("there is a kill command").success());
    }

    #[test]
    fn the_error_of_a_program_that_ended_contains_its_output() {
        let error = shell("echo no; exit 1").wait_for("yes").expect_err("it is not printed");
        assert_eq!(error.to_string(), "the program did not print \"yes\"; its output:\nno\n");
    }
}
