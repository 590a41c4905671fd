//! X.509 certificates (RFC 5280): only the key in them. Whether a certificate is trusted or has expired,
//! Microsoft Entra decides.

use super::ber;
use super::private_key::RSA_ENCRYPTION;
use super::rsa_key::PublicKey;
use der::asn1::{AnyRef, BitStringRef, UintRef};
use der::{Class, Decode, Reader, Result, SliceReader, Tag};

/// The RSA key of a certificate; `None`: it has a key of another kind.
///
/// # Errors
/// When it is no certificate.
pub fn public_key(certificate: &[u8]) -> Result<Option<PublicKey>> {
    // By the Distinguished Encoding Rules, as RFC 5280 demands.
    let mut reader = SliceReader::new(certificate)?;
    let mut to_be_signed = ber::enter(&mut ber::enter(&mut reader)?)?;
    reader.finish()?;
    if Tag::peek(&to_be_signed)?.class() == Class::ContextSpecific {
        AnyRef::decode(&mut to_be_signed)?; // version
    }
    for _ in ["serialNumber", "signature", "issuer", "validity", "subject"] {
        AnyRef::decode(&mut to_be_signed)?;
    }
    let mut info = ber::enter(&mut to_be_signed)?;
    let (algorithm, key) = (ber::read_algorithm(&mut info)?, ber::read::<BitStringRef<'_>>(&mut info)?);
    if algorithm != RSA_ENCRYPTION {
        return Ok(None);
    }
    // RFC 8017, appendix A.1.1
    let key = key.as_bytes().ok_or_else(|| Tag::BitString.value_error())?;
    let mut key = ber::enter(&mut SliceReader::new(key)?)?;
    let mut number = || ber::read::<UintRef<'_>>(&mut key).map(|number| number.as_bytes().into());
    Ok(Some(PublicKey { modulus: number()?, exponent: number()? }))
}
