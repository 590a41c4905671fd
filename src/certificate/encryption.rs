//! Encryption with a password: PBES2 (RFC 8018) and the two schemes of PKCS#12 that old files still use
//! (RFC 7292, appendix C).

use super::ber;
use super::cipher::Cipher;
use super::digest::Hash;
use super::error::CertificateError;
use super::password::Password;
use super::pkcs12_kdf::{self, Purpose};
use crate::prelude::*;
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Reader, SliceReader, Tag};

/// The iterations of key derivation that one file may still take, so that no file keeps the component busy
/// for longer than seconds.
pub struct IterationBudget(u32);

impl IterationBudget {
    /// The budget of a file: OWASP's 600,000 for each of MAC, certificates and key.
    pub fn of_file() -> Self {
        // A fuzzer would spend its days here.
        Self(if cfg!(fuzzing) { 20_000 } else { 2_000_000 })
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

/// How something is encrypted: the algorithm and what the file says of its key.
pub struct Encryption {
    cipher: Cipher,
    salt: OctetString,
    iterations: u32,
    derivation: Derivation,
}

enum Derivation {
    Pbkdf2 {
        hash: Hash,
        iv: OctetString,
    },
    /// Key and IV both come from the password.
    Pkcs12,
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
        let cipher = Cipher::of_pkcs12(scheme).ok_or(CertificateError::Algorithm)?;
        let mut parameters = ber::enter(&mut identifier)?;
        let (salt, iterations) = (ber::read_octets(&mut parameters)?, ber::read(&mut parameters)?);
        Ok(Self { cipher, salt, iterations, derivation: Derivation::Pkcs12 })
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
        let (salt, iterations) = (self.salt.as_bytes(), self.iterations);
        let (key_length, block_length) = (self.cipher.key_length(), self.cipher.block_length());
        let plain = match &self.derivation {
            Derivation::Pbkdf2 { hash, iv } => {
                let text = password.text.as_ref().ok_or(CertificateError::NoPassword)?;
                budget.take(iterations, *hash, key_length)?;
                let key = hash.pbkdf2(text, salt, iterations, key_length);
                self.cipher.decrypt(&key, iv.as_bytes(), data)
            }
            Derivation::Pkcs12 => {
                budget.take(iterations, Hash::Sha1, key_length)?;
                budget.take(iterations, Hash::Sha1, block_length)?;
                let derive = |purpose, length| {
                    pkcs12_kdf::derive(Hash::Sha1, purpose, password, (salt, iterations), length)
                };
                let (key, iv) = (derive(Purpose::Key, key_length), derive(Purpose::Iv, block_length));
                self.cipher.decrypt(&key, &iv, data)
            }
        };
        plain.ok_or(CertificateError::WrongPassword)
    }
}

/// Reads the parameters of PBES2 with PBKDF2 (RFC 8018, appendix A.4).
fn read_pbes2(parameters: &mut SliceReader<'_>) -> Result<Encryption, CertificateError> {
    let mut function = ber::enter(parameters)?;
    if ber::read::<ObjectIdentifier>(&mut function)? != PBKDF2 {
        return Err(CertificateError::Algorithm);
    }
    let (salt, iterations, hash) = read_pbkdf2(&mut ber::enter(&mut function)?)?;
    let mut scheme = ber::enter(parameters)?;
    let cipher = Cipher::of_pbes2(ber::read(&mut scheme)?);
    let cipher = cipher.ok_or(CertificateError::Algorithm)?;
    let derivation = Derivation::Pbkdf2 { hash, iv: ber::read_octets(&mut scheme)? };
    Ok(Encryption { cipher, salt, iterations, derivation })
}

/// Reads the parameters of PBKDF2 (RFC 8018, appendix A.2).
fn read_pbkdf2(parameters: &mut SliceReader<'_>) -> Result<(OctetString, u32, Hash), CertificateError> {
    let (salt, iterations) = (ber::read_octets(parameters)?, ber::read(parameters)?);
    if Tag::peek(parameters).is_ok_and(|tag| tag == Tag::Integer) {
        ber::read::<u32>(parameters)?; // keyLength; the cipher determines it as well
    }
    let hash = if parameters.is_finished() {
        Some(Hash::Sha1)
    } else {
        Hash::of_hmac(ber::read_algorithm(parameters)?)
    };
    Ok((salt, iterations, hash.ok_or(CertificateError::Algorithm)?))
}

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
