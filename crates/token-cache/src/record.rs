//! A token as it stands in a shared store: versioned, encrypted, and bound to its key. The content is JSON.

use crate::claims::ClaimsHash;
use crate::entry_key::EntryKey;
use crate::key_ring::KeyRing;
use crate::sealing;
pub use crate::sealing::{MAX_SEALED, Nonce, TooLarge, Unusable};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

/// A token, and what has to be known to use it. All times are in seconds since the Unix epoch.
///
/// There is no place for a refresh token, a secret or an assertion. `Debug` does not show the token, and its memory is
/// overwritten when the record is dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The token itself. **Secret**.
    pub token: String,
    /// The type of the token, in almost all cases `Bearer`.
    pub token_type: String,
    /// When the token ends.
    pub expires_on: u64,
    /// When its renewal is due; `None`: five minutes before `expires_on`.
    pub refresh_on: Option<u64>,
    /// The credential that it came from, for people.
    pub source: String,
    /// Facts about its identity, by key and value.
    pub details: Vec<(String, String)>,
    /// When it was received, by the clock of the host that received it.
    pub issued_on: u64,
    /// The claims challenge that it satisfied; `None`: there was none.
    pub satisfied: Option<ClaimsHash>,
}

impl Record {
    /// Encrypts the record with the first key of the ring, for the entry of a key. `nonce` is 24 random bytes.
    ///
    /// # Errors
    /// [`TooLarge`] when the sealed record is longer than [`MAX_SEALED`].
    ///
    /// # Examples
    /// ```
    /// # use azure_token_cache::{entry_key::{EntryKey, Parts}, key_ring::KeyRing, partition::Partition, record::Record};
    /// # let keys = KeyRing::parse("lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=").unwrap();
    /// # let (partition, scopes) = (Partition::parse("orders").unwrap(), ["https://vault.azure.net/.default".to_owned()]);
    /// let key = EntryKey::new(Parts {
    ///     partition: &partition, identity: &[], scopes: &scopes, tenant_id: None, enable_cae: false, options: &[],
    /// });
    /// let record = Record {
    ///     token: "eyJ0eXAi".to_owned(),
    ///     token_type: "Bearer".to_owned(),
    ///     expires_on: 1_800_003_600,
    ///     refresh_on: None,
    ///     source: "managed-identity/imds".to_owned(),
    ///     details: Vec::new(),
    ///     issued_on: 1_800_000_000,
    ///     satisfied: None,
    /// };
    /// let nonce = [7; 24]; // random, in a program
    /// let sealed = record.seal(&keys, &key, &nonce).unwrap();
    /// assert_eq!(Record::open(&sealed, &keys, &key).unwrap(), record);
    /// ```
    pub fn seal(&self, keys: &KeyRing, key: &EntryKey, nonce: &Nonce) -> Result<Vec<u8>, TooLarge> {
        let content = Zeroizing::new(serde_json::to_vec(self).map_err(|_| TooLarge)?);
        sealing::seal(PURPOSE, &content, (keys, key), nonce)
    }

    /// Decrypts the entry of a key.
    ///
    /// # Errors
    /// [`Unusable`], after which the entry counts as absent.
    pub fn open(sealed: &[u8], keys: &KeyRing, key: &EntryKey) -> Result<Self, Unusable> {
        let content = sealing::open(PURPOSE, sealed, (keys, key))?;
        serde_json::from_slice(&content).map_err(|_| Unusable::OtherVersion)
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.token.zeroize();
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("token", &format_args!("REDACTED"))
            .field("token_type", &self.token_type)
            .field("expires_on", &self.expires_on)
            .field("refresh_on", &self.refresh_on)
            .field("source", &self.source)
            .field("details", &self.details)
            .field("issued_on", &self.issued_on)
            .field("satisfied", &self.satisfied)
            .finish()
    }
}

/// What the associated data say besides the key: nothing, as the first version of the format.
const PURPOSE: &[u8] = b"";

#[cfg(test)]
mod tests;
