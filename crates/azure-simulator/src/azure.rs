//! The simulated Azure, without a socket.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;

use crate::clock::Clock;
use crate::fault::{Effect, FaultPlan};
use crate::incoming_request::IncomingRequest;
use crate::journal::{Entry, Journal};
use crate::network::{Network, Outcome};
use crate::reply::Reply;
use crate::service::Service;
use crate::services;
use crate::settings::Settings;
use crate::state::State;

/// The simulated Azure. Clones share everything: settings, issued tokens, journal.
#[derive(Clone)]
pub struct Azure {
    shared: Arc<Shared>,
}

struct Shared {
    state: State,
    services: Vec<Box<dyn Service>>,
    faults: FaultPlan,
    journal: Journal,
}

impl Azure {
    /// An Azure that contains what `settings` describe and whose time is that of `clock`.
    pub fn new(clock: impl Clock + 'static, settings: Settings) -> Azure {
        let shared = Shared {
            services: services::all(&settings),
            faults: FaultPlan::new(settings.faults.clone()),
            journal: Journal::default(),
            state: State::new(Box::new(clock), settings),
        };
        Azure { shared: Arc::new(shared) }
    }

    /// Calls `observer` with every later journal entry. Only the first observer is called.
    pub fn observed_by(self, observer: impl Fn(&Entry) + Send + Sync + 'static) -> Azure {
        self.shared.journal.observe(Box::new(observer));
        self
    }

    /// The last 10,000 requests with their outcomes, oldest first, without secrets.
    pub fn journal(&self) -> Vec<Entry> {
        self.shared.journal.entries()
    }

    /// The requests in the journal that no service expects, one text each, without secrets.
    ///
    /// A test that asserts that there are none notices a client that sends a request to the wrong place.
    pub fn unexpected(&self) -> Vec<String> {
        let entries = self.shared.journal.entries().into_iter();
        entries.filter(|entry| !entry.expected).map(|entry| entry.details()).collect()
    }

    /// Every secret of the settings and the last 10,000 secrets issued or received, as (its description, the secret).
    ///
    /// A test that searches its logs for each of them notices a client that logs one.
    pub fn secrets(&self) -> Vec<(String, String)> {
        self.shared.state.secrets()
    }

    /// Ends every fault of the settings.
    pub fn end_faults(&self) {
        self.shared.faults.end();
    }

    /// The scheme and authority of the service that has `path`; `None` if no service has it.
    pub(crate) fn origin_of(&self, path: &str) -> Option<&'static str> {
        self.shared.services.iter().find_map(|service| service.origin_of(path))
    }

    /// Handles one request; returns the delay of the outcome, and the outcome.
    fn handle(&self, request: Request<Bytes>) -> (Duration, Outcome) {
        let Shared { state, services, faults, journal } = &*self.shared;
        let request = IncomingRequest::parse(request, state.now());
        let service = services.iter().find(|service| service.is_at(&request.uri));
        let name = service.map(|service| service.name());
        let handled = || match service {
            Some(service) => service.handle(state, &request),
            None => Reply::not_simulated(&request),
        };
        let fault = faults.next(name, &request);
        let (effect, delay) = fault.map_or_else(Default::default, |fault| (fault.effect, fault.delay));
        let reply = match effect {
            Effect::None => handled(),
            Effect::Mutate(mutation) => mutation.apply_to(handled()),
            Effect::Replace(outcome, note) => Reply::new(outcome, note),
        };
        journal.record(Entry::new(name, &request, &reply, &state.settings.secrets()));
        (delay, reply.outcome)
    }
}

impl Network for Azure {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(async move {
            let (delay, outcome) = self.handle(request);
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            outcome
        })
    }
}
