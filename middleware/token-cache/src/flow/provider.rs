//! The call of the provider, and what is written after it.

use super::call::{Call, Outcome};
use crate::host::Host;
use crate::settings::IDENTITY;
use crate::tokens::{failure_of, record_of};
use crate::warnings::Kind;
use azure_middleware_bindings::{AccessToken, CredentialError};
use azure_token_cache::lease_hint::{HELD_FOR, LeaseHint};
use azure_token_cache::record::Record;
use azure_token_cache::use_of_record::Use;

/// Calls the provider. `lease`: the instance's entry, if it has the lease. `usable`: a token to return if the call fails.
pub(super) fn request<H: Host>(call: &Call<'_, H>, lease: Option<&[u8]>, usable: Option<Record>) -> Outcome {
    let (began, elapsed) = (call.now(), call.host.elapsed());
    match call.host.get_token(call.request.clone()) {
        Ok(token) => Ok(keep(call, lease, token, usable, began)),
        Err(error) => {
            if let Some(lease) = lease {
                share_failure(call, lease, &error, call.host.elapsed().saturating_sub(elapsed));
            }
            let usable = usable.filter(|record| record.expires_on > call.now());
            usable.map(|record| call.returned(record)).ok_or(error)
        }
    }
}

/// Writes a token and ends the lease. Returns what the app gets.
fn keep<H: Host>(
    call: &Call<'_, H>,
    lease: Option<&[u8]>,
    token: AccessToken,
    usable: Option<Record>,
    began: u64,
) -> AccessToken {
    let record = record_of(&token, call.claims, call.now());
    // The store is only asked for what may change the decision.
    let stored = if call.store.is_used() { call.stored() } else { None };
    if let Some(stored) = stored.as_ref().filter(|stored| prevails(stored, &record, began, call.now())) {
        end_lease(call, lease, None);
        return if stored.satisfied.is_some() { call.returned(stored.clone()) } else { shown(call, token) };
    }
    let is_newer = call.claims.is_some() || usable.is_none_or(|usable| record.expires_on > usable.expires_on);
    let outcome = write(call, &record);
    call.instance.memory.put(&call.key, record);
    let since = call.host.now();
    let after = match outcome {
        Written::Yes if is_newer => None,
        Written::Yes => Some(LeaseHint::Failed { since, failure: alloc::vec::Vec::new() }),
        Written::No => Some(LeaseHint::NotStored { since }),
    };
    end_lease(call, lease, after);
    shown(call, token)
}

/// Whether a record of the store stays, because it is newer than a token: it satisfied a challenge after the token was
/// requested (the token may be one that was revoked), or it ends later.
fn prevails(stored: &Record, token: &Record, began: u64, now: u64) -> bool {
    let is_usable = matches!(Use::of(Some(stored.clone()), None, None, now), Use::Return(_) | Use::Renew(_));
    let satisfied_since = stored.satisfied.is_some() && stored.issued_on >= began;
    token.satisfied.is_none() && is_usable && (satisfied_since || stored.expires_on > token.expires_on)
}

enum Written {
    Yes,
    No,
}

fn write<H: Host>(call: &Call<'_, H>, record: &Record) -> Written {
    if let Err(why) = call.identity.check(&record.details) {
        let what = format_args!("a token is not stored: {why}; {IDENTITY} declares the identity");
        call.instance.warnings.write(call.host, Kind::NotStored, &what);
        return Written::No;
    }
    let Some(nonce) = call.host.random() else {
        let what = "a token is not stored, because the host has no random bytes";
        call.instance.warnings.write(call.host, Kind::NotStored, &what);
        return Written::No;
    };
    match record.seal(&call.settings.keys, &call.key, &nonce) {
        Ok(sealed) => {
            // A failure of the store has its own warning, and this instance does without the lease then, too.
            call.store.set(&call.record_name, &sealed);
            Written::Yes
        }
        Err(why) => {
            call.instance.warnings.write(call.host, Kind::NotStored, &why);
            Written::No
        }
    }
}

/// Deletes the lease, or writes what others should know.
fn end_lease<H: Host>(call: &Call<'_, H>, lease: Option<&[u8]>, after: Option<LeaseHint>) {
    match (lease, after) {
        (None, _) => {}
        // Also another one's: the record is there, and who waits looks for it first.
        (Some(_), None) => call.store.delete(&call.lease_name),
        (Some(_), Some(after)) => {
            call.store.set(&call.lease_name, &after.to_bytes());
        }
    }
}

/// Marks the lease of a request that failed after so many milliseconds, unless another instance has it meanwhile, whose
/// request may succeed. A request that took longer than several leases shows that the service is slow for all who had one:
/// its failure is marked all the same if it is one that may pass. The other instance's token is written even so, if it
/// gets one.
fn share_failure<H: Host>(call: &Call<'_, H>, lease: &[u8], error: &CredentialError, took: u64) {
    let sealed = failure_of(error).and_then(|failure| {
        let claims = call.claims.as_ref();
        failure.seal(&call.settings.keys, &call.key, claims, &call.host.random()?).ok()
    });
    let is_slow_for_all = sealed.is_some() && took >= SLOW;
    if !is_slow_for_all && call.store.get(&call.lease_name).as_deref() != Some(lease) {
        return;
    }
    let failed = LeaseHint::Failed { since: call.host.now(), failure: sealed.unwrap_or_default() };
    call.store.set(&call.lease_name, &failed.to_bytes());
}

/// The provider's token, as the app gets it.
fn shown<H: Host>(call: &Call<'_, H>, mut token: AccessToken) -> AccessToken {
    if !call.shows_details {
        token.details.clear();
    }
    token
}

/// In milliseconds: three leases.
const SLOW: u64 = HELD_FOR.saturating_mul(3);
