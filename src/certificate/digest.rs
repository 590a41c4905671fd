//! The hash functions of SHA-1 and SHA-2, and what is derived from them, behind one type.

use crate::prelude::*;
use der::asn1::ObjectIdentifier;
use hmac::digest::Digest;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

/// A hash function. SHA-1 only where an old format demands it: key derivation in PKCS#12 and PBKDF2, and
/// AD FS's `x5t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1
    Sha1,
    /// SHA-224
    Sha224,
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

/// Evaluates an expression in which `$function` is the type that implements a hash function.
macro_rules! with_function {
    ($hash:expr, $function:ident => $result:expr) => {
        match $hash {
            Hash::Sha1 => {
                type $function = Sha1;
                $result
            }
            Hash::Sha224 => {
                type $function = Sha224;
                $result
            }
            Hash::Sha256 => {
                type $function = Sha256;
                $result
            }
            Hash::Sha384 => {
                type $function = Sha384;
                $result
            }
            Hash::Sha512 => {
                type $function = Sha512;
                $result
            }
        }
    };
}

impl Hash {
    /// The hash function with this object identifier.
    pub fn of(oid: ObjectIdentifier) -> Option<Self> {
        FUNCTIONS.iter().find(|(_, hash, _)| *hash == oid).map(|it| it.0)
    }

    /// The hash function of the HMAC with this object identifier.
    pub fn of_hmac(oid: ObjectIdentifier) -> Option<Self> {
        FUNCTIONS.iter().find(|(_, _, hmac)| *hmac == oid).map(|it| it.0)
    }

    /// The length of its result, in bytes.
    pub fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The length of the blocks of its input, in bytes.
    pub fn block_length(self) -> usize {
        match self {
            Self::Sha1 | Self::Sha224 | Self::Sha256 => 64,
            Self::Sha384 | Self::Sha512 => 128,
        }
    }

    /// The hash of these bytes.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        self.iterate(&[bytes], 1)
    }

    /// The hash of the parts, one after the other, hashed again until there were so many iterations.
    pub fn iterate(self, parts: &[&[u8]], iterations: u32) -> Vec<u8> {
        with_function!(self, Function => iterate::<Function>(parts, iterations))
    }

    /// Whether this is the HMAC (RFC 2104) of the message, compared in constant time.
    pub fn verify_hmac(self, key: &[u8], message: &[u8], expected: &[u8]) -> bool {
        with_function!(self, Function => verify::<Hmac<Function>>(key, message, expected))
    }

    /// PBKDF2 with this function's HMAC (RFC 8018, section 5.2).
    pub fn pbkdf2(self, password: &[u8], salt: &[u8], iterations: u32, length: usize) -> Vec<u8> {
        let mut key = vec![0; length];
        with_function!(self, Function => {
            pbkdf2::pbkdf2_hmac::<Function>(password, salt, iterations, &mut key);
        });
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

/// Each with its own object identifier (RFC 8017, appendix B.1) and that of its HMAC (RFC 8018, appendix B.1).
const FUNCTIONS: [(Hash, ObjectIdentifier, ObjectIdentifier); 5] = [
    (Hash::Sha1, oid("1.3.14.3.2.26"), oid("1.2.840.113549.2.7")),
    (Hash::Sha224, oid("2.16.840.1.101.3.4.2.4"), oid("1.2.840.113549.2.8")),
    (Hash::Sha256, oid("2.16.840.1.101.3.4.2.1"), oid("1.2.840.113549.2.9")),
    (Hash::Sha384, oid("2.16.840.1.101.3.4.2.2"), oid("1.2.840.113549.2.10")),
    (Hash::Sha512, oid("2.16.840.1.101.3.4.2.3"), oid("1.2.840.113549.2.11")),
];

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}
