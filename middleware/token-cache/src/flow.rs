//! The decision on a request: a token of this instance's memory, one of the store, or the provider's.

mod call;
mod contest;
mod provider;

use crate::host::{Host, seconds};
use crate::memory::Memory;
use crate::settings::{IDENTITY, Settings};
use crate::store::{Breaker, Store};
use crate::tokens::{token_of, with_details};
use crate::warnings::{Kind, Warnings};
use alloc::string::String;
use azure_middleware_bindings::{TokenRequest, refusal};
use azure_token_cache::claims::ClaimsHash;
use azure_token_cache::names;
use azure_token_cache::record::Record;
use azure_token_cache::use_of_record::Use;
use call::{Call, key_of};
pub use call::{Instance, Outcome};

impl Instance {
    /// An instance with these settings, or the reason why every request is refused.
    pub fn new(settings: Result<Settings, String>) -> Self {
        let (memory, breaker, warnings) = (Memory::default(), Breaker::default(), Warnings::default());
        Self { settings, memory, breaker, warnings }
    }

    /// Returns a token for a request. A store in trouble is no error.
    ///
    /// # Errors
    /// The provider's; that of another instance, which had it less than two seconds ago; `invalid-argument` when a setting is
    /// missing or malformed.
    pub fn get_token(&self, host: &impl Host, mut request: TokenRequest) -> Outcome {
        let settings = self.settings.as_ref().map_err(|reason| refusal("token-cache", reason))?;
        let Some(identity) = &settings.identity else {
            let what = format_args!(
                "tokens are neither read from the store nor stored; set {IDENTITY} to the client id of the identity that \
                 the partition's instances have, or to 'unverified'"
            );
            self.warnings.write(host, Kind::NoIdentity, &what);
            return host.get_token(request);
        };
        let shows_details = with_details(&mut request);
        let key = key_of(&settings.partition, &request);
        let claims = request.claims.as_deref().map(ClaimsHash::of);
        let remembered = self.memory.get(&key);
        if claims.is_none()
            && let Use::Return(record) = Use::of(remembered.clone(), None, None, seconds(host))
        {
            return Ok(token_of(&record, shows_details));
        }
        let call = Call {
            host,
            instance: self,
            store: Store::new(host, &self.breaker, &self.warnings),
            settings,
            identity,
            record_name: names::record(&settings.keys, &key),
            lease_name: names::lease(&settings.keys, &key, claims.as_ref()),
            request,
            shows_details,
            key,
            claims,
        };
        run(&call, remembered)
    }
}

/// Decides on a request that the memory does not answer.
fn run<H: Host>(call: &Call<'_, H>, remembered: Option<Record>) -> Outcome {
    // The app had this token and comes with a challenge, so a service refused it.
    let refused = call.claims.and(remembered.as_ref()).map(|record| record.token.as_str());
    match call.use_of_store(refused) {
        Use::Return(record) => Ok(call.returned(record)),
        Use::Renew(record) if !call.is_turn(&record) => Ok(call.returned(record)),
        Use::Renew(record) => contest::renew(call, record),
        Use::Request(Some(record)) => contest::request(call, Some(record), refused),
        Use::Request(None) => match Use::of(remembered.clone(), call.claims.as_ref(), refused, call.now()) {
            Use::Renew(record) => contest::renew(call, record),
            Use::Return(record) | Use::Request(Some(record)) => contest::request(call, Some(record), refused),
            Use::Request(None) => contest::request(call, None, refused),
        },
    }
}

#[cfg(test)]
mod tests;
