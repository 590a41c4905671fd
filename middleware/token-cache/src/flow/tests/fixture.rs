//! A host in memory, with a clock that waits make pass.

use crate::flow::Instance;
use crate::host::Host;
use crate::settings::Settings;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use azure_middleware_bindings::{AccessToken, CredentialError, ErrorKind, ServiceResponse, TokenRequest};
use azure_token_cache::identity::Identity;
use azure_token_cache::key_ring::KeyRing;
use azure_token_cache::partition::Partition;
use core::cell::{Cell, RefCell};

pub const NOW: u64 = 1_800_000_000;
pub const CLIENT: &str = "11111111-2222-3333-4444-555555555555";
pub const SCOPE: &str = "https://vault.azure.net/.default";
const RING: &str =
    "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

pub fn settings() -> Settings {
    Settings {
        keys: KeyRing::parse(RING).unwrap(),
        partition: Partition::parse("p").unwrap(),
        identity: Some(Identity::Client(CLIENT.to_owned())),
        store: "default".to_owned(),
    }
}

pub fn request() -> TokenRequest {
    let scopes = vec![SCOPE.to_owned()];
    TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false, options: Vec::new() }
}

/// A token of the declared identity; `ends`: in seconds from [`NOW`].
pub fn token(token: &str, ends: u64) -> AccessToken {
    AccessToken {
        token: token.to_owned(),
        token_type: "Bearer".to_owned(),
        expires_on: NOW + ends,
        refresh_on: None,
        source: "test".to_owned(),
        details: vec![
            ("client-id".to_owned(), CLIENT.to_owned()),
            ("from-cache".to_owned(), "false".to_owned()),
        ],
    }
}

pub fn error(kind: ErrorKind) -> CredentialError {
    let response = ServiceResponse {
        status: 503,
        error: None,
        suberror: None,
        error_codes: Vec::new(),
        correlation_id: None,
        trace_id: None,
        retry_after: Some(7),
    };
    CredentialError {
        kind,
        message: "test: failed".to_owned(),
        claims: None,
        response: Some(response),
        attempts: Vec::new(),
        details: Vec::new(),
    }
}

type During = Box<dyn FnOnce(&Machine)>;

/// A machine with a store and a provider, on which instances run one after the other.
pub struct Machine {
    /// In milliseconds since the Unix epoch.
    pub now: Cell<u64>,
    /// What happens while the provider is called the next time.
    pub during_provider: RefCell<Option<During>>,
    /// After how many calls the store fails.
    pub fail_store_after: Cell<Option<usize>>,
    pub has_randomness: Cell<bool>,
    elapsed: Cell<u64>,
    random: Cell<u64>,
    entries: RefCell<BTreeMap<String, Vec<u8>>>,
    answers: RefCell<VecDeque<Result<AccessToken, CredentialError>>>,
    requests: RefCell<Vec<TokenRequest>>,
    store_calls: Cell<usize>,
    log: RefCell<String>,
}

impl Machine {
    pub fn new(answers: impl IntoIterator<Item = Result<AccessToken, CredentialError>>) -> Self {
        Self {
            now: Cell::new(NOW * 1_000),
            during_provider: RefCell::default(),
            fail_store_after: Cell::default(),
            has_randomness: Cell::new(true),
            elapsed: Cell::new(5_000),
            random: Cell::default(),
            entries: RefCell::default(),
            answers: RefCell::new(answers.into_iter().collect()),
            requests: RefCell::default(),
            store_calls: Cell::default(),
            log: RefCell::default(),
        }
    }

    pub fn instance(&self) -> Instance {
        Instance::new(Ok(settings()))
    }

    pub fn pass(&self, milliseconds: u64) {
        self.now.set(self.now.get() + milliseconds);
        self.elapsed.set(self.elapsed.get() + milliseconds);
    }

    pub fn requests(&self) -> usize {
        self.requests.borrow().len()
    }

    pub fn passed_on(&self) -> TokenRequest {
        self.requests.borrow().last().cloned().unwrap()
    }

    pub fn store_calls(&self) -> usize {
        self.store_calls.get()
    }

    pub fn names(&self) -> Vec<String> {
        self.entries.borrow().keys().cloned().collect()
    }

    pub fn values(&self) -> Vec<Vec<u8>> {
        self.entries.borrow().values().cloned().collect()
    }

    pub fn put(&self, name: &str, value: Vec<u8>) {
        self.entries.borrow_mut().insert(name.to_owned(), value);
    }

    pub fn clear(&self) {
        self.entries.borrow_mut().clear();
    }

    pub fn log(&self) -> String {
        self.log.borrow().clone()
    }

    fn call_store(&self) -> Result<(), String> {
        let calls = self.store_calls.get();
        self.store_calls.set(calls + 1);
        match self.fail_store_after.get() {
            Some(after) if calls >= after => Err("broken".to_owned()),
            _ => Ok(()),
        }
    }
}

impl Host for Machine {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        self.call_store()?;
        Ok(self.entries.borrow().get(name).cloned())
    }

    fn set(&self, name: &str, value: &[u8]) -> Result<(), String> {
        self.call_store()?;
        self.put(name, value.to_vec());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), String> {
        self.call_store()?;
        self.entries.borrow_mut().remove(name);
        Ok(())
    }

    fn get_token(&self, request: TokenRequest) -> Result<AccessToken, CredentialError> {
        self.requests.borrow_mut().push(request);
        let answer = self.answers.borrow_mut().pop_front().unwrap();
        let during = self.during_provider.borrow_mut().take();
        if let Some(during) = during {
            during(self);
        }
        answer
    }

    fn now(&self) -> u64 {
        self.now.get()
    }

    fn elapsed(&self) -> u64 {
        self.elapsed.get()
    }

    fn wait(&self, milliseconds: u64) {
        self.pass(milliseconds);
    }

    fn random(&self) -> Option<[u8; 24]> {
        if !self.has_randomness.get() {
            return None;
        }
        let next = self.random.get().wrapping_add(1);
        self.random.set(next);
        // A multiplicative hash spreads the counter over all bits.
        let part = next.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
        [part, part, next.to_be_bytes()].concat().try_into().ok()
    }

    fn log(&self, line: String) {
        self.log.borrow_mut().push_str(&line);
    }
}
