//! The simulated Azure, without a socket.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;

use crate::call::Call;
use crate::clock::Clock;
use crate::fault::Effect;
use crate::journal::Entry;
use crate::network::{Answer, Network};
use crate::reply::Reply;
use crate::service;
use crate::settings::Settings;
use crate::state::State;

/// The simulated Azure. Clones share everything: settings, issued tokens, journal.
#[derive(Clone)]
pub struct Azure {
    state: Arc<State>,
}

impl Azure {
    /// An Azure that looks as `settings` say and lives by `clock`.
    pub fn new(clock: impl Clock + 'static, settings: Settings) -> Azure {
        let state = Arc::new(State::new(Box::new(clock), settings));
        Azure { state }
    }

    /// Hands every journal entry to `observer` as soon as its request is answered.
    ///
    /// The first observer stays; a second one is ignored.
    pub fn observed_by(self, observer: impl Fn(&Entry) + Send + Sync + 'static) -> Azure {
        self.state.journal.observe(Box::new(observer));
        self
    }

    /// Every secret this Azure knows or has issued, as (what it is, the secret), oldest first:
    /// client secrets, refresh tokens, access and id tokens (of those issued, the last 10,000).
    pub fn secrets(&self) -> Vec<(String, String)> {
        self.state.secrets()
    }

    /// The requests nobody expects here, rendered for people, secrets redacted.
    pub fn unexpected(&self) -> Vec<String> {
        let entries = self.state.journal.entries().into_iter();
        entries.filter(|entry| !entry.expected).map(|entry| entry.details()).collect()
    }

    /// What was asked and what was answered, oldest first, secrets redacted.
    pub fn journal(&self) -> Vec<Entry> {
        self.state.journal.entries()
    }

    /// Ends whatever the settings ordered to break.
    pub fn mend(&self) {
        self.state.faults.end();
    }

    /// Answers one request, and says how long the answer shall be held back.
    fn decide(&self, request: Request<Bytes>) -> (Duration, Answer) {
        let state = &self.state;
        let call = Call::parse(request, state.now());
        let service = service::at(state, &call.uri);
        let name = service.map_or("unknown", |service| service.name());
        let fault = state.faults.next(name, &call);
        let (effect, delay) = fault.map_or_else(Default::default, |fault| (fault.effect, fault.delay));
        let reply = match effect {
            Effect::Instead(answer, note) => Reply::new(answer, note),
            Effect::Afterwards(spoil) => spoil.apply(serve(state, service, &call)),
            Effect::Nothing => serve(state, service, &call),
        };
        state.journal.record(Entry::of(name, &call, &reply, &state.settings.secrets()));
        (delay, reply.answer)
    }
}

impl Network for Azure {
    fn answer(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(async move {
            let (delay, answer) = self.decide(request);
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            answer
        })
    }
}

fn serve(state: &State, service: Option<&dyn service::Service>, call: &Call) -> Reply {
    match service {
        Some(service) => service.answer(state, call),
        None => Reply::nobody_expects(call),
    }
}
