//! A key-value store in memory.

use crate::key_value::{Call, Calling, KeyValueStore, StoreError};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A store in memory, which has the name `default`.
#[derive(Default)]
pub struct MemoryStore(Mutex<BTreeMap<String, Vec<u8>>>);

impl MemoryStore {
    /// Its entries, by name.
    pub fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeyValueStore for MemoryStore {
    fn call<'a>(&'a self, call: Call<'a>) -> Calling<'a> {
        let mut entries = self.entries();
        let outcome = match call {
            Call::Open("default") => Ok(None),
            Call::Open(_) => Err(StoreError::NoSuchStore),
            Call::Get(name) => Ok(entries.get(name).cloned()),
            Call::Set(name, value) => {
                entries.insert(name.to_owned(), value.to_vec());
                Ok(None)
            }
            Call::Delete(name) => {
                entries.remove(name);
                Ok(None)
            }
        };
        Box::pin(std::future::ready(outcome))
    }
}
