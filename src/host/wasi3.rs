//! The world of a component of the 0.3 edition: WASI 0.3. With `wasi.rs`, the file that names `wasi:*`.

mod files;
mod outgoing;

use super::{BoxFuture, FileError, Host, Task};
use crate::http::{HttpError, Request, Response, Timeouts};
use crate::prelude::*;
use bindings::wasi::cli::environment::get_environment;
use bindings::wasi::clocks::monotonic_clock::wait_for;
use bindings::wasi::clocks::{monotonic_clock, system_clock};
use bindings::wasi::filesystem::types::PathFlags;
use bindings::wasi::random::random::get_random_bytes;
use core::cell::OnceCell;
use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

/// The host of this instance. While one of its futures waits, the instance serves other calls.
#[derive(Debug, Default)]
pub struct Wasi {
    /// An instance's environment never changes, so the host is asked once.
    environment: OnceCell<Vec<(String, String)>>,
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
        // A clock before 1970 is one that nobody has set.
        u64::try_from(system_clock::now().seconds).unwrap_or(0)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_nanos(monotonic_clock::now())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(wait_for(nanoseconds(duration)))
    }

    fn spawn(&self, task: Task) -> Result<(), Task> {
        wit_bindgen::spawn_local(task(crate::bindings::host()));
        Ok(())
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        let random = get_random_bytes(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        for (byte, random) in bytes.iter_mut().zip(random) {
            *byte = random;
        }
    }
}

/// What comes of a future within a time; `None`: the time is over, and the future is given up.
async fn within<T>(time: Duration, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut timer) = (pin!(future), pin!(wait_for(nanoseconds(time))));
    let both = poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => timer.as_mut().poll(context).map(|()| None),
    });
    both.await
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package azure-identity:surroundings;
            world surroundings {
                import wasi:cli/environment@0.3.0;
                import wasi:clocks/monotonic-clock@0.3.0;
                import wasi:clocks/system-clock@0.3.0;
                import wasi:filesystem/preopens@0.3.0;
                import wasi:filesystem/types@0.3.0;
                import wasi:http/client@0.3.0;
                import wasi:http/types@0.3.0;
                import wasi:random/random@0.3.0;
            }
        ",
        path: "wit",
        generate_all,
    });
}
