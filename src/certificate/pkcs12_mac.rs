//! The MAC of a PKCS#12 file (RFC 7292, section 4), which also tells whether the password is right.

use super::ber;
use super::digest::Hash;
use super::error::CertificateError;
use super::key_derivation::{IterationBudget, Pbkdf2};
use super::password::Password;
use super::pkcs12_kdf::{self, Purpose};
use crate::prelude::*;
use der::asn1::ObjectIdentifier;
use der::{Reader, SliceReader};

/// `MacData`
pub struct Mac {
    /// The function of the HMAC.
    hash: Hash,
    digest: Vec<u8>,
    derivation: Derivation,
}

enum Derivation {
    Pkcs12 {
        salt: Vec<u8>,
        iterations: u32,
    },
    /// PBMAC1 (RFC 9579) does not use the salt and the iterations of `MacData`.
    Pbmac1 {
        parameters: Pbkdf2,
        length: usize,
    },
}

impl Mac {
    /// Reads a MAC.
    ///
    /// # Errors
    /// When its algorithm is not supported, or it is damaged.
    pub fn read(reader: &mut SliceReader<'_>) -> Result<Self, CertificateError> {
        let mut mac = ber::enter(reader)?;
        let mut info = ber::enter(&mut mac)?;
        let mut identifier = ber::enter(&mut info)?;
        let algorithm = ber::read(&mut identifier)?;
        let digest = ber::read_octets(&mut info)?;
        if algorithm == PBMAC1 {
            let (hash, derivation) = read_pbmac1(&mut ber::enter(&mut identifier)?)?;
            return Ok(Self { hash, digest, derivation });
        }
        let hash = Hash::of(algorithm).ok_or_else(|| CertificateError::of_algorithm(algorithm))?;
        let salt = ber::read_octets(&mut mac)?;
        let iterations = if mac.is_finished() { 1 } else { ber::read(&mut mac)? };
        Ok(Self { hash, digest, derivation: Derivation::Pkcs12 { salt, iterations } })
    }

    /// Verifies the safes. Of an empty password's two encodings, the one that fits stays.
    ///
    /// # Errors
    /// When the password is missing or wrong, or its derivation takes too many iterations.
    pub fn verify(
        &self,
        safes: &[u8],
        password: &mut Password,
        budget: &mut IterationBudget,
    ) -> Result<(), CertificateError> {
        let has_spellings = password.is_empty() && matches!(self.derivation, Derivation::Pkcs12 { .. });
        if self.fits(safes, password, budget)? {
            return Ok(());
        }
        // GnuTLS and NSS write no password as no bytes, Windows and OpenSSL as the terminating zero alone.
        if has_spellings {
            password.wide.clear();
        }
        if has_spellings && self.fits(safes, password, budget)? { Ok(()) } else { Err(password.refusal()) }
    }

    fn fits(
        &self,
        safes: &[u8],
        password: &Password,
        budget: &mut IterationBudget,
    ) -> Result<bool, CertificateError> {
        let key = match &self.derivation {
            Derivation::Pkcs12 { salt, iterations } => {
                let length = self.hash.length();
                budget.take(*iterations, self.hash, length)?;
                pkcs12_kdf::derive(self.hash, Purpose::Mac, password, (salt, *iterations), length)
            }
            Derivation::Pbmac1 { parameters, length } => {
                parameters.derive(&password.text, *length, budget)?
            }
        };
        Ok(self.hash.verify_hmac(&key, safes, &self.digest))
    }
}

/// Reads the parameters of PBMAC1 (RFC 8018, appendix A.5).
fn read_pbmac1(reader: &mut SliceReader<'_>) -> Result<(Hash, Derivation), CertificateError> {
    let parameters = Pbkdf2::read(reader)?;
    let hash = Hash::of_hmac(ber::read_algorithm(reader)?).ok_or(CertificateError::Algorithm)?;
    // No cipher determines the length, so RFC 9579, section 5, demands that it is there, and 20 bytes or more.
    let length = parameters.length.filter(|length| (20..=LONGEST_KEY).contains(length));
    let length = length.and_then(|length| usize::try_from(length).ok()).ok_or(CertificateError::Algorithm)?;
    Ok((hash, Derivation::Pbmac1 { parameters, length }))
}

const PBMAC1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.14");
/// The block of SHA-512: HMAC hashes a longer key.
const LONGEST_KEY: u32 = 128;
