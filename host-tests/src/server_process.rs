//! A server program of a test's own, on a port of loopback.

use crate::background_program::BackgroundProgram;
use anyhow::{Context, Result, bail, ensure};
use rand::RngExt;
use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How a server is started.
pub struct ServerProgram {
    /// The program.
    pub path: PathBuf,
    /// Its arguments, for a port.
    pub arguments: Box<dyn Fn(u16) -> Vec<OsString> + Send + Sync>,
    /// What it prints once it accepts connections.
    pub ready: &'static str,
}

/// A server, which can fail in all the ways that servers fail. Dropping it kills it.
pub struct ServerProcess {
    program: ServerProgram,
    port: u16,
    running: Option<BackgroundProgram>,
}

impl ServerProcess {
    /// Starts a server on a free port, and waits until it accepts connections.
    pub fn start(program: ServerProgram) -> Result<Self> {
        let mut failure = None;
        for _ in 0..ATTEMPTS {
            let port = free_port()?;
            match run(&program, port) {
                Ok(running) => return Ok(Self { program, port, running: Some(running) }),
                // Another process was faster.
                Err(error) if is_taken(&error) => failure = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(failure.context("no attempt was made")?)
    }

    /// The port. It stays the same across restarts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops the process without ending it (`SIGSTOP`): connections stay open, and none gets an answer.
    pub fn freeze(&self) -> Result<()> {
        let id = self.signal("STOP")?;
        self.wait_for_state(id, |state| state == 'T')
    }

    /// Continues a process after [`freeze`](Self::freeze).
    pub fn resume(&self) -> Result<()> {
        let id = self.signal("CONT")?;
        self.wait_for_state(id, |state| state != 'T')
    }

    /// Kills the process: connections are closed, and new ones refused.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Starts the server again on the same port, after killing it if it runs.
    pub fn restart(&mut self) -> Result<()> {
        self.kill();
        self.running = Some(run(&self.program, self.port)?);
        Ok(())
    }

    /// What the process printed since its last start.
    pub fn output(&mut self) -> &str {
        self.running.as_mut().map_or("", BackgroundProgram::output)
    }

    /// Sends a signal, and returns the process's id.
    fn signal(&self, signal: &str) -> Result<u32> {
        let id = self.running.as_ref().context("the server was killed")?.id();
        let status = Command::new("kill").arg(format!("-{signal}")).arg(id.to_string()).status()?;
        ensure!(status.success(), "kill -{signal} failed: {status}");
        Ok(id)
    }

    /// Waits until a signal has taken effect, which the system reports on Linux alone.
    fn wait_for_state(&self, id: u32, is_reached: impl Fn(char) -> bool) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let Ok(status) = fs::read_to_string(format!("/proc/{id}/stat")) else { return Ok(()) };
            // "id (name) state …"
            let state = status.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
            if state.is_none_or(&is_reached) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "the process is still in state {state:?}");
            sleep(Duration::from_millis(1));
        }
    }
}

/// A port that nothing listens on.
///
/// It is below the ports that systems give to outgoing connections (49152 and up, on Linux 32768 and up). A client that
/// connects again and again to a stopped server at one of those would in the end be given the same port for its own side,
/// and connect to itself.
fn free_port() -> Result<u16> {
    for _ in 0..100 {
        let port = rand::rng().random_range(20_000..32_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port of a hundred is free")
}

fn run(program: &ServerProgram, port: u16) -> Result<BackgroundProgram> {
    let mut running = BackgroundProgram::start(Command::new(&program.path).args((program.arguments)(port)))?;
    running.wait_for(program.ready)?;
    Ok(running)
}

fn is_taken(error: &anyhow::Error) -> bool {
    error.to_string().to_ascii_lowercase().contains("address already in use")
}

const ATTEMPTS: usize = 5;
