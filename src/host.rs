//! The host of the component: environment, files, HTTP, clocks, randomness. The core uses them through
//! [`Host`] alone, so tests can replace them.

#[cfg(target_family = "wasm")]
mod codes;
#[cfg(all(not(target_family = "wasm"), any(test, feature = "test-util")))]
pub mod fake;
#[cfg(any(test, target_family = "wasm"))]
mod folder;
#[cfg(target_family = "wasm")]
mod nanoseconds;
pub mod path;
#[cfg(all(target_family = "wasm", not(feature = "wasi-0-3")))]
pub mod wasi;
#[cfg(all(target_family = "wasm", feature = "wasi-0-3"))]
pub mod wasi3;

use crate::concurrency::BoxFuture;
use crate::http::{HttpError, Request, Response, Timeouts};
use crate::instance::InstanceState;
use crate::prelude::*;
use core::time::Duration;

/// A task that runs concurrently with the calls.
pub type Task = Box<dyn FnOnce(&'static dyn Host) -> BoxFuture<'static, ()>>;

/// What the core needs from its host.
///
/// On WASI 0.2 the host blocks: a method returns when it is done.
pub trait Host {
    /// The value of an environment variable, as it is set; `None`: it is not. Callers use [`env`](fn@env),
    /// for which a blank variable is unset.
    fn variable(&self, name: &str) -> Option<String>;

    /// The bytes of a file, at most `limit`. One more byte is read, to detect a larger file.
    fn read_file<'a>(&'a self, path: &'a str, limit: usize) -> BoxFuture<'a, Result<Vec<u8>, FileError>>;

    /// As [`read_file`](Self::read_file), but a symbolic link is [`FileError::NotAFile`].
    fn read_file_not_link<'a>(
        &'a self,
        path: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<u8>, FileError>>;

    /// Sends a request and collects the response. Follows no redirect, and ends within `timeouts.total` for
    /// every behaviour of the server.
    fn send<'a>(
        &'a self,
        request: &'a Request,
        timeouts: Timeouts,
    ) -> BoxFuture<'a, Result<Response, HttpError>>;

    /// The time of day, in seconds since the Unix epoch. It may jump.
    fn now(&self) -> u64;

    /// The monotonic clock: the time since a moment in the past. It never goes back.
    fn elapsed(&self) -> Duration;

    /// Waits.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;

    /// Runs a task concurrently with the calls, until it is done. The task receives the host.
    ///
    /// # Errors
    /// Returns the task when the host runs none, as a host that blocks.
    fn spawn(&self, task: Task) -> Result<(), Task> {
        Err(task)
    }

    /// What all credentials of the instance share.
    fn instance(&self) -> &InstanceState;

    /// Fills `bytes` with cryptographically secure random bytes.
    fn fill_random(&self, bytes: &mut [u8]);
}

/// Why a file could not be read, to stand behind its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The file exists and may not be read.
    #[error("may not be read")]
    Denied,
    /// The file does not exist.
    #[error("does not exist")]
    Missing,
    /// The host gives no access to a folder above it.
    #[error("is in no folder that the host gives access to")]
    NoFolder,
    /// It is a folder, a device, or a link that leads out of the folder.
    #[error("is not a plain file")]
    NotAFile,
    /// It is larger than the limit.
    #[error("is larger than anything that belongs there")]
    TooLarge,
    /// The host failed.
    #[error("could not be read")]
    Failed,
}

impl FileError {
    /// Whether the file does not exist, as far as the component can see.
    pub fn is_absence(self) -> bool {
        matches!(self, Self::Missing | Self::NoFolder)
    }
}

/// The value of an environment variable; a blank one is unset.
pub fn env(host: &dyn Host, name: &str) -> Option<String> {
    host.variable(name).filter(|value| !value.trim().is_empty())
}

/// Whether an environment variable turns something on: `true`, `1` or `yes`, in any case. `false` has to mean
/// false; in azure-identity for Python every text means true.
pub fn is_on(host: &dyn Host, name: &str) -> bool {
    env(host, name)
        .is_some_and(|value| matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes"))
}

/// The user's home folder; `None`: no variable names it. `USERPROFILE` names it on Windows, where a shell
/// that sets `HOME` as well has had it set on purpose.
pub fn home(host: &dyn Host) -> Option<String> {
    env(host, "HOME").or_else(|| env(host, "USERPROFILE"))
}

/// Upper bound of a token or configuration file, in bytes.
pub const MAX_FILE: usize = 1024 * 1024;
