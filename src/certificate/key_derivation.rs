//! PBKDF2 as files describe it, and how much key derivation a file may take.

use super::ber;
use super::digest::Hash;
use super::error::CertificateError;
use crate::prelude::*;
use der::asn1::ObjectIdentifier;
use der::{Reader, SliceReader, Tag};

/// The computations of a hash function that one file may still take for its keys, so that no file keeps the
/// component busy for longer than seconds (docs/decisions.md has the figures).
pub struct IterationBudget(u32);

impl IterationBudget {
    /// The budget of a file.
    pub fn of_file() -> Self {
        // A fuzzer would spend its days here.
        Self(if cfg!(fuzzing) { 20_000 } else { MOST_ITERATIONS })
    }

    /// Takes so many, once for each block of `hash` in `length`.
    ///
    /// # Errors
    /// When fewer are left.
    pub fn take(&mut self, iterations: u32, hash: Hash, length: usize) -> Result<(), CertificateError> {
        let blocks = u32::try_from(length.div_ceil(hash.length())).ok();
        let left = blocks.and_then(|blocks| self.0.checked_sub(iterations.max(1).checked_mul(blocks)?));
        self.0 = left.ok_or(CertificateError::TooManyIterations)?;
        Ok(())
    }
}

/// The parameters of PBKDF2 (RFC 8018, appendix A.2).
pub struct Pbkdf2 {
    /// The length of the key; the cipher determines it as well.
    pub length: Option<u32>,
    salt: Vec<u8>,
    iterations: u32,
    hash: Hash,
}

impl Pbkdf2 {
    /// Reads the `AlgorithmIdentifier` of a key derivation.
    ///
    /// # Errors
    /// When it is another one than PBKDF2, its hash function is not supported, or it is damaged.
    pub fn read(reader: &mut SliceReader<'_>) -> Result<Self, CertificateError> {
        let mut identifier = ber::enter(reader)?;
        let function = ber::read(&mut identifier)?;
        if function != PBKDF2 {
            return Err(CertificateError::of_algorithm(function));
        }
        let mut parameters = ber::enter(&mut identifier)?;
        let (salt, iterations) = (ber::read_octets(&mut parameters)?, ber::read(&mut parameters)?);
        let has_length = Tag::peek(&parameters).is_ok_and(|tag| tag == Tag::Integer);
        let length = if has_length { Some(ber::read(&mut parameters)?) } else { None };
        let hash = if parameters.is_finished() {
            Some(Hash::Sha1)
        } else {
            Hash::of_hmac(ber::read_algorithm(&mut parameters)?)
        };
        Ok(Self { length, salt, iterations, hash: hash.ok_or(CertificateError::Algorithm)? })
    }

    /// Derives a key of so many bytes.
    ///
    /// # Errors
    /// When it takes too many iterations.
    pub fn derive(
        &self,
        password: &[u8],
        length: usize,
        budget: &mut IterationBudget,
    ) -> Result<Vec<u8>, CertificateError> {
        // An HMAC is two computations of its hash function.
        budget.take(self.iterations.saturating_mul(2), self.hash, length)?;
        Ok(self.hash.pbkdf2(password, &self.salt, self.iterations, length))
    }
}

const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
/// OWASP's 600,000, which NSS and GnuTLS write, for each of MAC, certificates and key; in computations of a hash function. A
/// MAC takes two, because an empty password has two spellings. A key of AES-256 by HMAC-SHA-1, the longest, takes four: its two
/// blocks, and two for each HMAC.
const MOST_ITERATIONS: u32 = 600_000 * (2 + 4 + 4);
