//! What all credentials of one instance share.

use crate::concurrency::AsyncMutex;
use crate::error::Error;
use crate::prelude::*;
use azure_token_rules::throttling::Throttled;
use core::cell::RefCell;

/// What all credentials of one instance share.
#[derive(Default)]
pub struct InstanceState {
    /// The authorities that instance discovery validated.
    pub validated_authorities: ValidatedAuthorities,
    /// The errors of services that asked for a wait, by the hash of the request.
    pub throttled: RefCell<Throttled<[u8; 32], Error>>,
}

/// The authorities that instance discovery validated. Its answer is the same for every credential, so it is asked
/// once for each authority.
#[derive(Default)]
pub struct ValidatedAuthorities {
    hosts: RefCell<Vec<String>>,
    /// Held by the caller that asks instance discovery.
    pub discovery: AsyncMutex,
}

impl ValidatedAuthorities {
    /// Whether an authority is among them; `host` has its port, if it is not the default one.
    pub fn contain(&self, host: &str) -> bool {
        self.hosts.borrow().iter().any(|validated| validated == host)
    }

    /// Adds an authority.
    pub fn add(&self, host: &str) {
        self.hosts.borrow_mut().push(host.to_owned());
    }
}
