//! One request in flight for each token: callers that want the same one wait for the same answer.
//!
//! The request runs beside its callers ([`Host::spawn`](crate::host::Host::spawn)), so none of them takes
//! it along by going away. On a host that blocks nobody can call while another waits, and there is
//! nothing to share.

use crate::call::Patience;
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
pub struct Flights(RefCell<Vec<Rc<Flight>>>);

/// A request under way.
pub struct Flight {
    request: TokenRequest,
    /// How much time and how many attempts it has.
    pub patience: Patience,
    state: RefCell<State>,
}

enum State {
    /// Nobody has answered; who is to be told, each in a place of its own.
    Airborne(Vec<Option<Waker>>),
    Landed(Result<AccessToken, Error>),
    /// The task that it ran in was ended from outside.
    Lost,
}

impl Flights {
    /// The request under way that `request` can wait for, at `elapsed` on the host's clock.
    ///
    /// One that is past its deadline is none: its host has stopped the instance and started it again, and
    /// what comes of it says more about that than about the service.
    pub fn find(&self, request: &TokenRequest, elapsed: Duration) -> Option<Rc<Flight>> {
        let wanted = |flight: &&Rc<Flight>| {
            flight.patience.deadline > elapsed
                && flight.request.as_raw().same_token(request.as_raw())
                && flight.request.claims() == request.claims()
        };
        self.0.borrow().iter().find(wanted).cloned()
    }

    /// Notes that a request is under way.
    pub fn depart(&self, flight: &Rc<Flight>) {
        self.0.borrow_mut().push(Rc::clone(flight));
    }

    fn end(&self, flight: &Rc<Flight>, state: State) {
        self.0.borrow_mut().retain(|other| !Rc::ptr_eq(other, flight));
        if let State::Airborne(waiting) = flight.state.replace(state) {
            waiting.into_iter().flatten().for_each(Waker::wake);
        }
    }
}

impl Flight {
    /// A request that is about to be sent.
    pub fn new(request: TokenRequest, patience: Patience) -> Rc<Self> {
        Rc::new(Self { request, patience, state: RefCell::new(State::Airborne(Vec::new())) })
    }

    /// Waits for the answer; `None`: there will be none, because the task that waited for it was ended.
    pub fn landing(self: &Rc<Self>) -> impl Future<Output = Option<Result<AccessToken, Error>>> + use<> {
        Landing { flight: Rc::clone(self), place: None }
    }
}

/// Brings a flight to an end, whatever becomes of the task that it runs in.
pub struct Pilot<'a> {
    flights: &'a Flights,
    flight: Rc<Flight>,
}

impl<'a> Pilot<'a> {
    /// For one of `flights`.
    pub fn new(flights: &'a Flights, flight: Rc<Flight>) -> Self {
        Self { flights, flight }
    }

    /// Tells everybody who waits.
    pub fn land(self, outcome: Result<AccessToken, Error>) {
        self.flights.end(&self.flight, State::Landed(outcome));
    }
}

impl Drop for Pilot<'_> {
    fn drop(&mut self) {
        if matches!(*self.flight.state.borrow(), State::Landed(_)) {
            return;
        }
        self.flights.end(&self.flight, State::Lost);
    }
}

/// One who waits.
struct Landing {
    flight: Rc<Flight>,
    /// Where its waker is kept.
    place: Option<usize>,
}

impl Future for Landing {
    type Output = Option<Result<AccessToken, Error>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let flight = Rc::clone(&self.flight);
        match &mut *flight.state.borrow_mut() {
            State::Landed(outcome) => Poll::Ready(Some(outcome.clone())),
            State::Lost => Poll::Ready(None),
            State::Airborne(waiting) => {
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

impl Drop for Landing {
    fn drop(&mut self) {
        if let State::Airborne(waiting) = &mut *self.flight.state.borrow_mut()
            && let Some(waker) = self.place.and_then(|place| waiting.get_mut(place))
        {
            *waker = None;
        }
    }
}

#[cfg(test)]
mod tests;
