//! The simulated Azure, without a socket.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::fault::{Effect, FaultPlan};
use crate::incoming_request::IncomingRequest;
use crate::journal::{Entry, Journal};
use crate::network::{Fault, Network, Outcome};
use crate::reply::Reply;
use crate::service::Service;
use crate::services;
use crate::settings::{FaultSettings, ServiceName, Settings};
use crate::state::State;

/// The simulated Azure. Clones share everything: settings, issued tokens, faults, journal.
///
/// ```
/// use azure_simulator::clock::SystemClock;
/// use azure_simulator::network::{Network, Outcome};
/// use azure_simulator::{Azure, Settings};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let azure = Azure::new(SystemClock, Settings::default());
/// azure.inject("imds=503,times=1".parse()?);
///
/// let token = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net";
/// let request = || http::Request::get(token).header("metadata", "true").body(Default::default());
/// for status in [503, 200] {
///     let Outcome::Response(response) = azure.send(request()?).await else { panic!("there is a response") };
///     assert_eq!(response.status(), status);
/// }
/// assert_eq!(azure.journal().len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Azure {
    shared: Arc<Shared>,
}

struct Shared {
    state: State,
    services: Vec<Box<dyn Service>>,
    faults: FaultPlan,
    journal: Journal,
    refuses_other_hosts: AtomicBool,
}

impl Azure {
    /// An Azure that contains what `settings` describe and whose time is that of `clock`.
    pub fn new(clock: impl Clock + 'static, settings: Settings) -> Azure {
        let shared = Shared {
            services: services::all(&settings),
            faults: FaultPlan::new(settings.faults.clone()),
            journal: Journal::default(),
            refuses_other_hosts: AtomicBool::new(false),
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

    /// What it contains.
    pub fn settings(&self) -> &Settings {
        &self.shared.state.settings
    }

    /// The faults that hit requests from now on, the first one first.
    pub fn faults(&self) -> Vec<FaultSettings> {
        self.shared.faults.pending()
    }

    /// Its time, in seconds since the Unix epoch.
    pub fn now(&self) -> u64 {
        self.shared.state.now()
    }

    /// The journal so far, and its later entries.
    pub(crate) fn follow(&self) -> (VecDeque<Entry>, mpsc::Receiver<Entry>) {
        self.shared.journal.follow()
    }

    /// Adds a fault before all others, for the requests from now on.
    pub fn inject(&self, fault: FaultSettings) {
        self.shared.faults.inject(fault);
    }

    /// Ends every fault, those of the settings too.
    pub fn end_faults(&self) {
        self.shared.faults.end(|_| true);
    }

    /// Ends the faults of one service; those of all services go on.
    pub fn end_faults_of(&self, service: ServiceName) {
        self.shared.faults.end(|fault| fault.service == Some(service));
    }

    /// Moves its clock forward, as if the time had passed. A client that has a clock of its own does not notice.
    pub fn advance_clock(&self, duration: Duration) {
        self.shared.state.advance(duration);
    }

    /// Refuses requests to hosts that are not simulated, as a host with a list of allowed hosts does. Without this they
    /// receive a response with the status 501.
    pub fn refusing_other_hosts(self) -> Azure {
        self.shared.refuses_other_hosts.store(true, Ordering::Relaxed);
        self
    }

    /// Whether a service is at the scheme and authority of `uri`.
    pub fn simulates(&self, uri: &Uri) -> bool {
        self.shared.services.iter().any(|service| service.is_at(uri))
    }

    /// The scheme and authority of the service that has `path`; `None` if no service has it.
    pub(crate) fn origin_of(&self, path: &str) -> Option<&'static str> {
        self.shared.services.iter().find_map(|service| service.origin_of(path))
    }

    /// Handles one request; returns the delay of the outcome, and the outcome.
    fn handle(&self, request: Request<Bytes>) -> (Duration, Outcome) {
        let Shared { state, services, faults, journal, refuses_other_hosts } = &*self.shared;
        let request = IncomingRequest::parse(request, state.now());
        let service = services.iter().find(|service| service.is_at(&request.uri));
        let name = service.map(|service| service.name());
        let handled = || match service {
            Some(service) => service.handle(state, &request),
            None if refuses_other_hosts.load(Ordering::Relaxed) => {
                Reply::fault(Fault::Denied, "not simulated").unexpected()
            }
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
