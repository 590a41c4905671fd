//! Encryption with a password: PBES2 (RFC 8018) and the schemes of PKCS#12 that old files still use
//! (RFC 7292, appendix C).

use super::ber;
use super::cipher::Cipher;
use super::digest::Hash;
use super::error::CertificateError;
use super::key_derivation::{IterationBudget, Pbkdf2};
use super::password::Password;
use super::pkcs12_kdf::{self, Purpose};
use crate::prelude::*;
use der::SliceReader;
use der::asn1::ObjectIdentifier;

/// How something is encrypted: the algorithm and what the file says of its key.
pub struct Encryption {
    cipher: Cipher,
    derivation: Derivation,
}

enum Derivation {
    Pbkdf2 {
        parameters: Pbkdf2,
        iv: Vec<u8>,
    },
    /// Key and IV both come from the password.
    Pkcs12 {
        salt: Vec<u8>,
        iterations: u32,
    },
}

impl Encryption {
    /// Reads the `AlgorithmIdentifier` of an encryption.
    ///
    /// # Errors
    /// When the algorithm is not supported, or damaged.
    pub fn read(reader: &mut SliceReader<'_>) -> Result<Self, CertificateError> {
        let mut identifier = ber::enter(reader)?;
        let scheme = ber::read(&mut identifier)?;
        if scheme == PBES2 {
            return read_pbes2(&mut ber::enter(&mut identifier)?);
        }
        let cipher = Cipher::of_pkcs12(scheme).ok_or_else(|| CertificateError::of_algorithm(scheme))?;
        let mut parameters = ber::enter(&mut identifier)?;
        let (salt, iterations) = (ber::read_octets(&mut parameters)?, ber::read(&mut parameters)?);
        Ok(Self { cipher, derivation: Derivation::Pkcs12 { salt, iterations } })
    }

    /// Decrypts.
    ///
    /// # Errors
    /// When the password is missing or wrong, or its derivation takes too many iterations.
    pub fn decrypt(
        &self,
        data: &[u8],
        password: &Password,
        budget: &mut IterationBudget,
    ) -> Result<Vec<u8>, CertificateError> {
        let (key_length, block_length) = (self.cipher.key_length(), self.cipher.block_length());
        let plain = match &self.derivation {
            Derivation::Pbkdf2 { parameters, iv } => {
                let key = parameters.derive(&password.text, key_length, budget)?;
                self.cipher.decrypt(&key, iv, data)
            }
            Derivation::Pkcs12 { salt, iterations } => {
                budget.take(*iterations, Hash::Sha1, key_length)?;
                budget.take(*iterations, Hash::Sha1, block_length)?;
                let derive = |purpose, length| {
                    pkcs12_kdf::derive(Hash::Sha1, purpose, password, (salt, *iterations), length)
                };
                let (key, iv) = (derive(Purpose::Key, key_length), derive(Purpose::Iv, block_length));
                self.cipher.decrypt(&key, &iv, data)
            }
        };
        plain.ok_or_else(|| password.refusal())
    }
}

/// Reads the parameters of PBES2 with PBKDF2 (RFC 8018, appendix A.4).
fn read_pbes2(reader: &mut SliceReader<'_>) -> Result<Encryption, CertificateError> {
    let parameters = Pbkdf2::read(reader)?;
    let mut scheme = ber::enter(reader)?;
    let cipher = ber::read(&mut scheme)?;
    let cipher = Cipher::of_pbes2(cipher).ok_or_else(|| CertificateError::of_algorithm(cipher))?;
    let derivation = Derivation::Pbkdf2 { parameters, iv: ber::read_octets(&mut scheme)? };
    Ok(Encryption { cipher, derivation })
}

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
