//! A worker process, as the program sees it.

use crate::fleet::messages::{Command, Reply};
use crate::fleet::worker::Start;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// A worker process. Dropping it kills it.
pub struct WorkerProcess {
    child: Child,
    commands: ChildStdin,
    replies: Receiver<String>,
}

impl WorkerProcess {
    /// Starts a worker with this program.
    pub fn start(program: &Path, start: &Start) -> Result<Self> {
        let mut command = std::process::Command::new(program);
        command.arg("--worker").arg(serde_json::to_string(start)?);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (commands, out) = (child.stdin.take(), child.stdout.take());
        let (commands, out) = (commands.context("it has an input")?, out.context("it has an output")?);
        let (sender, replies) = channel();
        std::thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Ok(Self { child, commands, replies })
    }

    /// Tells the worker to do something.
    pub fn send(&mut self, command: &Command) -> Result<()> {
        writeln!(self.commands, "{}", serde_json::to_string(command)?).context("a worker ended")
    }

    /// Waits for a reply; `None`: there is none within this time.
    ///
    /// # Errors
    /// When the worker ended.
    pub fn reply_within(&self, time: Duration) -> Result<Option<Reply>> {
        match self.replies.recv_timeout(time) {
            Ok(line) => Ok(Some(serde_json::from_str(&line).context("a reply is malformed")?)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => bail!("a worker ended"),
        }
    }

    /// Waits for a reply.
    ///
    /// # Errors
    /// When the worker ended, or after a minute.
    pub fn reply(&self) -> Result<Reply> {
        self.reply_within(PATIENCE)?.context("a worker did not reply")
    }

    /// Kills the worker (`SIGKILL`).
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const PATIENCE: Duration = Duration::from_secs(60);
