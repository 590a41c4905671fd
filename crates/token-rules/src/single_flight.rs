//! Single-flight: concurrent calls for the same token share one request.
//!
//! The request runs in a task of its own, which the caller's executor runs, so a cancelled caller does not cancel it.
//! It is for one thread, as a component has.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

/// The table of the requests in flight. `K` identifies a request, `T` is its result.
pub struct InFlight<K, T>(Table<K, T>);

type Table<K, T> = Rc<RefCell<Vec<Rc<Entry<K, T>>>>>;

/// A request in flight, as a caller sees it that waits for it.
pub struct PendingRequest<K, T>(Rc<Entry<K, T>>);

struct Entry<K, T> {
    key: K,
    state: RefCell<State<T>>,
}

enum State<T> {
    /// The request has no result yet. Each waiter has a slot for its waker.
    Pending(Vec<Option<Waker>>),
    Done(T),
    /// The task of the request was dropped before it had a result.
    Cancelled,
}

impl<K, T> Default for InFlight<K, T> {
    fn default() -> Self {
        Self(Rc::default())
    }
}

impl<K, T> InFlight<K, T> {
    /// The request in flight whose key `is_same`; else a new one with the key that `key` makes.
    ///
    /// `start` spawns the task of a new request, which takes the guard along, and returns whether the host
    /// runs tasks. `None`: it runs none, and the caller has to send the request itself. The request is registered
    /// before that, because an eager executor may end it before `start` returns.
    pub fn join_or_start(
        &self,
        is_same: impl Fn(&K) -> bool,
        key: impl FnOnce() -> K,
        start: impl FnOnce(CompletionGuard<K, T>) -> bool,
    ) -> Option<PendingRequest<K, T>> {
        let pending = self.0.borrow().iter().find(|entry| is_same(&entry.key)).cloned();
        if let Some(entry) = pending {
            return Some(PendingRequest(entry));
        }
        let entry = Rc::new(Entry { key: key(), state: RefCell::new(State::Pending(Vec::new())) });
        self.0.borrow_mut().push(Rc::clone(&entry));
        let guard = CompletionGuard { in_flight: Rc::clone(&self.0), entry: Rc::clone(&entry) };
        start(guard).then_some(PendingRequest(entry))
    }
}

impl<K, T: Clone> PendingRequest<K, T> {
    /// What identifies the request.
    pub fn key(&self) -> &K {
        &self.0.key
    }

    /// Waits for the result. `None`: the task of the request was cancelled, so there will be none.
    pub fn wait(&self) -> impl Future<Output = Option<T>> + use<K, T> {
        Waiter { entry: Rc::clone(&self.0), slot: None }
    }
}

/// Removes the request from the table and wakes its waiters when dropped, also if its task is cancelled.
pub struct CompletionGuard<K, T> {
    in_flight: Table<K, T>,
    entry: Rc<Entry<K, T>>,
}

impl<K, T> CompletionGuard<K, T> {
    /// Ends the request with its result.
    pub fn complete(self, result: T) {
        self.end(State::Done(result));
    }

    fn end(&self, state: State<T>) {
        self.in_flight.borrow_mut().retain(|other| !Rc::ptr_eq(other, &self.entry));
        if let State::Pending(waiters) = self.entry.state.replace(state) {
            waiters.into_iter().flatten().for_each(Waker::wake);
        }
    }
}

impl<K, T> Drop for CompletionGuard<K, T> {
    fn drop(&mut self) {
        let is_pending = matches!(*self.entry.state.borrow(), State::Pending(_));
        if is_pending {
            self.end(State::Cancelled);
        }
    }
}

/// The future of one waiter.
struct Waiter<K, T> {
    entry: Rc<Entry<K, T>>,
    /// The index of its waker; `None`: it was not polled yet.
    slot: Option<usize>,
}

impl<K, T: Clone> Future for Waiter<K, T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let entry = Rc::clone(&self.entry);
        match &mut *entry.state.borrow_mut() {
            State::Done(result) => Poll::Ready(Some(result.clone())),
            State::Cancelled => Poll::Ready(None),
            State::Pending(waiters) => {
                let slot = *self.slot.get_or_insert(waiters.len());
                match waiters.get_mut(slot) {
                    Some(waker) => *waker = Some(context.waker().clone()),
                    None => waiters.push(Some(context.waker().clone())),
                }
                Poll::Pending
            }
        }
    }
}

impl<K, T> Drop for Waiter<K, T> {
    fn drop(&mut self) {
        if let State::Pending(waiters) = &mut *self.entry.state.borrow_mut()
            && let Some(waker) = self.slot.and_then(|slot| waiters.get_mut(slot))
        {
            *waker = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::pin::pin;

    #[test]
    fn a_request_that_ends_before_its_task_is_spawned_is_not_listed_and_has_its_result() {
        let in_flight = InFlight::<u8, &str>::default();
        let start = |guard: CompletionGuard<u8, &'static str>| {
            assert_eq!(in_flight.0.borrow().len(), 1, "it is registered");
            guard.complete("done");
            true
        };
        let pending = in_flight.join_or_start(|key| *key == 1, || 1, start).expect("a request");
        let result = pin!(pending.wait()).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(result, Poll::Ready(Some("done")));
        assert!(in_flight.0.borrow().is_empty());
    }

    #[test]
    fn a_request_without_a_task_is_not_listed() {
        let in_flight = InFlight::<u8, ()>::default();
        assert!(in_flight.join_or_start(|_| true, || 1, |_| false).is_none());
        assert!(in_flight.0.borrow().is_empty());
    }
}
