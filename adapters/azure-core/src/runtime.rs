//! What the SDK's clients sleep and spawn with.
//!
//! The SDK's own runtime starts a thread for each, of which a component has one: without [`install`], the first
//! retry of a request would trap. The first request of a [`WasiHttpClient`](crate::WasiHttpClient) installs it.

use crate::executor::{Task, Wait};
use azure_core::async_runtime::{AbortableTask, AsyncRuntime, SpawnedTask, TaskFuture, set_async_runtime};
use azure_core::time::Duration;
use std::error::Error;
use std::pin::Pin;
use std::sync::{Arc, Once};
use std::task::{Context, Poll};
use wasip2::clocks::monotonic_clock;

/// Makes [`WasiRuntime`] the runtime of the SDK, unless the app has chosen one before.
pub fn install() {
    static ONCE: Once = Once::new();
    // The only failure is that there is one already.
    ONCE.call_once(|| drop(set_async_runtime(Arc::new(WasiRuntime))));
}

/// A runtime on WASI's clocks and this crate's [executor](crate::executor).
///
/// A spawned task runs beside whatever [`block_on`](crate::block_on) runs. Under another executor it runs
/// when it is awaited, and not before.
#[derive(Clone, Copy, Debug, Default)]
pub struct WasiRuntime;

impl AsyncRuntime for WasiRuntime {
    fn spawn(&self, future: TaskFuture) -> SpawnedTask {
        Box::pin(Handle(Task::spawn(future)))
    }

    fn sleep(&self, duration: Duration) -> TaskFuture {
        Box::pin(async move {
            let timer = monotonic_clock::subscribe_duration(nanoseconds(duration));
            Wait::for_first_of([timer]).await;
        })
    }

    fn yield_now(&self) -> TaskFuture {
        let mut has_yielded = false;
        Box::pin(std::future::poll_fn(move |context| {
            if std::mem::replace(&mut has_yielded, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        }))
    }
}

struct Handle(Arc<Task>);

impl Future for Handle {
    type Output = Result<(), Box<dyn Error + Send>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_join(context).map(Ok)
    }
}

impl AbortableTask for Handle {
    fn abort(&self) {
        self.0.abort();
    }
}

/// A time that is over already is no time at all, and the longest is 584 years.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.whole_nanoseconds().max(0)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_duration_is_too_short_or_too_long() {
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
