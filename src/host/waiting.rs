//! Steps that may have to wait, where calls can overlap.

use crate::prelude::*;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};

pub use crate::async_mutex::AsyncMutex;

/// A step that may have to wait; it need not move between threads, because instances have one.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Hands a step over to whoever awaits it.
pub fn boxed<'a, T>(step: impl Future<Output = T> + 'a) -> BoxFuture<'a, T> {
    Box::pin(step)
}

/// A step that has nothing to wait for.
pub fn done<'a, T: 'a>(outcome: T) -> BoxFuture<'a, T> {
    Box::pin(core::future::ready(outcome))
}

/// Runs a step over a host that blocks: it is done when it is first polled.
///
/// A host that does not keep that promise is asked again and again, which is slow and not wrong.
pub fn run<T>(step: impl Future<Output = T>) -> T {
    let mut step = pin!(step);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = step.as_mut().poll(&mut context) {
            return value;
        }
    }
}
