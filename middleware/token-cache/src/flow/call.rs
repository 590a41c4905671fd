//! A request, and what the instance knows of its token.

use crate::host::{Host, random_number, seconds};
use crate::memory::Memory;
use crate::settings::Settings;
use crate::store::{Breaker, Store};
use crate::tokens::{options_of_key, token_of};
use crate::warnings::{Kind, Warnings};
use alloc::string::String;
use azure_middleware_bindings::{AccessToken, CredentialError, TokenRequest};
use azure_token_cache::claims::ClaimsHash;
use azure_token_cache::entry_key::{EntryKey, Parts};
use azure_token_cache::identity::Identity;
use azure_token_cache::partition::Partition;
use azure_token_cache::record::Record;
use azure_token_cache::renewal;
use azure_token_cache::use_of_record::Use;

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

/// A request that the memory of the instance does not answer.
pub(super) struct Call<'a, H> {
    pub(super) host: &'a H,
    pub(super) instance: &'a Instance,
    pub(super) store: Store<'a, H>,
    pub(super) settings: &'a Settings,
    pub(super) identity: &'a Identity,
    /// The request to pass on.
    pub(super) request: TokenRequest,
    /// Whether the app asked for details.
    pub(super) shows_details: bool,
    pub(super) key: EntryKey,
    pub(super) claims: Option<ClaimsHash>,
    pub(super) record_name: String,
    pub(super) lease_name: String,
}

impl<H: Host> Call<'_, H> {
    /// What the record of the store is worth.
    pub(super) fn use_of_store(&self, refused: Option<&str>) -> Use {
        Use::of(self.stored(), self.claims.as_ref(), refused, self.now())
    }

    /// The record of the store; `None`: there is none that can be used, or the store failed.
    pub(super) fn stored(&self) -> Option<Record> {
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
    pub(super) fn is_turn(&self, record: &Record) -> bool {
        let due_on = renewal::due_on(record.refresh_on, record.issued_on, record.expires_on);
        let delay = renewal::delay(due_on, record.expires_on, random_number(self.host));
        self.now() >= due_on.saturating_add(delay)
    }

    /// The token of a record, which the instance remembers.
    pub(super) fn returned(&self, record: Record) -> AccessToken {
        let token = token_of(&record, self.shows_details);
        self.instance.memory.put(&self.key, record);
        token
    }

    pub(super) fn now(&self) -> u64 {
        seconds(self.host)
    }
}

/// What identifies the token of a request.
pub(super) fn key_of(partition: &Partition, request: &TokenRequest) -> EntryKey {
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
