//! X.509 certificates (RFC 5280): only which key they are of. Whether one is trusted, or has expired,
//! is Microsoft Entra's affair.

use super::der::{BIT_STRING, CONTEXT_0, INTEGER, OID, Reader, SEQUENCE};
use super::private_key::RSA_ENCRYPTION;
use super::rsa::PublicKey;

/// The RSA key of a certificate; `Some(None)`: it has a key of another kind; `None`: it is none.
pub fn public_key(certificate: &[u8]) -> Option<Option<PublicKey>> {
    let mut outer = Reader::new(certificate);
    let mut to_be_signed = outer.enter(SEQUENCE)?.enter(SEQUENCE)?;
    if !outer.is_at_end() {
        return None;
    }
    to_be_signed.optional(CONTEXT_0); // version
    to_be_signed.take(INTEGER)?; // serialNumber
    for _ in ["signature", "issuer", "validity", "subject"] {
        to_be_signed.take(SEQUENCE)?;
    }
    let mut key_info = to_be_signed.enter(SEQUENCE)?;
    if key_info.enter(SEQUENCE)?.take(OID)? != RSA_ENCRYPTION {
        return Some(None);
    }
    // A bit string begins with the number of bits that do not count.
    let key = key_info.take(BIT_STRING)?.strip_prefix(&[0])?;
    let mut key = Reader::new(key).enter(SEQUENCE)?;
    Some(Some(PublicKey { modulus: key.number()?.into(), exponent: key.number()?.into() }))
}
