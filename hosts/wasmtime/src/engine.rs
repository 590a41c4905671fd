//! The engine that providers run on, one for the process. It is not the engine of the apps, because providers need
//! interruption, which an embedder may not want for its apps.

use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use wasmtime::{Config, Engine};

/// The engine.
///
/// # Errors
/// Why there is none: wasmtime does not support this machine, or no thread can be started.
pub(crate) fn engine() -> Result<&'static Engine, &'static str> {
    static ENGINE: OnceLock<Result<Engine, String>> = OnceLock::new();
    ENGINE.get_or_init(make).as_ref().map_err(String::as_str)
}

/// Keeps the epochs running while it exists.
pub(crate) struct Running(());

impl Running {
    pub(crate) fn start() -> Self {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        *running += 1;
        if *running == 1 {
            BEGUN.notify_one();
        }
        Self(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        *running = running.saturating_sub(1);
    }
}

fn make() -> Result<Engine, String> {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let engine = Engine::new(&config).map_err(|error| format!("{error:#}"))?;
    let ticking = engine.clone();
    std::thread::Builder::new()
        .name("azure-identity-wasmtime".to_owned())
        .spawn(move || tick(&ticking))
        .map_err(|error| error.to_string())?;
    Ok(engine)
}

/// Increments the epoch while an instance runs. An instance that computes yields its thread at every epoch, so that its
/// caller's timeout takes effect and other tasks run.
fn tick(engine: &Engine) -> ! {
    loop {
        let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        drop(BEGUN.wait_while(running, |running| *running == 0));
        std::thread::sleep(EPOCH);
        engine.increment_epoch();
    }
}

static RUNNING: Mutex<usize> = Mutex::new(0);
static BEGUN: Condvar = Condvar::new();
const EPOCH: Duration = Duration::from_millis(10);
