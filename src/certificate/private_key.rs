//! Private keys: PKCS#8 (RFC 5958) and PKCS#1 (RFC 8017, appendix A.1.2).

use super::CertificateError;
use super::der::{OCTET_STRING, OID, Reader, SEQUENCE};
use super::encryption::{Password, Rounds, decrypt};
use super::rsa::{PrivateKey, PublicKey};

/// Reads PKCS#8 in the clear.
///
/// # Errors
/// When it is no RSA key, or damaged.
pub fn parse_pkcs8(bytes: &[u8]) -> Result<PrivateKey, CertificateError> {
    let parts = || {
        let mut outer = Reader::new(bytes).enter(SEQUENCE)?;
        outer.small_number()?; // version
        let kind = outer.enter(SEQUENCE)?.take(OID)?;
        Some((kind, outer.take(OCTET_STRING)?))
    };
    let (kind, key) = parts().ok_or(CertificateError::Damaged)?;
    if kind != RSA_ENCRYPTION {
        return Err(CertificateError::NotRsa);
    }
    parse_pkcs1(key)
}

/// Reads PKCS#1.
///
/// # Errors
/// When the key is too small, too large, or damaged.
pub fn parse_pkcs1(bytes: &[u8]) -> Result<PrivateKey, CertificateError> {
    let parts = || {
        let mut key = Reader::new(bytes).enter(SEQUENCE)?;
        // Version 1 would be a key of more than two primes, which nobody makes.
        (key.small_number()? == 0).then_some(())?;
        let public = PublicKey { modulus: key.number()?.into(), exponent: key.number()?.into() };
        key.number()?; // the private exponent; the five numbers behind it say the same
        let mut number = || Some(key.number()?.to_vec());
        Some(PrivateKey {
            public,
            primes: [number()?, number()?],
            exponents: [number()?, number()?],
            coefficient: number()?,
        })
    };
    let key = parts().ok_or(CertificateError::Damaged)?;
    key.check()?;
    Ok(key)
}

/// Reads encrypted PKCS#8 (RFC 5958, section 3).
///
/// # Errors
/// When the password is missing or wrong, besides those of [`parse_pkcs8`].
pub fn parse_encrypted(
    bytes: &[u8],
    password: &Password,
    rounds: &mut Rounds,
) -> Result<PrivateKey, CertificateError> {
    let parts = || {
        let mut outer = Reader::new(bytes).enter(SEQUENCE)?;
        Some((outer.enter(SEQUENCE)?, outer.take(OCTET_STRING)?))
    };
    let (algorithm, data) = parts().ok_or(CertificateError::Damaged)?;
    let key = decrypt(algorithm, data, password, rounds)?;
    // One wrong password in 256 leaves padding that looks right, and nonsense in front of it.
    parse_pkcs8(&key).map_err(|error| match error {
        CertificateError::Damaged => CertificateError::WrongPassword,
        error => error,
    })
}

/// rsaEncryption, 1.2.840.113549.1.1.1
pub const RSA_ENCRYPTION: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01";
