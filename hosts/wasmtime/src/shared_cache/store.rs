//! A store that hosts share.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A store that hosts share: Redis, NATS, or an embedder's own.
///
/// It sees names and values that say nothing about tokens: names are keyed hashes, and values are encrypted. Every write is
/// conditional (compare-and-swap), so that no host overwrites what it has not seen. No value is written twice, because
/// each has random bytes; so a store may compare values.
///
/// A call may take as long as it likes, because the provider has a deadline for it, and may be dropped at any point.
pub trait SharedStore: Send + Sync + 'static {
    /// The entry of a name; `None`: there is none, or it has expired.
    fn get<'a>(&'a self, kind: EntryKind, name: &'a str) -> StoreFuture<'a, Option<StoredEntry>>;

    /// Writes an entry that does not exist. `None`: it exists, and nothing is written.
    fn create<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>>;

    /// Overwrites an entry of this version. `None`: it has another version or does not exist, and nothing is written.
    fn replace<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        version: &'a Version,
        expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>>;

    /// Removes an entry of this version. Returns whether it did.
    fn remove<'a>(&'a self, kind: EntryKind, name: &'a str, version: &'a Version) -> StoreFuture<'a, bool>;
}

impl<S: SharedStore + ?Sized> SharedStore for Arc<S> {
    fn get<'a>(&'a self, kind: EntryKind, name: &'a str) -> StoreFuture<'a, Option<StoredEntry>> {
        (**self).get(kind, name)
    }

    fn create<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>> {
        (**self).create(kind, name, value, expires_in)
    }

    fn replace<'a>(
        &'a self,
        kind: EntryKind,
        name: &'a str,
        value: &'a [u8],
        version: &'a Version,
        expires_in: Duration,
    ) -> StoreFuture<'a, Option<Version>> {
        (**self).replace(kind, name, value, version, expires_in)
    }

    fn remove<'a>(&'a self, kind: EntryKind, name: &'a str, version: &'a Version) -> StoreFuture<'a, bool> {
        (**self).remove(kind, name, version)
    }
}

/// The future of a call of a [`SharedStore`].
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// What an entry is. A store whose entries cannot expire each on their own keeps the kinds apart, with an expiry for each
/// kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// A token, encrypted. It is good for hours.
    Token,
    /// The right of one host to request a token. It expires in seconds.
    Lease,
}

/// The value of an entry, and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredEntry {
    /// What was written.
    pub value: Vec<u8>,
    /// What a conditional write compares.
    pub version: Version,
}

impl StoredEntry {
    /// An entry as a store returns it.
    pub fn new(value: Vec<u8>, version: Version) -> Self {
        Self { value, version }
    }
}

/// The version of an entry. Its bytes mean something to the store alone: a revision, or the value itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version(Vec<u8>);

impl Version {
    /// A version from what the store compares.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// What the store compares.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A store failed. The provider goes on without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError(String);

impl StoreError {
    /// An error with what the store said, for the host's log. It may name no credential of the store.
    pub fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}
