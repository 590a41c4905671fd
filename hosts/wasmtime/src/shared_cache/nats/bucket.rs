//! A bucket of JetStream key-value, which is opened when it is first used, and created if it is missing.

use super::super::store::StoreError;
use super::connection::Connection;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{
    CreateStreamError, CreateStreamErrorKind, GetStreamError, GetStreamErrorKind, KeyValueError,
    PublishError, PublishErrorKind,
};
use async_nats::jetstream::kv::{
    Entry, EntryError, EntryErrorKind, Operation, Store, UpdateError, UpdateErrorKind,
};
use async_nats::jetstream::stream::{Config, DirectGetError, DirectGetErrorKind, DiscardPolicy};
use bytes::Bytes;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A bucket, all of whose entries expire after the same time.
pub(super) struct Bucket {
    connection: Arc<Connection>,
    settings: BucketSettings,
    opened: Mutex<Option<Arc<Store>>>,
}

/// The settings of a bucket.
pub(super) struct BucketSettings {
    pub(super) name: String,
    /// When its entries expire.
    pub(super) max_age: Duration,
    pub(super) replicas: usize,
    /// Whether it is created if it is missing.
    pub(super) is_created: bool,
}

impl BucketSettings {
    /// The stream of the bucket (NATS ADR-8). `create_key_value` of the client would first read the account's limits, which
    /// it cannot parse as NATS 2.9 writes them.
    fn stream(&self) -> Config {
        Config {
            name: format!("KV_{}", self.name),
            subjects: vec![format!("$KV.{}.>", self.name)],
            max_messages_per_subject: 1,
            max_age: self.max_age,
            num_replicas: self.replicas,
            discard: DiscardPolicy::New,
            allow_rollup: true,
            allow_direct: true,
            deny_delete: true,
            ..Config::default()
        }
    }
}

impl Bucket {
    pub(super) fn new(connection: Arc<Connection>, settings: BucketSettings) -> Self {
        Self { connection, settings, opened: Mutex::new(None) }
    }

