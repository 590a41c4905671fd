//! Everything outside: environment, files, HTTP, clocks, chance. The core asks for it here and
//! nowhere else, so tests can put a world of their own in its place.

#[cfg(test)]
#[expect(clippy::new_without_default, reason = "its empty world is worth a name")]
pub mod fake;
#[cfg_attr(target_family = "wasm", path = "host/blocking.rs")]
mod waiting;
#[cfg(target_family = "wasm")]
pub mod wasi;

use crate::http::{HttpError, Request, Response, Timeouts};
use crate::prelude::*;
use core::time::Duration;
pub use waiting::{BoxFuture, boxed, done, run};

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
