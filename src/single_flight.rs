//! One request in flight for each token: callers that want the same one wait for the same answer.
//!
//! The request runs beside its callers ([`Host::spawn`](crate::host::Host::spawn)), so none of them takes
//! it along by going away. On a host that blocks nobody can call while another waits, and there is
//! nothing to share.

use crate::call_context::CallLimits;
use crate::error::Error;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::token::AccessToken;
use alloc::rc::Rc;
use core::cell::RefCell;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

/// The requests of one credential that are under way.
#[derive(Default)]
pub struct InFlight(RefCell<Vec<Rc<PendingRequest>>>);

/// A request under way.
pub struct PendingRequest {
    request: TokenRequest,
    /// How much time and how many attempts it has.
    pub limits: CallLimits,
    state: RefCell<State>,
}

enum State {
    /// Nobody has answered; who is to be told, each in a place of its own.
    Pending(Vec<Option<Waker>>),
    Done(Result<AccessToken, Error>),
    /// The task that it ran in was ended from outside.
    Cancelled,
}

impl InFlight {
    /// The request under way that `request` can wait for, at `elapsed` on the host's clock.
    ///
    /// One that is past its deadline is none: its host has stopped the instance and started it again, and
    /// what comes of it says more about that than about the service.
    pub fn find(&self, request: &TokenRequest, elapsed: Duration) -> Option<Rc<PendingRequest>> {
        let wanted = |pending: &&Rc<PendingRequest>| {
            pending.limits.deadline > elapsed
                && pending.request.as_raw().same_token(request.as_raw())
                && pending.request.claims() == request.claims()
        };
        self.0.borrow().iter().find(wanted).cloned()
    }

    /// Notes that a request is under way.
    pub fn register(&self, pending: &Rc<PendingRequest>) {
        self.0.borrow_mut().push(Rc::clone(pending));
    }

    fn end(&self, pending: &Rc<PendingRequest>, state: State) {
        self.0.borrow_mut().retain(|other| !Rc::ptr_eq(other, pending));
        if let State::Pending(waiting) = pending.state.replace(state) {
            waiting.into_iter().flatten().for_each(Waker::wake);
        }
    }
}

impl PendingRequest {
    /// A request that is about to be sent.
    pub fn new(request: TokenRequest, limits: CallLimits) -> Rc<Self> {
        Rc::new(Self { request, limits, state: RefCell::new(State::Pending(Vec::new())) })
    }

    /// Waits for the answer; `None`: there will be none, because the task that waited for it was ended.
    pub fn wait(self: &Rc<Self>) -> impl Future<Output = Option<Result<AccessToken, Error>>> + use<> {
        Waiter { pending: Rc::clone(self), place: None }
    }
}

/// Brings a flight to an end, whatever becomes of the task that it runs in.
pub struct CompletionGuard<'a> {
    in_flight: &'a InFlight,
    pending: Rc<PendingRequest>,
}

impl<'a> CompletionGuard<'a> {
    /// For one of `flights`.
    pub fn new(in_flight: &'a InFlight, pending: Rc<PendingRequest>) -> Self {
        Self { in_flight, pending }
    }

    /// Tells everybody who waits.
    pub fn complete(self, outcome: Result<AccessToken, Error>) {
        self.in_flight.end(&self.pending, State::Done(outcome));
    }
}

impl Drop for CompletionGuard<'_> {
    fn drop(&mut self) {
        if matches!(*self.pending.state.borrow(), State::Done(_)) {
            return;
        }
        self.in_flight.end(&self.pending, State::Cancelled);
    }
}

/// One who waits.
struct Waiter {
    pending: Rc<PendingRequest>,
    /// Where its waker is kept.
    place: Option<usize>,
}

impl Future for Waiter {
    type Output = Option<Result<AccessToken, Error>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let pending = Rc::clone(&self.pending);
        match &mut *pending.state.borrow_mut() {
            State::Done(outcome) => Poll::Ready(Some(outcome.clone())),
            State::Cancelled => Poll::Ready(None),
            State::Pending(waiting) => {
                let place = *self.place.get_or_insert(waiting.len());
                match waiting.get_mut(place) {
                    Some(waker) => *waker = Some(context.waker().clone()),
                    None => waiting.push(Some(context.waker().clone())),
                }
                Poll::Pending
            }
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if let State::Pending(waiting) = &mut *self.pending.state.borrow_mut()
            && let Some(waker) = self.place.and_then(|place| waiting.get_mut(place))
        {
            *waker = None;
        }
    }
}

#[cfg(test)]
mod tests;
