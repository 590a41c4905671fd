//! SHA-1 and SHA-256, and HMAC over both, behind one type: what is made of them then exists once.

use crate::prelude::*;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A hash function. SHA-1 only where a format of old demands it: key derivation in PKCS#12 and
/// PBKDF2, and AD FS's `x5t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1
    Sha1,
    /// SHA-256
    Sha256,
}

impl Hash {
    /// The hash function with this object identifier.
    pub fn of(oid: &[u8]) -> Option<Self> {
        match oid {
            SHA_1 => Some(Self::Sha1),
            SHA_256 => Some(Self::Sha256),
            _ => None,
        }
    }

    /// The hash function of the HMAC with this object identifier.
    pub fn of_hmac(oid: &[u8]) -> Option<Self> {
        match oid {
            HMAC_WITH_SHA_1 => Some(Self::Sha1),
            HMAC_WITH_SHA_256 => Some(Self::Sha256),
            _ => None,
        }
    }

    /// How many bytes it makes.
    pub fn length(self) -> usize {
        if self == Self::Sha1 { 20 } else { 32 }
    }

    /// The hash of the parts, one after the other, into the first bytes of `out`.
    pub fn digest(self, parts: &[&[u8]], out: &mut [u8; LONGEST]) {
        match self {
            Self::Sha1 => {
                let mut hash = Sha1::new();
                parts.iter().for_each(|part| hash.update(part));
                copy(&hash.finalize(), out);
            }
            Self::Sha256 => {
                let mut hash = Sha256::new();
                parts.iter().for_each(|part| hash.update(part));
                copy(&hash.finalize(), out);
            }
        }
    }

    /// HMAC (RFC 2104) with this key; `None` never comes, keys of every length are allowed.
    pub fn hmac(self, key: &[u8]) -> Option<KeyedHash> {
        Some(match self {
            Self::Sha1 => KeyedHash::Sha1(KeyInit::new_from_slice(key).ok()?),
            Self::Sha256 => KeyedHash::Sha256(KeyInit::new_from_slice(key).ok()?),
        })
    }
}

/// HMAC with its key.
#[derive(Clone)]
pub enum KeyedHash {
    /// Over SHA-1.
    Sha1(Hmac<Sha1>),
    /// Over SHA-256.
    Sha256(Hmac<Sha256>),
}

impl KeyedHash {
    /// The code of the parts, one after the other, into the first bytes of `out`.
    pub fn code(&self, parts: &[&[u8]], out: &mut [u8; LONGEST]) {
        match self.clone() {
            Self::Sha1(mut mac) => {
                parts.iter().for_each(|part| mac.update(part));
                copy(&mac.finalize().into_bytes(), out);
            }
            Self::Sha256(mut mac) => {
                parts.iter().for_each(|part| mac.update(part));
                copy(&mac.finalize().into_bytes(), out);
            }
        }
    }
}

/// SHA-256 of the parts.
pub fn sha256(parts: &[&[u8]]) -> [u8; LONGEST] {
    let mut out = [0; LONGEST];
    Hash::Sha256.digest(parts, &mut out);
    out
}

/// SHA-1, for AD FS.
pub fn sha1(bytes: &[u8]) -> Vec<u8> {
    let mut out = [0; LONGEST];
    Hash::Sha1.digest(&[bytes], &mut out);
    out.iter().take(Hash::Sha1.length()).copied().collect()
}

fn copy(from: &[u8], to: &mut [u8; LONGEST]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

/// The most bytes that one makes.
pub const LONGEST: usize = 32;
const SHA_1: &[u8] = b"\x2B\x0E\x03\x02\x1A"; // 1.3.14.3.2.26
const SHA_256: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01"; // 2.16.840.1.101.3.4.2.1
const HMAC_WITH_SHA_1: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x02\x07"; // 1.2.840.113549.2.7
const HMAC_WITH_SHA_256: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x02\x09"; // 1.2.840.113549.2.9
