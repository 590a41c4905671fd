//! A lease: of all hosts that need a token, one requests it.
//!
//! It saves requests and is never needed for correctness: a host that loses it goes on, and a host that does not get it asks
//! itself in the end.

use super::guarded::{GuardedStore, Unavailable};
use super::store::{EntryKind, Version};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval_at};

/// What became of the attempt to take a lease.
pub(crate) enum Attempt<'a> {
    Taken(Lease<'a>),
    /// Another host has it, and requests the token.
    Held,
    /// The request of another host failed a moment ago.
    Failed,
}

/// A lease that this host has. When it is dropped without an end, it expires.
pub(crate) struct Lease<'a> {
    store: &'a GuardedStore,
    name: &'a str,
    /// What no other host writes: the mark of a lease in use, and random bytes.
    owner: Vec<u8>,
    /// `None`: it was lost.
    version: Option<Version>,
}

impl<'a> Lease<'a> {
    /// Tries to take the lease of a name.
    ///
    /// # Errors
    /// [`Unavailable`]: it is not known whether another host has it.
    pub(crate) async fn take(store: &'a GuardedStore, name: &'a str) -> Result<Attempt<'a>, Unavailable> {
        let owner = marked(IN_USE);
        let version = store.put(EntryKind::Lease, name, &owner, None, LEASE_EXPIRES_IN).await?;
        if version.is_some() {
            return Ok(Attempt::Taken(Self { store, name, owner, version }));
        }
        let entry = store.get(EntryKind::Lease, name).await?;
        let has_failed = entry.is_some_and(|entry| entry.value.first() == Some(&FAILED));
        Ok(if has_failed { Attempt::Failed } else { Attempt::Held })
    }

    /// Waits for a call, and extends the lease meanwhile. A lease that is lost does not end the call.
    pub(crate) async fn keep_during<T>(&mut self, call: impl Future<Output = T>) -> T {
        let mut call = std::pin::pin!(call);
        let mut extensions = interval_at(tokio::time::Instant::now() + EXTENDED_IN, EXTENDED_IN);
        extensions.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                outcome = &mut call => return outcome,
                _ = extensions.tick() => {
                    // Beside the call: a store that is slow does not hold it up.
                    tokio::select! {
                        biased;
                        outcome = &mut call => return outcome,
                        () = self.extend() => {}
                    }
                }
            }
        }
    }

    /// Gives the lease back.
    pub(crate) async fn release(self) {
        if let Some(version) = &self.version {
            // One that cannot be given back expires.
            let _ = self.store.remove(EntryKind::Lease, self.name, version).await;
        }
    }

    /// Leaves a mark in the place of the lease for those who wait, so that they do not wait for a token that does not come.
    pub(crate) async fn fail(self) {
        if let Some(version) = &self.version {
            let mark = marked(FAILED);
            let _ = self.store.put(EntryKind::Lease, self.name, &mark, Some(version), FAILED_FOR).await;
        }
    }

    async fn extend(&mut self) {
        let Some(version) = &self.version else { return };
        let extended =
            self.store.put(EntryKind::Lease, self.name, &self.owner, Some(version), LEASE_EXPIRES_IN);
        if let Ok(version) = extended.await {
            self.version = version;
        }
    }
}

fn marked(mark: u8) -> Vec<u8> {
    [&[mark][..], &rand::random::<[u8; 16]>()].concat()
}

const IN_USE: u8 = b'+';
const FAILED: u8 = b'-';
/// Two extensions may be late before a lease is lost. With the time between two attempts of those who wait
/// ([`super::wait`]), a host that is gone costs them less than two seconds.
pub(crate) const LEASE_EXPIRES_IN: Duration = Duration::from_millis(1500);
const EXTENDED_IN: Duration = Duration::from_millis(500);
/// For how long a failure is known. NATS keeps it as long as a lease.
const FAILED_FOR: Duration = Duration::from_millis(1000);
