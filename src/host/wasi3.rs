//! The host on WASI 0.3. With its submodules it is the only file that names `wasi:*` in the edition for WASI
//! 0.3.

mod bindings;
mod files;
mod outgoing;
mod timeout;

use super::nanoseconds::nanoseconds;
use super::{FileError, Host, Task};
use crate::concurrency::BoxFuture;
use crate::http::{HttpError, Request, Response, Timeouts};
use crate::instance::InstanceState;
use crate::prelude::*;
use bindings::wasi::cli::environment::get_environment;
use bindings::wasi::clocks::monotonic_clock::wait_for;
use bindings::wasi::clocks::{monotonic_clock, system_clock};
use bindings::wasi::filesystem::types::PathFlags;
use bindings::wasi::random::random::get_random_bytes;
use core::cell::OnceCell;
use core::time::Duration;

/// The host of the instance. While one of its futures waits, the instance serves other calls.
pub struct Wasi {
    /// Returns this host, for tasks.
    instance: fn() -> &'static dyn Host,
    /// The environment of an instance never changes, so it is read once.
    environment: OnceCell<Vec<(String, String)>>,
    state: InstanceState,
}

impl Wasi {
    /// The host of the instance; `instance` returns it, once it is made.
    pub fn new(instance: fn() -> &'static dyn Host) -> Self {
        Self { instance, environment: OnceCell::new(), state: InstanceState::default() }
    }
}

impl Host for Wasi {
    fn variable(&self, name: &str) -> Option<String> {
        let environment = self.environment.get_or_init(get_environment);
        environment.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
    }

    fn read_file<'a>(&'a self, path: &'a str, limit: usize) -> BoxFuture<'a, Result<Vec<u8>, FileError>> {
        Box::pin(files::read(path, limit, PathFlags::SYMLINK_FOLLOW))
    }

    fn read_file_not_link<'a>(
        &'a self,
        path: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<u8>, FileError>> {
        Box::pin(files::read(path, limit, PathFlags::empty()))
    }

    fn send<'a>(
        &'a self,
        request: &'a Request,
        timeouts: Timeouts,
    ) -> BoxFuture<'a, Result<Response, HttpError>> {
        Box::pin(outgoing::send(request, timeouts))
    }

    fn now(&self) -> u64 {
        // A clock before 1970 was never set.
        u64::try_from(system_clock::now().seconds).unwrap_or(0)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_nanos(monotonic_clock::now())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(wait_for(nanoseconds(duration)))
    }

    fn spawn(&self, task: Task) -> Result<(), Task> {
        wit_bindgen::spawn_local(task((self.instance)()));
        Ok(())
    }

    fn instance(&self) -> &InstanceState {
        &self.state
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        let random = get_random_bytes(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        for (byte, random) in bytes.iter_mut().zip(random) {
            *byte = random;
        }
    }
}
