//! The decision on a request: a token of this instance's memory, one of the store, or the provider's.

mod contest;
mod provider;

use crate::host::{Host, random_number, seconds};
use crate::memory::Memory;
use crate::settings::{IDENTITY, Settings};
use crate::store::{Breaker, Store};
use crate::tokens::{options_of_key, token_of, with_details};
use crate::warnings::{Kind, Warnings};
use alloc::string::String;
use azure_middleware_bindings::{AccessToken, CredentialError, TokenRequest, refusal};
use azure_token_cache::claims::ClaimsHash;
use azure_token_cache::entry_key::{EntryKey, Parts};
use azure_token_cache::identity::Identity;
use azure_token_cache::record::Record;
use azure_token_cache::use_of_record::Use;
use azure_token_cache::{names, renewal};

/// The state of an instance.
#[derive(Debug)]
pub struct Instance {
    /// The settings, or the reason why every request is refused.
    pub settings: Result<Settings, String>,
    /// The first level.
    pub memory: Memory,
    /// Whether the store is used.
    pub breaker: Breaker,
    /// The warnings written so far.
    pub warnings: Warnings,
}

/// How a request ends.
pub type Outcome = Result<AccessToken, CredentialError>;

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
        Call {
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
        }
        .run(remembered)
    }
}

/// A request that the memory of the instance does not answer.
struct Call<'a, H> {
    host: &'a H,
    instance: &'a Instance,
    store: Store<'a, H>,
    settings: &'a Settings,
    identity: &'a Identity,
    /// The request to pass on.
    request: TokenRequest,
    /// Whether the app asked for details.
    shows_details: bool,
    key: EntryKey,
    claims: Option<ClaimsHash>,
    record_name: String,
    lease_name: String,
}

impl<H: Host> Call<'_, H> {
    fn run(&self, remembered: Option<Record>) -> Outcome {
        // The app had this token and comes with a challenge, so a service refused it.
        let refused = self.claims.and(remembered.as_ref()).map(|record| record.token.as_str());
        match self.use_of_store(refused) {
            Use::Return(record) => Ok(self.returned(record)),
            Use::Renew(record) if !self.is_turn(&record) => Ok(self.returned(record)),
            Use::Renew(record) => contest::renew(self, record),
            Use::Request(Some(record)) => contest::request(self, Some(record), refused),
            Use::Request(None) => {
                match Use::of(remembered.clone(), self.claims.as_ref(), refused, self.now()) {
                    Use::Renew(record) => contest::renew(self, record),
                    Use::Return(record) | Use::Request(Some(record)) => {
                        contest::request(self, Some(record), refused)
                    }
                    Use::Request(None) => contest::request(self, None, refused),
                }
            }
        }
    }

    /// What the record of the store is worth.
    fn use_of_store(&self, refused: Option<&str>) -> Use {
        Use::of(self.stored(), self.claims.as_ref(), refused, self.now())
    }

    /// The record of the store; `None`: there is none that can be used, or the store failed.
    fn stored(&self) -> Option<Record> {
        let sealed = self.store.get(&self.record_name)?;
        match Record::open(&sealed, &self.settings.keys, &self.key) {
            Ok(record) => Some(record),
            Err(why) => {
                let what = format_args!("an entry of the store is not used: {why}");
                self.instance.warnings.write(self.host, Kind::Unusable, &what);
                None
            }
        }
    }

    /// Whether this instance tries the renewal of a token that is due: not all at the same second.
    fn is_turn(&self, record: &Record) -> bool {
        let due_on = record.refresh_on.unwrap_or_default();
        let delay = renewal::delay(due_on, record.expires_on, random_number(self.host));
        self.now() >= due_on.saturating_add(delay)
    }

    /// The token of a record, which the instance remembers.
    fn returned(&self, record: Record) -> AccessToken {
        let token = token_of(&record, self.shows_details);
        self.instance.memory.put(&self.key, record);
        token
    }

    fn now(&self) -> u64 {
        seconds(self.host)
    }
}

fn key_of(partition: &azure_token_cache::partition::Partition, request: &TokenRequest) -> EntryKey {
    EntryKey::new(Parts {
        partition,
        // The component does not know the settings of its provider: the partition is the identity.
        identity: &[],
        scopes: &request.scopes,
        tenant_id: request.tenant_id.as_deref(),
        enable_cae: request.enable_cae,
        options: &options_of_key(request),
    })
}

#[cfg(test)]
mod tests;
