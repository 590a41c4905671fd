//! The host on WASI 0.2. With its submodules it is the only file that names `wasi:*` in the editions for WASI
//! 0.2.

mod files;
mod outgoing;

use super::nanoseconds::nanoseconds;
use super::{FileError, Host};
use crate::concurrency::BoxFuture;
use crate::http::{HttpError, Request, Response, Timeouts};
use crate::instance::InstanceState;
use crate::prelude::*;
use core::cell::OnceCell;
use core::time::Duration;
use wasi::cli::environment::get_environment;
use wasi::clocks::{monotonic_clock, wall_clock};
use wasi::filesystem::types::PathFlags;

/// The host of the instance. Its methods block until they are done.
pub struct Wasi {
    /// The environment of an instance never changes, so it is read once.
    environment: OnceCell<Vec<(String, String)>>,
    state: InstanceState,
}

impl Wasi {
    /// The host of the instance. It runs no tasks, so it does not need `instance`.
    pub fn new(_instance: fn() -> &'static dyn Host) -> Self {
        Self { environment: OnceCell::new(), state: InstanceState::default() }
    }
}

impl Host for Wasi {
    fn variable(&self, name: &str) -> Option<String> {
        let environment = self.environment.get_or_init(get_environment);
        environment.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
    }

    fn read_file<'a>(&'a self, path: &'a str, limit: usize) -> BoxFuture<'a, Result<Vec<u8>, FileError>> {
        files::read(path, limit, PathFlags::SYMLINK_FOLLOW)
    }

    fn read_file_not_link<'a>(
        &'a self,
        path: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<u8>, FileError>> {
        files::read(path, limit, PathFlags::empty())
    }

    fn send<'a>(
        &'a self,
        request: &'a Request,
        timeouts: Timeouts,
    ) -> BoxFuture<'a, Result<Response, HttpError>> {
        outgoing::send(request, timeouts)
    }

    fn now(&self) -> u64 {
        wall_clock::now().seconds
    }

    fn elapsed(&self) -> Duration {
        Duration::from_nanos(monotonic_clock::now())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        monotonic_clock::subscribe_duration(nanoseconds(duration)).block();
    }

    fn instance(&self) -> &InstanceState {
        &self.state
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        let random = wasi::random::random::get_random_bytes(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        for (byte, random) in bytes.iter_mut().zip(random) {
            *byte = random;
        }
    }
}
