//! Private keys: PKCS#8 (RFC 5958) and PKCS#1 (RFC 8017, appendix A.1.2).

use super::ber;
use super::encryption::Encryption;
use super::error::CertificateError;
use super::key_derivation::IterationBudget;
use super::password::Password;
use super::rsa_key::{PrivateKey, PublicKey};
use super::rsa_usage::Usage;
use der::SliceReader;
use der::asn1::UintRef;

/// Parses PKCS#8 in the clear. Bytes behind the key are ignored.
///
/// # Errors
/// When it is no RSA key, too small, too large, or damaged.
pub fn parse_pkcs8(bytes: &[u8]) -> Result<PrivateKey, CertificateError> {
    read_pkcs8(&mut ber::reader(bytes)?)
}

/// Reads a `PrivateKeyInfo`.
///
/// # Errors
/// As [`parse_pkcs8`].
pub fn read_pkcs8(reader: &mut SliceReader<'_>) -> Result<PrivateKey, CertificateError> {
    let mut info = ber::enter(reader)?;
    ber::read::<u32>(&mut info)?; // version
    let usage = Usage::read(&mut info)?.ok_or(CertificateError::NotRsa)?;
    parse_pkcs1(&ber::read_octets(&mut info)?)?.restrict(usage)
}

/// Parses PKCS#1. Bytes behind the key are ignored.
///
/// # Errors
/// When the key is too small, too large, or damaged.
pub fn parse_pkcs1(bytes: &[u8]) -> Result<PrivateKey, CertificateError> {
    let mut key = ber::enter(&mut ber::reader(bytes)?)?;
    match ber::read::<u32>(&mut key)? {
        0 => {}
        1 => return Err(CertificateError::MultiPrime),
        _ => return Err(CertificateError::Damaged),
    }
    let mut number = || ber::read::<UintRef<'_>>(&mut key);
    // The exponents and the coefficient of the Chinese remainder theorem follow; the `rsa` crate computes them.
    let (n, e, d, p, q) = (number()?, number()?, number()?, number()?, number()?);
    let public = PublicKey { modulus: n.as_bytes().into(), exponent: e.as_bytes().into() };
    PrivateKey::new(public, d.as_bytes(), [p.as_bytes(), q.as_bytes()])
}

/// Parses encrypted PKCS#8 (RFC 5958, section 3).
///
/// # Errors
/// When the password is missing or wrong, besides those of [`parse_pkcs8`].
pub fn parse_encrypted(
    bytes: &[u8],
    password: &Password,
    iterations: &mut IterationBudget,
) -> Result<PrivateKey, CertificateError> {
    read_encrypted(&mut ber::reader(bytes)?, password, iterations)
}

/// Reads an `EncryptedPrivateKeyInfo`.
///
/// # Errors
/// As [`parse_encrypted`].
pub fn read_encrypted(
    reader: &mut SliceReader<'_>,
    password: &Password,
    iterations: &mut IterationBudget,
) -> Result<PrivateKey, CertificateError> {
    let mut info = ber::enter(reader)?;
    let (encryption, data) = (Encryption::read(&mut info)?, ber::read_octets(&mut info)?);
    let key = encryption.decrypt(&data, password, iterations)?;
    // One wrong password in 256 leaves padding that is well-formed, and nonsense in front of it.
    parse_pkcs8(&key).map_err(|error| match error {
        CertificateError::Damaged => password.refusal(),
        error => error,
    })
}
