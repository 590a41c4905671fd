//! One request for a fleet: who requests the token, and what the others do meanwhile.

use super::call::{Call, Outcome};
use super::provider;
use crate::host::{Host, random_number};
use alloc::vec::Vec;
use azure_token_cache::failure::Failure;
use azure_token_cache::lease_hint::{HELD_FOR, LeaseHint, MAX_WAIT, Standing, poll, settle};
use azure_token_cache::record::Record;
use azure_token_cache::use_of_record::Use;

/// Renews the token of a record that is due, if no other instance does. The record's token is returned otherwise.
pub(super) fn renew<H: Host>(call: &Call<'_, H>, record: Record) -> Outcome {
    if !call.store.is_used() {
        return provider::request(call, None, Some(record));
    }
    let mut watch = Watch::default();
    match watch.look(call) {
        Standing::Held | Standing::Failed { .. } => Ok(call.returned(record)),
        Standing::NotStored => provider::request(call, None, Some(record)),
        Standing::Free => match contend(call, &watch, None) {
            Contest::Won(lease) => provider::request(call, Some(&lease), Some(record)),
            Contest::Served(newer) => Ok(call.returned(newer)),
            Contest::Lost => Ok(call.returned(record)),
        },
    }
}

/// Requests a token, or waits for the one that another instance requests. `usable`: a token that has not ended, to return if
/// there is no newer one.
pub(super) fn request<H: Host>(
    call: &Call<'_, H>,
    mut usable: Option<Record>,
    refused: Option<&str>,
) -> Outcome {
    let began = call.host.elapsed();
    let mut watch = Watch::default();
    for attempt in 0_u32.. {
        let standing = watch.look(call);
        let waited = call.host.elapsed().saturating_sub(began);
        if !call.store.is_used() || waited >= MAX_WAIT {
            break;
        }
        match (standing, &usable) {
            (Standing::NotStored, _) => break,
            (Standing::Failed { .. }, Some(_)) => return returned(call, usable),
            (Standing::Failed { repeat: Some(failure), age }, None) => {
                return repeated(call, &failure, age);
            }
            (Standing::Held, Some(_)) if waited >= HELD_FOR => return returned(call, usable),
            (Standing::Held, _) => {}
            (Standing::Free | Standing::Failed { repeat: None, .. }, _) => {
                match contend(call, &watch, refused) {
                    Contest::Won(lease) => return provider::request(call, Some(&lease), usable),
                    Contest::Served(record) => return Ok(call.returned(record)),
                    Contest::Lost => {}
                }
            }
        }
        call.host.wait(poll(attempt, random_number(call.host)));
        match call.use_of_store(refused) {
            Use::Return(record) | Use::Renew(record) => return Ok(call.returned(record)),
            Use::Request(Some(record)) => usable = Some(record),
            Use::Request(None) => {}
        }
    }
    provider::request(call, None, usable)
}

fn returned<H: Host>(call: &Call<'_, H>, usable: Option<Record>) -> Outcome {
    match usable {
        Some(record) if record.expires_on > call.now() => Ok(call.returned(record)),
        _ => provider::request(call, None, None),
    }
}

/// The failure that another instance shares, if it shares it; otherwise the token is requested without the lease.
fn repeated<H: Host>(call: &Call<'_, H>, failure: &[u8], age: u64) -> Outcome {
    let shared = Failure::open(failure, &call.settings.keys, &call.key, call.claims.as_ref());
    match shared {
        Ok(failure) => Err(crate::tokens::error_of(failure, age)),
        Err(_) => provider::request(call, None, None),
    }
}

/// How an attempt to get the lease ends.
enum Contest {
    /// The instance has it: its entry.
    Won(Vec<u8>),
    /// Another one was faster, and its token is there.
    Served(Record),
    /// Another one has it.
    Lost,
}

/// Writes the lease, waits, and reads it back. A store that fails meanwhile keeps no instance from a token.
fn contend<H: Host>(call: &Call<'_, H>, watch: &Watch, refused: Option<&str>) -> Contest {
    let owner = call.host.random().and_then(|random| random.first_chunk().copied());
    let Some(owner) = owner else { return Contest::Won(Vec::new()) };
    let lease = LeaseHint::Held { owner, since: call.host.now() }.to_bytes();
    if !call.store.set(&call.lease_name, &lease) {
        return Contest::Won(lease);
    }
    call.host.wait(settle(watch.round_trip, random_number(call.host)));
    let seen = call.store.get(&call.lease_name);
    if call.store.is_used() && seen.as_ref() != Some(&lease) {
        return Contest::Lost;
    }
    // One that had the lease before may have written its token after this instance looked for it.
    match call.use_of_store(refused) {
        Use::Return(record) => {
            call.store.delete(&call.lease_name);
            Contest::Served(record)
        }
        Use::Renew(_) | Use::Request(_) => Contest::Won(lease),
    }
}

/// The lease as this instance has seen it.
#[derive(Default)]
struct Watch {
    entry: Option<Vec<u8>>,
    /// When it saw this entry first, by the monotonic clock.
    since: u64,
    /// The duration of the last look, in milliseconds.
    round_trip: u64,
}

impl Watch {
    fn look<H: Host>(&mut self, call: &Call<'_, H>) -> Standing {
        let before = call.host.elapsed();
        let entry = call.store.get(&call.lease_name);
        let after = call.host.elapsed();
        self.round_trip = after.saturating_sub(before);
        if entry != self.entry {
            (self.entry, self.since) = (entry, before);
        }
        let lease = self.entry.as_deref().and_then(LeaseHint::parse);
        let unchanged_for = after.saturating_sub(self.since);
        lease.map_or(Standing::Free, |lease| lease.standing(call.host.now(), unchanged_for))
    }
}
