//! What the middleware needs of its host.

use alloc::string::String;
use alloc::vec::Vec;
use azure_middleware_bindings::{AccessToken, CredentialError, TokenRequest};

/// The host of an instance: the store, the provider, clocks, randomness and standard error.
pub trait Host {
    /// The value of a name in the store; `None`: there is none. The error is the store's reason, for people.
    ///
    /// # Errors
    /// The store's.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, String>;

    /// Writes a value, whether there is one or not.
    ///
    /// # Errors
    /// The store's.
    fn set(&self, name: &str, value: &[u8]) -> Result<(), String>;

    /// Deletes a value, if there is one.
    ///
    /// # Errors
    /// The store's.
    fn delete(&self, name: &str) -> Result<(), String>;

    /// Calls the provider with which the middleware is composed.
    ///
    /// # Errors
    /// The provider's.
    fn get_token(&self, request: TokenRequest) -> Result<AccessToken, CredentialError>;

    /// The wall clock, in milliseconds since the Unix epoch. It may be set back.
    fn now(&self) -> u64;

    /// The monotonic clock, in milliseconds since any fixed point.
    fn elapsed(&self) -> u64;

    /// Waits for so many milliseconds.
    fn wait(&self, milliseconds: u64);

    /// 24 random bytes; `None`: the host has none, so nothing is encrypted and no lease is written.
    fn random(&self) -> Option<[u8; 24]>;

    /// Writes a line to standard error.
    fn log(&self, line: String);
}

/// A random number for a wait; 0: the host has none.
pub fn random_number(host: &impl Host) -> u64 {
    let Some([a, b, c, d, e, f, g, h, ..]) = host.random() else { return 0 };
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The wall clock, in seconds since the Unix epoch.
pub fn seconds(host: &impl Host) -> u64 {
    host.now() / 1_000
}
