//! Futures of a component, which has one thread: none of them has to be `Send`.

use alloc::boxed::Box;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};

/// A future behind a pointer, so that a trait object can return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Boxes a future.
pub fn boxed<'a, T>(future: impl Future<Output = T> + 'a) -> BoxFuture<'a, T> {
    Box::pin(future)
}

/// Runs a future to its end without an executor, for hosts whose futures are ready when they are first
/// polled.
///
/// A future that is pending is polled again at once: slow, and not wrong.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
