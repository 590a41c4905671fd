//! Failures between a component and its store.

use host_tests::key_value::{Call, Calling, KeyValueStore, StoreError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A store with a failure in front of it, which also remembers what was written last.
pub struct TroubledStore {
    inner: Arc<dyn KeyValueStore>,
    trouble: Mutex<Option<Trouble>>,
    record: Mutex<Option<(String, Vec<u8>)>>,
}

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Every call takes so long.
    Slow(Duration),
    /// The function with this name fails.
    At(&'static str, StoreError),
}

impl TroubledStore {
    pub fn new(inner: Arc<dyn KeyValueStore>) -> Arc<Self> {
        Arc::new(Self { inner, trouble: Mutex::default(), record: Mutex::default() })
    }

    pub fn begin(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
    }

    /// The name and the content of the record that was written last.
    pub fn record(&self) -> Option<(String, Vec<u8>)> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes past the failure.
    pub async fn plant(&self, name: &str, content: &[u8]) -> Result<(), StoreError> {
        self.inner.call(Call::Set(name, content)).await.map(drop)
    }
}

impl KeyValueStore for TroubledStore {
    fn call<'a>(&'a self, call: Call<'a>) -> Calling<'a> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(async move {
            match trouble {
                Some(Trouble::Slow(duration)) => tokio::time::sleep(duration).await,
                Some(Trouble::At(function, error)) if function == name_of(call) => return Err(error),
                _ => {}
            }
            // Leases are shorter than records.
            if let Call::Set(name, content) = call
                && content.len() > 100
            {
                let record = (name.to_owned(), content.to_vec());
                *self.record.lock().unwrap_or_else(PoisonError::into_inner) = Some(record);
            }
            self.inner.call(call).await
        })
    }
}

fn name_of(call: Call<'_>) -> &'static str {
    match call {
        Call::Open(_) => "open",
        Call::Get(_) => "get",
        Call::Set(..) => "set",
        Call::Delete(_) => "delete",
    }
}
