//! The store, as an instance uses it: after a failure it does without.

use crate::host::Host;
use crate::warnings::{Kind, Warnings};
use alloc::vec::Vec;
use core::cell::Cell;

/// When an instance uses the store again that has failed.
#[derive(Debug, Default)]
pub struct Breaker {
    /// By the monotonic clock, in milliseconds; 0: the store has not failed.
    closed_until: Cell<u64>,
}

/// The store during a call.
pub struct Store<'a, H> {
    host: &'a H,
    breaker: &'a Breaker,
    warnings: &'a Warnings,
}

impl<'a, H: Host> Store<'a, H> {
    /// The store of an instance.
    pub fn new(host: &'a H, breaker: &'a Breaker, warnings: &'a Warnings) -> Self {
        Self { host, breaker, warnings }
    }

    /// Whether it is used: it has not failed in the last 30 seconds. A call of a store in trouble may take ten seconds, and no
    /// component can end it, so a call makes one of them and not several.
    pub fn is_used(&self) -> bool {
        self.host.elapsed() >= self.breaker.closed_until.get()
    }

    /// The value of a name; `None`: there is none, or the store failed.
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.attempt(|host| host.get(name)).flatten()
    }

    /// Writes a value. Returns whether it is written.
    pub fn set(&self, name: &str, value: &[u8]) -> bool {
        self.attempt(|host| host.set(name, value)).is_some()
    }

    /// Deletes a value.
    pub fn delete(&self, name: &str) {
        self.attempt(|host| host.delete(name));
    }

    fn attempt<T>(&self, call: impl FnOnce(&H) -> Result<T, alloc::string::String>) -> Option<T> {
        if !self.is_used() {
            return None;
        }
        match call(self.host) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.breaker.closed_until.set(self.host.elapsed().saturating_add(RETRY_AFTER));
                let what = format_args!(
                    "the store failed ({reason}), so tokens are requested without it for {} seconds",
                    RETRY_AFTER / 1_000
                );
                self.warnings.write(self.host, Kind::Store, &what);
                None
            }
        }
    }
}

/// In milliseconds.
const RETRY_AFTER: u64 = 30_000;
