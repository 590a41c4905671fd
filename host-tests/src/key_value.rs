//! The store of a test that a component has by `wasi:keyvalue/store`.

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
