//! What decrypts with a password: PBES2 (RFC 8018) and the two schemes of PKCS#12 that old files
//! still use (RFC 7292, appendix C).

use super::CertificateError;
use super::cipher::{self, Cipher};
use super::der::{INTEGER, OCTET_STRING, OID, Reader, SEQUENCE};
use super::digest::{Hash, LONGEST};
use super::pkcs12_key::{self, Purpose};
use crate::prelude::*;

/// A password in both of its spellings.
pub struct Password {
    /// For PBES2: as it is, in UTF-8; `None`: there is none.
    pub text: Option<Vec<u8>>,
    /// For PKCS#12: UTF-16, big-endian, with a zero behind it.
    pub wide: Vec<u8>,
}

impl Password {
    /// Spells a password.
    pub fn new(password: Option<&str>) -> Self {
        let units = password.unwrap_or_default().encode_utf16().chain([0]);
        let mut wide = Vec::with_capacity(units.clone().count().saturating_mul(2));
        units.for_each(|unit| wide.extend_from_slice(&unit.to_be_bytes()));
        Self { text: password.map(|password| password.into()), wide }
    }
}

/// The rounds of key derivation that one file may still ask for, so that no file can stop us for
/// longer than seconds.
pub struct Rounds(u32);

impl Rounds {
    /// As many as a file gets: OWASP's 600,000 for each of MAC, certificates and key.
    pub fn of_file() -> Self {
        // A fuzzer would spend its days here.
        Self(if cfg!(fuzzing) { 20_000 } else { 2_000_000 })
    }

    /// Takes so many, once for each block of `hash` in `length`.
    ///
    /// # Errors
    /// When there are not so many left.
    pub fn take(&mut self, rounds: u32, hash: Hash, length: usize) -> Result<(), CertificateError> {
        let blocks = u32::try_from(length.div_ceil(hash.length())).ok();
        let left = blocks.and_then(|blocks| self.0.checked_sub(rounds.max(1).checked_mul(blocks)?));
        self.0 = left.ok_or(CertificateError::TooManyRounds)?;
        Ok(())
    }
}

/// Decrypts by the algorithm whose identifier `algorithm` reads.
///
/// # Errors
/// When the password is missing or wrong or the algorithm not among those above.
pub fn decrypt(
    mut algorithm: Reader<'_>,
    data: &[u8],
    password: &Password,
    rounds: &mut Rounds,
) -> Result<Vec<u8>, CertificateError> {
    let scheme = algorithm.take(OID).ok_or(CertificateError::Damaged)?;
    let parameters = algorithm.enter(SEQUENCE);
    let parameters = parameters.ok_or(CertificateError::Algorithm)?;
    let cipher = match scheme {
        PBES2 => pbes2(parameters, password, rounds)?,
        SHA_AND_3DES => of_pkcs12(Cipher::TripleDes, parameters, password, rounds)?,
        SHA_AND_RC2_40 => of_pkcs12(Cipher::Rc2With40Bits, parameters, password, rounds)?,
        _ => return Err(CertificateError::Algorithm),
    };
    let (cipher, key, iv) = cipher;
    cipher::decrypt_cbc(cipher, &key, &iv, data).ok_or(CertificateError::WrongPassword)
}

type Keyed = (Cipher, Vec<u8>, Vec<u8>);

/// PBES2 with PBKDF2 (RFC 8018, appendix A.4).
fn pbes2(
    mut parameters: Reader<'_>,
    password: &Password,
    rounds: &mut Rounds,
) -> Result<Keyed, CertificateError> {
    let mut parts = || {
        let mut derivation = parameters.enter(SEQUENCE)?;
        let mut encryption = parameters.enter(SEQUENCE)?;
        Some((derivation.take(OID)?, derivation.enter(SEQUENCE)?, encryption.take(OID)?, encryption))
    };
    let (function, mut derivation, cipher, mut encryption) = parts().ok_or(CertificateError::Damaged)?;
    let cipher = Cipher::of(cipher).filter(|_| function == PBKDF2).ok_or(CertificateError::Algorithm)?;
    let iv = encryption.take(OCTET_STRING).ok_or(CertificateError::Damaged)?;
    let mut parts = || {
        let (salt, count) = (derivation.take(OCTET_STRING)?, derivation.small_number()?);
        derivation.optional(INTEGER); // keyLength; the cipher says the same
        let function = derivation.optional(SEQUENCE);
        Some((salt, count, function.map(|function| Reader::new(function).take(OID))))
    };
    let (salt, count, function) = parts().ok_or(CertificateError::Damaged)?;
    let hash = function.map_or(Some(Hash::Sha1), |function| Hash::of_hmac(function?));
    let hash = hash.ok_or(CertificateError::Algorithm)?;
    let text = password.text.as_ref().ok_or(CertificateError::NoPassword)?;
    rounds.take(count, hash, cipher.key_length())?;
    Ok((cipher, pbkdf2(hash, text, salt, count, cipher.key_length()), iv.into()))
}

/// RFC 8018, section 5.2.
fn pbkdf2(hash: Hash, password: &[u8], salt: &[u8], count: u32, length: usize) -> Vec<u8> {
    let mut key = Vec::with_capacity(length);
    let Some(mac) = hash.hmac(password) else { return key };
    for block in 1_u32.. {
        let mut last = [0; LONGEST];
        mac.code(&[salt, &block.to_be_bytes()], &mut last);
        let mut sum = last;
        for _ in 1..count {
            let previous = last;
            mac.code(&[previous.get(..hash.length()).unwrap_or_default()], &mut last);
            sum.iter_mut().zip(last).for_each(|(sum, last)| *sum ^= last);
        }
        let missing = length.saturating_sub(key.len());
        key.extend(sum.iter().take(missing.min(hash.length())));
        if key.len() >= length {
            break;
        }
    }
    key
}

/// The schemes of PKCS#12 (RFC 7292, appendix C): key and IV both come from the password.
fn of_pkcs12(
    cipher: Cipher,
    mut parameters: Reader<'_>,
    password: &Password,
    rounds: &mut Rounds,
) -> Result<Keyed, CertificateError> {
    let mut parts = || Some((parameters.take(OCTET_STRING)?, parameters.small_number()?));
    let (salt, count) = parts().ok_or(CertificateError::Damaged)?;
    let mut derive = |purpose, length| {
        rounds.take(count, Hash::Sha1, length)?;
        Ok(pkcs12_key::derive(Hash::Sha1, purpose, password, (salt, count), length))
    };
    let key = derive(Purpose::Key, cipher.key_length())?;
    Ok((cipher, key, derive(Purpose::Iv, cipher.block_length())?.to_vec()))
}

const PBES2: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x05\x0D"; // 1.2.840.113549.1.5.13
const PBKDF2: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x05\x0C"; // 1.2.840.113549.1.5.12
/// pbeWithSHAAnd3-KeyTripleDES-CBC, 1.2.840.113549.1.12.1.3
const SHA_AND_3DES: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x01\x03";
/// pbeWithSHAAnd40BitRC2-CBC, 1.2.840.113549.1.12.1.6
const SHA_AND_RC2_40: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x01\x06";
