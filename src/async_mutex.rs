//! Turns: what only one caller may do at a time, such as to redeem a code that is good once. On a host that
//! blocks it is always the caller's turn.

use crate::prelude::*;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};

/// Lets one caller through at a time. Whoever waits for its turn waits no longer than the call before it.
#[derive(Default)]
pub struct AsyncMutex {
    is_taken: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

/// A caller's turn, until it is dropped.
pub struct Guard<'a>(&'a AsyncMutex);

impl AsyncMutex {
    /// Waits for the caller's turn.
    pub async fn lock(&self) -> Guard<'_> {
        while self.is_taken.get() {
            let mut is_asked = false;
            poll_fn(|context| {
                if core::mem::replace(&mut is_asked, true) {
                    return Poll::Ready(());
                }
                self.waiting.borrow_mut().push(context.waker().clone());
                Poll::Pending
            })
            .await;
        }
        self.is_taken.set(true);
        Guard(self)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.is_taken.set(false);
        // All of them: the first may be gone by now.
        self.0.waiting.take().into_iter().for_each(Waker::wake);
    }
}
