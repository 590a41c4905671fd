//! The service that issues tokens: it answers as IMDS, some time later, and counts.

use crate::clock::Clock;
use crate::fleet::figures::Request;
use crate::fleet::minimum::Lifetimes;
use crate::fleet::random::Random;
use crate::fleet::scenario::Window;
use crate::network::{Network, Outcome};
use bytes::Bytes;
use http::Response;
use serde_json::json;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The service.
pub struct Upstream {
    clock: Clock,
    lifetimes: Lifetimes,
    throttled: Vec<Window>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    requests: Vec<Request>,
    /// When the last token of a key ends, in seconds since the Unix epoch.
    good_until: HashMap<usize, u64>,
}

impl Upstream {
    pub fn new(clock: Clock, lifetimes: Lifetimes, throttled: Vec<Window>) -> Self {
        Self { clock, lifetimes, throttled, state: Mutex::default() }
    }

    /// The requests since the last call, oldest first.
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.state().requests)
    }

    /// Whether there is a token of a key, wherever it is, that has not ended.
    pub fn has_good_token(&self, key: usize) -> bool {
        self.state().good_until.get(&key).is_some_and(|until| *until > self.clock.now())
    }

    fn answer(&self, key: usize) -> Outcome {
        let (at, now) = (self.clock.elapsed(), self.clock.now());
        let is_refused = self.throttled.iter().any(|window| window.contains(at));
        let mut state = self.state();
        state.requests.push(Request { at, key, is_refused });
        if is_refused {
            return refusal(429);
        }
        let Lifetimes { expires_in, refresh_in } = self.lifetimes;
        let expires_on = now + expires_in;
        state.good_until.insert(key, expires_on);
        let body = json!({
            // As long as a real one.
            "access_token": format!("token-{key}-{}-{}", state.requests.len(), "x".repeat(1400)),
            "client_id": CLIENT_ID,
            "expires_in": expires_in.to_string(),
            "expires_on": expires_on.to_string(),
            "refresh_in": refresh_in.to_string(),
            "resource": resource(key),
            "token_type": "Bearer",
        });
        Outcome::Response(Response::new(Bytes::from(body.to_string())))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way of one host to the service. Its delays are its own, so that they do not depend on the order in which hosts that ask
/// in the same millisecond do so.
pub struct Route {
    upstream: Arc<Upstream>,
    random: Mutex<Random>,
}

impl Route {
    pub fn new(upstream: Arc<Upstream>, random: Random) -> Self {
        Self { upstream, random: Mutex::new(random) }
    }
}

impl Network for Route {
    fn send(&self, request: http::Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let asked = url::form_urlencoded::parse(query).find(|(name, _)| name == "resource");
        let key = asked.and_then(|(_, resource)| key_of(&resource));
        let outcome = key.map_or_else(|| refusal(400), |key| self.upstream.answer(key));
        let delay = self.random.lock().unwrap_or_else(PoisonError::into_inner).between(MIN_DELAY, MAX_DELAY);
        Box::pin(async move {
            tokio::time::sleep(delay).await;
            outcome
        })
    }
}

/// The resource of a key.
pub fn resource(key: usize) -> String {
    format!("{PREFIX}{key}{SUFFIX}")
}

/// The key of a resource.
pub fn key_of(resource: &str) -> Option<usize> {
    resource.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok()
}

fn refusal(status: u16) -> Outcome {
    let body = json!({ "error": "refused", "error_description": "as the scenario has it" });
    let response = Response::builder().status(status).header("retry-after", RETRY_AFTER);
    Outcome::Response(response.body(Bytes::from(body.to_string())).expect("a response"))
}

/// The client of the fleet's identity.
pub const CLIENT_ID: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
const PREFIX: &str = "https://service-";
const SUFFIX: &str = ".contoso.example";
/// In seconds.
const RETRY_AFTER: &str = "30";
const MIN_DELAY: Duration = Duration::from_millis(50);
const MAX_DELAY: Duration = Duration::from_millis(250);
