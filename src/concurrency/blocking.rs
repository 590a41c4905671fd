//! The names of `concurrency.rs` for a host that blocks (WASI 0.2): calls never overlap, so a future is its
//! value, a mutex is always free, and no request is shared.

use core::convert::Infallible;
use core::marker::PhantomData;
pub use maybe_async::must_be_sync as maybe_async;

/// Whether another call may come while one waits.
pub const IS_CONCURRENT: bool = false;

/// The value that the future would have had.
pub type BoxFuture<'a, T> = T;

/// The value itself.
pub fn boxed<T>(value: T) -> T {
    value
}

/// The value itself.
pub fn run<T>(value: T) -> T {
    value
}

/// A mutex that is always free, because there is one caller.
#[derive(Default)]
pub struct AsyncMutex(());

/// The caller's hold of a mutex.
pub struct Guard;

impl AsyncMutex {
    /// Takes the mutex.
    pub fn lock(&self) -> Guard {
        Guard
    }
}

/// The requests in flight of a credential: there are none, because the caller waits for its own.
pub struct InFlight<K, T>(PhantomData<(K, T)>);

/// A request in flight, of which there is none.
pub struct PendingRequest<K, T>(Infallible, PhantomData<(K, T)>);

/// The guard of such a request.
pub struct CompletionGuard<K, T>(Infallible, PhantomData<(K, T)>);

impl<K, T> Default for InFlight<K, T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<K, T> InFlight<K, T> {
    /// Always `None`: the caller has to send the request itself.
    pub fn join_or_start(
        &self,
        _: impl Fn(&K) -> bool,
        _: impl FnOnce() -> K,
        _: impl FnOnce(CompletionGuard<K, T>) -> bool,
    ) -> Option<PendingRequest<K, T>> {
        None
    }
}

impl<K, T> PendingRequest<K, T> {
    /// What identifies the request.
    pub fn key(&self) -> &K {
        match self.0 {}
    }

    /// The result of the request.
    pub fn wait(&self) -> Option<T> {
        match self.0 {}
    }
}

impl<K, T> CompletionGuard<K, T> {
    /// Ends the request with its result.
    pub fn complete(self, _: T) {
        match self.0 {}
    }
}
