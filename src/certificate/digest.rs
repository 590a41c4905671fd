//! SHA-1 and SHA-256, and what is derived from them, behind one type.

use crate::prelude::*;
use der::asn1::ObjectIdentifier;
use hmac::digest::Digest;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

/// A hash function. SHA-1 only where an old format demands it: key derivation in PKCS#12 and PBKDF2, and
/// AD FS's `x5t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1
    Sha1,
    /// SHA-256
    Sha256,
}

impl Hash {
    /// The hash function with this object identifier.
    pub fn of(oid: ObjectIdentifier) -> Option<Self> {
        [(SHA_1, Self::Sha1), (SHA_256, Self::Sha256)].iter().find(|(found, _)| *found == oid).map(|it| it.1)
    }

    /// The hash function of the HMAC with this object identifier.
    pub fn of_hmac(oid: ObjectIdentifier) -> Option<Self> {
        let known = [(HMAC_WITH_SHA_1, Self::Sha1), (HMAC_WITH_SHA_256, Self::Sha256)];
        known.iter().find(|(found, _)| *found == oid).map(|it| it.1)
    }

    /// The length of its result, in bytes.
    pub fn length(self) -> usize {
        if self == Self::Sha1 { 20 } else { 32 }
    }

    /// The hash of these bytes.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        self.iterate(&[bytes], 1)
    }

    /// The hash of the parts, one after the other, hashed again until there were so many iterations.
    pub fn iterate(self, parts: &[&[u8]], iterations: u32) -> Vec<u8> {
        match self {
            Self::Sha1 => iterate::<Sha1>(parts, iterations),
            Self::Sha256 => iterate::<Sha256>(parts, iterations),
        }
    }

    /// Whether this is the HMAC (RFC 2104) of the message, compared in constant time.
    pub fn verify_hmac(self, key: &[u8], message: &[u8], expected: &[u8]) -> bool {
        match self {
            Self::Sha1 => verify::<Hmac<Sha1>>(key, message, expected),
            Self::Sha256 => verify::<Hmac<Sha256>>(key, message, expected),
        }
    }

    /// PBKDF2 with this function's HMAC (RFC 8018, section 5.2).
    pub fn pbkdf2(self, password: &[u8], salt: &[u8], iterations: u32, length: usize) -> Vec<u8> {
        let mut key = vec![0; length];
        match self {
            Self::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, iterations, &mut key),
            Self::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, &mut key),
        }
        key
    }
}

fn iterate<D: Digest>(parts: &[&[u8]], iterations: u32) -> Vec<u8> {
    let mut first = D::new();
    parts.iter().for_each(|part| first.update(part));
    let mut hash = first.finalize();
    for _ in 1..iterations {
        hash = D::digest(hash);
    }
    hash.to_vec()
}

fn verify<M: Mac + KeyInit>(key: &[u8], message: &[u8], expected: &[u8]) -> bool {
    // Keys of every length are allowed, so there always is one.
    <M as KeyInit>::new_from_slice(key)
        .is_ok_and(|mac| mac.chain_update(message).verify_slice(expected).is_ok())
}

const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const HMAC_WITH_SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.7");
const HMAC_WITH_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");
