//! Private keys: PKCS#8 (RFC 5958) and PKCS#1 (RFC 8017, appendix A.1.2).

use super::ber;
use super::encryption::{Encryption, IterationBudget};
use super::error::CertificateError;
use super::password::Password;
use super::rsa_key::{PrivateKey, PublicKey};
use der::asn1::{ObjectIdentifier, OctetString, UintRef};
use der::{Decode, DecodeValue, FixedTag, Header, Reader, Tag};

/// Reads PKCS#8 in the clear. Bytes behind the key are ignored.
///
/// # Errors
/// When it is no RSA key, or damaged.
pub fn parse_pkcs8(bytes: &[u8]) -> Result<PrivateKey, CertificateError> {
    PrivateKeyInfo::decode(&mut ber::reader(bytes)?)?.into_key()
}

/// Reads PKCS#1. Bytes behind the key are ignored.
///
/// # Errors
/// When the key is too small, too large, or damaged.
pub fn parse_pkcs1(bytes: &[u8]) -> Result<PrivateKey, CertificateError> {
    let [_, n, e, d, p, q, _, _, _] = ber::reader(bytes)?.sequence(|key| {
        let mut numbers = [&[][..]; 9];
        for number in &mut numbers {
            *number = UintRef::decode(key)?.as_bytes();
        }
        // A key of more than two primes (version 1) has a tenth element and is refused.
        Ok::<_, der::Error>(numbers)
    })?;
    PrivateKey::new(PublicKey { modulus: n.into(), exponent: e.into() }, d, [p, q])
}

/// PKCS#8 in the clear.
pub struct PrivateKeyInfo {
    algorithm: ObjectIdentifier,
    key: OctetString,
}

impl PrivateKeyInfo {
    /// The key in it.
    ///
    /// # Errors
    /// When it is no RSA key, too small, too large, or damaged.
    pub fn into_key(self) -> Result<PrivateKey, CertificateError> {
        if self.algorithm != RSA_ENCRYPTION {
            return Err(CertificateError::NotRsa);
        }
        parse_pkcs1(self.key.as_bytes())
    }
}

impl FixedTag for PrivateKeyInfo {
    const TAG: Tag = Tag::Sequence;
}

impl<'a> DecodeValue<'a> for PrivateKeyInfo {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(info: &mut R, _: Header) -> Result<Self, der::Error> {
        u8::decode(info)?; // version
        let (algorithm, key) = (ber::read_algorithm(info)?, OctetString::decode(info)?);
        ber::skip_rest(info)?; // attributes, and the public key of version 2
        Ok(Self { algorithm, key })
    }
}

/// Encrypted PKCS#8 (RFC 5958, section 3).
pub struct EncryptedPrivateKeyInfo {
    encryption: Encryption,
    data: OctetString,
}

impl EncryptedPrivateKeyInfo {
    /// Decrypts the key in it.
    ///
    /// # Errors
    /// When the password is missing or wrong, besides those of [`parse_pkcs8`].
    pub fn decrypt(
        &self,
        password: &Password,
        iterations: &mut IterationBudget,
    ) -> Result<PrivateKey, CertificateError> {
        let key = self.encryption.decrypt(self.data.as_bytes(), password, iterations)?;
        // One wrong password in 256 leaves padding that is well-formed, and nonsense in front of it.
        parse_pkcs8(&key).map_err(|error| match error {
            CertificateError::Damaged => CertificateError::WrongPassword,
            error => error,
        })
    }
}

impl FixedTag for EncryptedPrivateKeyInfo {
    const TAG: Tag = Tag::Sequence;
}

impl<'a> DecodeValue<'a> for EncryptedPrivateKeyInfo {
    type Error = CertificateError;

    fn decode_value<R: Reader<'a>>(info: &mut R, _: Header) -> Result<Self, CertificateError> {
        Ok(Self { encryption: Encryption::decode(info)?, data: OctetString::decode(info)? })
    }
}

/// rsaEncryption (RFC 8017, appendix A.1)
pub const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
