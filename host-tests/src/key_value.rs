//! `wasi:keyvalue/store` in both versions that hosts have, over a store of the test.
//!
//! A draft is not compatible with the next one, so each has bindings of its own; both lead to the same [`KeyValueStore`].

mod linker;
mod memory;

pub use linker::add_to_linker;
pub use memory::MemoryStore;

use std::pin::Pin;
use std::sync::Arc;

/// A store, behind the interface.
pub trait KeyValueStore: Send + Sync {
    /// Carries out a call of a component. A call of `get` returns the value; all others return `None`.
    fn call<'a>(&'a self, call: Call<'a>) -> Calling<'a>;
}

/// The future of a call.
pub type Calling<'a> = Pin<Box<dyn Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send + 'a>>;

/// A call of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call<'a> {
    /// Opens the store of this name.
    Open(&'a str),
    /// Reads a value.
    Get(&'a str),
    /// Writes a value.
    Set(&'a str, &'a [u8]),
    /// Deletes a value.
    Delete(&'a str),
}

/// The errors of the interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// There is no such store.
    NoSuchStore,
    /// The component may not use it.
    AccessDenied,
    /// Any other one.
    Other(String),
}

/// The store that a component of the test has; `None`: every `open` is `access-denied`, as a host without a grant answers.
pub type Granted = Option<Arc<dyn KeyValueStore>>;