    /// The value and the revision of an entry.
    pub(super) async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, u64)>, StoreError> {
        let entry = self.entry(key).await?.filter(|entry| entry.operation == Operation::Put);
        Ok(entry.map(|entry| (entry.value.into(), entry.revision)))
    }

    /// Writes an entry that does not exist. `None`: it exists.
    pub(super) async fn create(&self, key: &str, value: &[u8]) -> Result<Option<u64>, StoreError> {
        if let Some(revision) = self.update(key, value, 0).await? {
            return Ok(Some(revision));
        }
        // An entry that was removed has left a marker, which has a revision.
        match self.entry(key).await? {
            Some(marker) if marker.operation != Operation::Put => {
                self.update(key, value, marker.revision).await
            }
            _ => Ok(None),
        }
    }

    /// Overwrites an entry of this revision. `None`: it has another one.
    pub(super) async fn update(
        &self,
        key: &str,
        value: &[u8],
        revision: u64,
    ) -> Result<Option<u64>, StoreError> {
        let value = Bytes::copy_from_slice(value);
        let updated = self
            .with_store(|store| {
                let value = value.clone();
                async move { store.update(key, value, revision).await }
            })
            .await?;
        match updated {
            Ok(revision) => Ok(Some(revision)),
            Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => Ok(None),
            Err(error) => Err(self.error(&error)),
        }
    }

    /// Removes an entry of this revision. Whether it had that one.
    pub(super) async fn delete(&self, key: &str, revision: u64) -> Result<bool, StoreError> {
        let deleted = self
            .with_store(|store| async move { store.delete_expect_revision(key, Some(revision)).await })
            .await?;
        match deleted {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => Ok(false),
            Err(error) => Err(self.error(&error)),
        }
    }

    /// The last message about a key.
    async fn entry(&self, key: &str) -> Result<Option<Entry>, StoreError> {
        let entry = self.with_store(|store| async move { store.entry(key).await }).await?;
        entry.map_err(|error| self.error(&error))
    }

    /// Runs an operation on the bucket. A bucket that was deleted since it was opened is opened again.
    async fn with_store<T, E: Error + 'static, F: Future<Output = Result<T, E>>>(
        &self,
        operation: impl Fn(Arc<Store>) -> F,
    ) -> Result<Result<T, E>, StoreError> {
        self.connection.jetstream().await?;
        let opened = self.opened().clone();
        if let Some(store) = opened {
            // NATS 2.9 does not respond to a read of a bucket that was deleted. The caller gives up before the timeout.
            let unless_answered = Forget(self);
            let result = operation(store).await;
            match &result {
                Err(error) if is_without_responders(error) => {}
                Err(error) if is_timeout(error) => return Ok(result),
                _ => {
                    std::mem::forget(unless_answered);
                    return Ok(result);
                }
            }
        }
        let store = self.open().await?;
        // The server names a stream that another host creates before it answers for it.
        for attempt in 0..ATTEMPTS {
            match operation(Arc::clone(&store)).await {
                Err(error) if is_without_responders(&error) => {
                    tokio::time::sleep(FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempt))).await;
                }
                result => return Ok(result),
            }
        }
        Ok(operation(store).await)
    }

    async fn open(&self) -> Result<Arc<Store>, StoreError> {
        let context = self.connection.jetstream().await?;
        let name = &self.settings.name;
        let store = match context.get_key_value(name).await {
            Err(error) if self.settings.is_created && is_missing(&error) => {
                match context.create_stream(self.settings.stream()).await {
                    // By another host, with other settings.
                    Err(error) if !is_taken(&error) => return Err(self.error(&error)),
                    _ => context.get_key_value(name).await,
                }
            }
            found => found,
        };
        let store = store.map_err(|error| self.error(&error))?;
        self.check(&store)?;
        let store = Arc::new(store);
        *self.opened() = Some(Arc::clone(&store));
        Ok(store)
    }

    /// Entries that expire much later than they should are refused: a lease would outlive its host.
    fn check(&self, store: &Store) -> Result<(), StoreError> {
        let max_age = store.stream.cached_info().config.max_age;
        if max_age.is_zero() || max_age > self.settings.max_age.saturating_mul(MAX_AGE_FACTOR) {
            let BucketSettings { name, max_age: expected, .. } = &self.settings;
            let what =
                format_args!("the bucket {name} has a maximum age of {max_age:?} instead of {expected:?}");
            return Err(self.connection.error(what));
        }
        Ok(())
    }

    fn error(&self, error: &dyn Error) -> StoreError {
        self.connection.error(format_args!("the bucket {}: {error}", self.settings.name))
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, Option<Arc<Store>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the next operation open the bucket again.
struct Forget<'a>(&'a Bucket);

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        *self.0.opened() = None;
    }
}

fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    is_caused_by(error, |error: &EntryError| error.kind() == EntryErrorKind::TimedOut)
        || is_caused_by(error, |error: &UpdateError| error.kind() == UpdateErrorKind::TimedOut)
}

/// Whether no stream takes what was sent: it was deleted, or its servers are gone.
fn is_without_responders(error: &(dyn Error + 'static)) -> bool {
    is_caused_by(error, |error: &PublishError| error.kind() == PublishErrorKind::StreamNotFound)
        || is_caused_by(
            error,
            |error: &DirectGetError| matches!(error.kind(), DirectGetErrorKind::ErrorResponse(status, _) if status == async_nats::StatusCode::NO_RESPONDERS),
        )
}

fn is_missing(error: &KeyValueError) -> bool {
    is_caused_by(error, |error: &GetStreamError| match error.kind() {
        GetStreamErrorKind::JetStream(error) => error.error_code() == ErrorCode::STREAM_NOT_FOUND,
        _ => false,
    })
}

fn is_taken(error: &CreateStreamError) -> bool {
    match error.kind() {
        CreateStreamErrorKind::JetStream(error) => error.error_code() == ErrorCode::STREAM_NAME_EXIST,
        _ => false,
    }
}

/// Whether one of the causes of an error is of this kind.
fn is_caused_by<E: Error + 'static>(error: &(dyn Error + 'static), is_kind: impl Fn(&E) -> bool) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<E>().is_some_and(&is_kind) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Before an operation on a bucket that was just created is tried again. It doubles each time. The caller has a deadline.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const ATTEMPTS: u32 = 8;

/// An operator may choose another age for a bucket, up to this multiple.
const MAX_AGE_FACTOR: u32 = 10;
