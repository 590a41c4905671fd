//! What all credentials of one instance share.

use crate::concurrency::AsyncMutex;
use crate::prelude::*;
use core::cell::RefCell;

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
