//! Futures that end in time.

use super::bindings::wasi::clocks::monotonic_clock::wait_for;
use crate::host::nanoseconds::nanoseconds;
use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

/// The output of a future; `None`: the time was over before, and the future is dropped.
pub async fn within<T>(time: Duration, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut timer) = (pin!(future), pin!(wait_for(nanoseconds(time))));
    let both = poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => timer.as_mut().poll(context).map(|()| None),
    });
    both.await
}
