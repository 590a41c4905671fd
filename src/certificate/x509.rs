//! X.509 certificates (RFC 5280): only the key in them. Whether a certificate is trusted or has expired,
//! Microsoft Entra decides.

use super::ber;
use super::private_key::RSA_ENCRYPTION;
use super::rsa_key::PublicKey;
use der::asn1::{BitStringRef, UintRef};
use der::{Class, Decode, Reader, Result, SliceReader, Tag};

/// The RSA key of a certificate; `None`: it has a key of another kind.
///
/// # Errors
/// When it is no certificate.
pub fn public_key(certificate: &[u8]) -> Result<Option<PublicKey>> {
    let mut reader = SliceReader::new(certificate)?;
    let key = reader.sequence(|certificate| {
        let key = certificate.sequence(read_key_info)?;
        ber::skip_rest(certificate)?; // signatureAlgorithm, signature
        Ok::<_, der::Error>(key)
    })?;
    reader.finish()?;
    Ok(key)
}

/// Reads what is to be signed as far as `subjectPublicKeyInfo`.
fn read_key_info<'a, R: Reader<'a>>(to_be_signed: &mut R) -> Result<Option<PublicKey>> {
    if Tag::peek(to_be_signed)?.class() == Class::ContextSpecific {
        ber::skip(to_be_signed)?; // version
    }
    for _ in ["serialNumber", "signature", "issuer", "validity", "subject"] {
        ber::skip(to_be_signed)?;
    }
    let key = to_be_signed.sequence(|info| {
        let algorithm = ber::read_algorithm(info)?;
        let key = BitStringRef::decode(info)?;
        if algorithm != RSA_ENCRYPTION {
            return Ok(None);
        }
        let key = key.as_bytes().ok_or_else(|| Tag::BitString.value_error())?;
        SliceReader::new(key)?.sequence(read_key).map(Some)
    })?;
    ber::skip_rest(to_be_signed)?; // unique identifiers, extensions
    Ok(key)
}

/// Reads the numbers of an `RSAPublicKey` (RFC 8017, appendix A.1.1).
fn read_key(key: &mut SliceReader<'_>) -> Result<PublicKey> {
    let mut number = || Ok::<_, der::Error>(UintRef::decode(key)?.as_bytes().into());
    Ok(PublicKey { modulus: number()?, exponent: number()? })
}
