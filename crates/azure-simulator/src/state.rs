//! What all services share: settings, clock, and the ids and tokens issued so far.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::clock::Clock;
use crate::jwt;
use crate::settings::Settings;

/// The state behind all clones of an [`Azure`](crate::Azure).
pub struct State {
    /// What the simulated Azure contains.
    pub settings: Settings,
    clock: Box<dyn Clock>,
    /// The sum of all advances of the clock, in seconds.
    advanced: AtomicU64,
    ids: AtomicU64,
    issued: Mutex<VecDeque<(String, String)>>,
}

impl State {
    /// The state before the first request.
    pub fn new(clock: Box<dyn Clock>, settings: Settings) -> State {
        State {
            settings,
            clock,
            advanced: AtomicU64::new(0),
            ids: AtomicU64::new(0),
            issued: Mutex::default(),
        }
    }

    /// The time, in seconds since the Unix epoch.
    pub fn now(&self) -> u64 {
        self.clock.now().saturating_add(self.advanced.load(Ordering::Relaxed))
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        self.advanced.fetch_add(duration.as_secs(), Ordering::Relaxed);
    }

    /// A unique id in the form of a GUID. Ids count up, so that two runs of a test have the same.
    pub fn new_id(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.ids.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Signs a token and adds it to the secrets under `description`.
    pub fn issue_token(&self, description: &str, claims: &Value) -> String {
        let token = jwt::sign(claims);
        self.add_secret(description, &token);
        token
    }

    /// Adds a secret that was issued or received.
    pub fn add_secret(&self, description: &str, secret: &str) {
        let mut issued = self.issued.lock().expect("no holder of this lock panics");
        if issued.len() == MAX_SECRETS {
            issued.pop_front();
        }
        issued.push_back((description.to_owned(), secret.to_owned()));
    }

    /// Every secret of the settings, then those added later, as (its description, the secret).
    pub fn secrets(&self) -> Vec<(String, String)> {
        let issued = self.issued.lock().expect("no holder of this lock panics");
        self.settings.secrets().into_iter().chain(issued.iter().cloned()).collect()
    }
}

/// A bound on the memory of a simulator that runs for days.
const MAX_SECRETS: usize = 10_000;
