//! What the program and its worker processes tell each other: JSON, one message a line.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a worker is to do.
#[derive(Debug, Serialize, Deserialize)]
pub enum Command {
    /// Each app instance asks for a token of each of the first keys.
    Ask {
        /// Their number.
        keys: usize,
    },
    /// The wall clock is set forward by so many seconds.
    Jump(i64),
}

/// What a worker has to say.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// It waits for commands.
    Ready,
    /// Its provider requests a token.
    Requests,
    /// All app instances have their tokens, and its provider is idle.
    Asked(Asked),
    /// The clock was set.
    Jumped,
}

/// What the app instances of a worker got.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Asked {
    /// A hash of the token of each key, which says whether two are the same.
    pub tokens: Vec<u64>,
    /// The errors of app instances.
    pub errors: Vec<String>,
    /// Which calls of the store failed.
    pub store_failures: Vec<String>,
    /// The longest wait for a token.
    pub max_wait: Duration,
}
