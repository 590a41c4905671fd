//! A mutex that is waited for with `.await`. It protects what one caller may do at a time, such as to redeem
//! a grant that Microsoft Entra accepts once.

use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};

/// A mutex without data. It is not fair: every waiter is woken, and the first to be polled takes it.
#[derive(Default)]
pub struct AsyncMutex {
    is_locked: Cell<bool>,
    waiters: RefCell<Vec<Waker>>,
}

/// Releases the mutex when it is dropped.
pub struct Guard<'a>(&'a AsyncMutex);

impl AsyncMutex {
    /// Waits until the mutex is free, and takes it. A waiter waits no longer than the call before it.
    pub async fn lock(&self) -> Guard<'_> {
        while self.is_locked.get() {
            let mut is_registered = false;
            poll_fn(|context| {
                if core::mem::replace(&mut is_registered, true) {
                    return Poll::Ready(());
                }
                self.waiters.borrow_mut().push(context.waker().clone());
                Poll::Pending
            })
            .await;
        }
        self.is_locked.set(true);
        Guard(self)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.is_locked.set(false);
        // Wakes all of them: the first one may have been dropped.
        self.0.waiters.take().into_iter().for_each(Waker::wake);
    }
}
