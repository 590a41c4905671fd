//! The pollables that futures wait for, and the calls of `wasi:io/poll` that wait for any of them.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use wasip2::io::poll::{self, Pollable};

/// Waits until one of several pollables is ready; the output is the index of the first one.
pub(crate) struct Wait {
    pollables: Arc<[Pollable]>,
}

impl Wait {
    pub(crate) fn for_first_of(pollables: impl Into<Arc<[Pollable]>>) -> Self {
        Self { pollables: pollables.into() }
    }

    fn unregister(&self) {
        WAITING.with_borrow_mut(|waiting| waiting.retain(|(it, _)| !Arc::ptr_eq(it, &self.pollables)));
    }
}

impl Future for Wait {
    type Output = usize;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        self.unregister();
        match self.pollables.iter().position(Pollable::ready) {
            Some(index) => Poll::Ready(index),
            None if is_active() => {
                let waiting = (Arc::clone(&self.pollables), context.waker().clone());
                WAITING.with_borrow_mut(|all| all.push(waiting));
                Poll::Pending
            }
            None => {
                let ready = poll::poll(&self.pollables.iter().collect::<Vec<_>>());
                Poll::Ready(ready.first().and_then(|&index| usize::try_from(index).ok()).unwrap_or(0))
            }
        }
    }
}

impl Drop for Wait {
    /// A pollable must be dropped before its parent resource, which the owner of this wait drops next.
    fn drop(&mut self) {
        self.unregister();
    }
}

/// Whether a `block_on` is running; if so, it polls the pollables of every wait.
pub(crate) fn is_active() -> bool {
    DEPTH.with(Cell::get) > 0
}

/// Marks a `block_on` as running while it lives.
pub(crate) struct Active(());

impl Active {
    pub(crate) fn enter() -> Self {
        DEPTH.with(|depth| depth.set(depth.get() + 1));
        Self(())
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        DEPTH.with(|depth| depth.set(depth.get() - 1));
    }
}

/// Blocks until a pollable of some wait is ready. Returns whether there was one.
pub(crate) fn wait_for_any() -> bool {
    WAITING.with_borrow(|waiting| {
        let all: Vec<&Pollable> = waiting.iter().flat_map(|(pollables, _)| pollables.iter()).collect();
        // `poll` traps on an empty list.
        if !all.is_empty() {
            poll::poll(&all);
        }
    });
    wake_ready()
}

/// Wakes the waits with a ready pollable. Returns whether there was one.
pub(crate) fn wake_ready() -> bool {
    let ready: Vec<Waiting> = WAITING.with_borrow_mut(|waiting| {
        let is_ready = |(pollables, _): &mut Waiting| pollables.iter().any(Pollable::ready);
        waiting.extract_if(.., is_ready).collect()
    });
    let any = !ready.is_empty();
    // Waking and dropping the pollables may register new waits, so the list must not be borrowed here.
    ready.into_iter().for_each(|(_, waker)| waker.wake());
    any
}

/// The pollables of a wait, and its waker.
type Waiting = (Arc<[Pollable]>, Waker);

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static WAITING: RefCell<Vec<Waiting>> = const { RefCell::new(Vec::new()) };
}
