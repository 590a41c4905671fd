//! Encryption of what stands in a store.
//!
//! A sealed text is `version (1 byte) | length of the key id (1) | key id | nonce (24) | ciphertext and tag`. The associated
//! data are the version, the key id and the whole [`EntryKey`], each with its length, and the purpose. So what was moved to
//! another name, partition or key id does not open, and a failure is no record.

use crate::entry_key::EntryKey;
use crate::key_ring::{Key, KeyRing};
use alloc::vec::Vec;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use core::fmt;
use zeroize::Zeroizing;

/// A nonce, to be made anew for each record. 24 random bytes do not repeat by chance (draft-irtf-cfrg-xchacha, section 3.1).
pub type Nonce = [u8; 24];

/// Encrypts with the first key of the ring, for the entry of a key.
pub(crate) fn seal(
    purpose: &[u8],
    content: &[u8],
    (keys, key): (&KeyRing, &EntryKey),
    nonce: &Nonce,
) -> Result<Vec<u8>, TooLarge> {
    let record_key = keys.records.first().ok_or(TooLarge)?;
    let associated = associated_data(record_key.id.as_bytes(), key, purpose);
    let payload = Payload { msg: content, aad: &associated };
    let ciphertext = cipher(&record_key.key).encrypt(nonce.into(), payload).map_err(|_| TooLarge)?;
    let id_length = u8::try_from(record_key.id.len()).map_err(|_| TooLarge)?;
    let header = [&[VERSION, id_length], record_key.id.as_bytes(), nonce].concat();
    let sealed = [header, ciphertext].concat();
    if sealed.len() > MAX_SEALED { Err(TooLarge) } else { Ok(sealed) }
}

/// Decrypts with the key of the ring that the text names.
pub(crate) fn open(
    purpose: &[u8],
    sealed: &[u8],
    (keys, key): (&KeyRing, &EntryKey),
) -> Result<Zeroizing<Vec<u8>>, Unusable> {
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
    let record_key = keys.records.iter().find(|key| key.id.as_bytes() == id).ok_or(Unusable::UnknownKey)?;
    let associated = associated_data(id, key, purpose);
    let payload = Payload { msg: ciphertext, aad: &associated };
    let content = cipher(&record_key.key).decrypt(nonce.into(), payload);
    content.map(Zeroizing::new).map_err(|_| Unusable::NotAuthentic)
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

fn associated_data(key_id: &[u8], key: &EntryKey, purpose: &[u8]) -> Vec<u8> {
    let length = |part: &[u8]| u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes();
    let key = key.as_bytes();
    [&[VERSION], &length(key_id)[..], key_id, &length(key), key, purpose].concat()
}

/// The version of the format. A change of the content that this version cannot read needs another one.
const VERSION: u8 = 1;
/// The length of a sealed record, at most, in bytes. Tokens have a few kilobytes.
pub const MAX_SEALED: usize = 64 * 1024;
