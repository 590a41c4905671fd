//! Everything outside: environment, files, HTTP, clocks, chance. The core asks for it here and
//! nowhere else, so tests can put a world of their own in its place.

#[cfg(target_family = "wasm")]
mod codes;
#[cfg(test)]
#[expect(clippy::new_without_default, reason = "its empty world is worth a name")]
pub mod fake;
#[cfg(target_family = "wasm")]
mod folder;
#[cfg_attr(all(target_family = "wasm", not(feature = "wasi-0-3")), path = "host/blocking.rs")]
mod waiting;
#[cfg(all(target_family = "wasm", not(feature = "wasi-0-3")))]
pub mod wasi;
#[cfg(all(target_family = "wasm", feature = "wasi-0-3"))]
pub mod wasi3;

use crate::http::{HttpError, Request, Response, Timeouts};
use crate::prelude::*;
use core::time::Duration;
pub use waiting::{AsyncMutex, BoxFuture, boxed, done, run};
#[cfg(all(target_family = "wasm", not(feature = "wasi-0-3")))]
pub use wasi::Wasi;
#[cfg(all(target_family = "wasm", feature = "wasi-0-3"))]
pub use wasi3::Wasi;

/// What runs beside the calls.
pub type Task = Box<dyn FnOnce(&'static dyn Host) -> BoxFuture<'static, ()>>;

/// Whether a call may come while another one waits. On WASI 0.2 none can, and whatever is written for
/// that case is not in the component.
pub const IS_CONCURRENT: bool = cfg!(any(not(target_family = "wasm"), feature = "wasi-0-3"));

/// What the core needs from outside.
///
/// On WASI 0.2 the host blocks inside, and each of its steps is done when it returns.
pub trait Host {
    /// The value of an environment variable, as it was set; `None` when it was not. Callers want
    /// [`env`](fn@env), for which blank is unset.
    fn variable(&self, name: &str) -> Option<String>;

    /// The bytes of a file. Reads at most `limit` bytes and one more, to know that there are more.
    fn read_file<'a>(&'a self, path: &'a str, limit: usize) -> BoxFuture<'a, Result<Vec<u8>, FileError>>;

    /// As [`read_file`](Self::read_file), but a link is [`FileError::NotAFile`], wherever it leads.
    fn read_file_not_link<'a>(
        &'a self,
        path: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<u8>, FileError>>;

    /// Sends a request and collects the answer. Follows no redirect and ends within
    /// `timeouts.total`, whatever the server does.
    fn send<'a>(
        &'a self,
        request: &'a Request,
        timeouts: Timeouts,
    ) -> BoxFuture<'a, Result<Response, HttpError>>;

    /// The time of day, in seconds since the Unix epoch. May jump.
    fn now(&self) -> u64;

    /// The time since some moment in the past. Never goes back.
    fn elapsed(&self) -> Duration;

    /// Waits.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;

    /// Runs a task beside the calls, until it is done; it is given the host itself.
    ///
    /// # Errors
    /// Gives the task back when there is nobody to run it, as on a host that blocks.
    fn spawn(&self, task: Task) -> Result<(), Task> {
        Err(task)
    }

    /// Fills `bytes` with cryptographically secure chance.
    fn fill_random(&self, bytes: &mut [u8]);
}

/// Why a file could not be read; to stand behind its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is there and may not be read.
    #[error("may not be read")]
    Denied,
    /// There is no such file.
    #[error("does not exist")]
    Missing,
    /// The host gave no access to any folder above it.
    #[error("is in no folder that the host gives access to")]
    NoFolder,
    /// A folder, a device, a link that leads out.
    #[error("is not a plain file")]
    NotAFile,
    /// Larger than the limit.
    #[error("is larger than anything that belongs there")]
    TooLarge,
    /// The host failed.
    #[error("could not be read")]
    Failed,
}

impl FileError {
    /// Whether the file is not there at all, as far as this component can see.
    pub fn is_absence(self) -> bool {
        matches!(self, Self::Missing | Self::NoFolder)
    }
}

/// The value of an environment variable; blank is unset.
pub fn env(host: &dyn Host, name: &str) -> Option<String> {
    host.variable(name).filter(|value| !value.trim().is_empty())
}

/// The user's folder, without a slash at its end; `None`: nobody says where.
pub fn home(host: &dyn Host) -> Option<String> {
    let home = env(host, "HOME").or_else(|| env(host, "USERPROFILE"))?;
    Some(home.trim_end_matches('/').to_owned())
}

/// The most that is read of a token or configuration file, in bytes.
pub const MAX_FILE: usize = 1024 * 1024;
