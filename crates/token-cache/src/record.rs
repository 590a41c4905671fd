//! A token as it stands in a shared store: versioned and encrypted.
//!
//! A sealed record is `version (1 byte) | length of the key id (1) | key id | nonce (24) | ciphertext and tag`. The
//! associated data are the version, the key id and the whole [`EntryKey`], each with its length, so that a record that was
//! moved to another name, partition or key id does not open. The content is JSON.

use crate::claims::ClaimsHash;
use crate::entry_key::EntryKey;
use crate::key_ring::{Key, KeyRing};
use alloc::string::String;
use alloc::vec::Vec;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
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

/// A nonce, to be made anew for each record. 24 random bytes do not repeat by chance (draft-irtf-cfrg-xchacha, section 3.1).
pub type Nonce = [u8; 24];

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
        let record_key = keys.records.first().ok_or(TooLarge)?;
        let content = Zeroizing::new(serde_json::to_vec(self).map_err(|_| TooLarge)?);
        let associated = associated_data(record_key.id.as_bytes(), key);
        let payload = Payload { msg: &content, aad: &associated };
        let ciphertext = cipher(&record_key.key).encrypt(nonce.into(), payload).map_err(|_| TooLarge)?;
        let id_length = u8::try_from(record_key.id.len()).map_err(|_| TooLarge)?;
        let header = [&[VERSION, id_length], record_key.id.as_bytes(), nonce].concat();
        let sealed = [header, ciphertext].concat();
        if sealed.len() > MAX_SEALED { Err(TooLarge) } else { Ok(sealed) }
    }

    /// Decrypts the entry of a key.
    ///
    /// # Errors
    /// [`Unusable`], after which the entry counts as absent.
    pub fn open(sealed: &[u8], keys: &KeyRing, key: &EntryKey) -> Result<Self, Unusable> {
        if sealed.len() > MAX_SEALED {
            return Err(Unusable::Malformed);
        }
        let (version, rest) = sealed.split_first().ok_or(Unusable::Malformed)?;
        if *version != VERSION {
            return Err(Unusable::OtherVersion);
        }
        let (id_length, rest) = rest.split_first().ok_or(Unusable::Malformed)?;
        let (id, rest) = rest.split_at_checked(usize::from(*id_length)).ok_or(Unusable::Malformed)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<24>().ok_or(Unusable::Malformed)?;
        let record_key =
            keys.records.iter().find(|key| key.id.as_bytes() == id).ok_or(Unusable::UnknownKey)?;
        let associated = associated_data(id, key);
        let payload = Payload { msg: ciphertext, aad: &associated };
        let content = cipher(&record_key.key).decrypt(nonce.into(), payload);
        let content = Zeroizing::new(content.map_err(|_| Unusable::NotAuthentic)?);
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

/// A record is too large to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the record is longer than {MAX_SEALED} bytes, so it is not stored")
    }
}

impl core::error::Error for TooLarge {}

/// Why an entry of a store is not a record for its key. It counts as absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is no sealed record at all.
    Malformed,
    /// Another version of this crate wrote it.
    OtherVersion,
    /// It was encrypted with a key that is not in the ring.
    UnknownKey,
    /// It was changed, or written for another entry or partition, or with another key of the same id.
    NotAuthentic,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "it is not an encrypted record",
            Self::OtherVersion => "another version wrote it",
            Self::UnknownKey => "its key is not among the configured ones",
            Self::NotAuthentic => {
                "it was changed, moved from another entry, or encrypted with another key of the same id"
            }
        })
    }
}

impl core::error::Error for Unusable {}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&key.0.into())
}

fn associated_data(key_id: &[u8], key: &EntryKey) -> Vec<u8> {
    let length = |part: &[u8]| u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes();
    let key = key.as_bytes();
    [&[VERSION], &length(key_id)[..], key_id, &length(key), key].concat()
}

/// The version of the format. A change of the content that this version cannot read needs another one.
const VERSION: u8 = 1;
/// The length of a sealed record, at most, in bytes. Tokens have a few kilobytes.
pub const MAX_SEALED: usize = 64 * 1024;

#[cfg(test)]
mod tests;
