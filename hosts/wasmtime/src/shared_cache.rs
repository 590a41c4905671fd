//! Tokens that outlive an instance and a machine: a store that hosts share, as a second level behind this provider's cache.

mod store;

pub use store::{EntryKind, SharedStore, StoreError, StoreFuture, StoredEntry, Version};
