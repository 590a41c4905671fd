//! The async runtime with which the SDK's clients sleep and spawn tasks.
//!
//! The SDK's own runtime starts a thread for each sleep and task, and a component cannot start threads: without
//! [`install`], the first retry of a request would trap. The first request of a
//! [`WasiHttpClient`](crate::WasiHttpClient) installs the runtime.

use crate::executor::{self, JoinHandle};
use crate::reactor::Wait;
use azure_core::async_runtime::{AbortableTask, AsyncRuntime, SpawnedTask, TaskFuture, set_async_runtime};
use azure_core::time::Duration;
use std::error::Error;
use std::pin::Pin;
use std::sync::{Arc, Once};
use std::task::{Context, Poll};
use wasip2::clocks::monotonic_clock;

/// Makes [`WasiRuntime`] the runtime of the SDK, unless the app has set one before.
pub fn install() {
    static ONCE: Once = Once::new();
    // The only error is that a runtime is already set.
    ONCE.call_once(|| drop(set_async_runtime(Arc::new(WasiRuntime))));
}

/// A runtime on WASI's clocks and this crate's [executor].
///
/// A spawned task runs concurrently with the future of [`block_on`](crate::block_on). Under another executor all tasks run
/// while one of them is awaited.
#[derive(Clone, Copy, Debug, Default)]
pub struct WasiRuntime;

impl AsyncRuntime for WasiRuntime {
    fn spawn(&self, future: TaskFuture) -> SpawnedTask {
        Box::pin(Handle(executor::spawn(future)))
    }

    fn sleep(&self, duration: Duration) -> TaskFuture {
        Box::pin(async move {
            let timer = monotonic_clock::subscribe_duration(nanoseconds(duration));
            Wait::for_first_of([timer]).await;
        })
    }

    fn yield_now(&self) -> TaskFuture {
        Box::pin(executor::yield_now())
    }
}

struct Handle(JoinHandle);

impl Future for Handle {
    type Output = Result<(), Box<dyn Error + Send>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(Ok)
    }
}

impl AbortableTask for Handle {
    fn abort(&self) {
        self.0.abort();
    }
}

/// A negative duration is zero; the maximum is 584 years.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.whole_nanoseconds().max(0)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_and_huge_durations_are_clamped() {
        for (duration, expected) in [
            (Duration::seconds(-1), 0),
            (Duration::ZERO, 0),
            (Duration::milliseconds(1500), 1_500_000_000),
            (Duration::MAX, u64::MAX),
        ] {
            assert_eq!(nanoseconds(duration), expected, "{duration}");
        }
    }
}
