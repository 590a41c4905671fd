//! X.509 certificates (RFC 5280): the key in them, and who certifies whom. Whether a certificate is trusted or
//! has expired, Microsoft Entra decides.

use super::ber::{self, Result, read_any};
use super::error::CertificateError;
use super::rsa_key::PublicKey;
use super::rsa_usage::Usage;
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, UintRef};
use der::{Class, Reader, SliceReader, Tag, TagNumber, Tagged};

/// What is read of a certificate. Names and identifiers are parts of its bytes.
#[derive(Debug, Default)]
pub struct X509<'a> {
    /// Its RSA key, and what that is for; `None`: it has a key of another kind.
    pub key: Option<(PublicKey, Usage)>,
    issuer: &'a [u8],
    subject: &'a [u8],
    /// `SubjectKeyIdentifier`
    key_id: Option<&'a [u8]>,
    /// `keyIdentifier` of `AuthorityKeyIdentifier`
    issuer_key_id: Option<&'a [u8]>,
}

impl<'a> X509<'a> {
    /// Parses a certificate.
    ///
    /// # Errors
    /// When it is no certificate.
    pub fn parse(certificate: &'a [u8]) -> Result<Self> {
        // By the Distinguished Encoding Rules, as RFC 5280 demands.
        let mut reader = SliceReader::new(certificate)?;
        let mut to_be_signed = ber::enter(&mut ber::enter(&mut reader)?)?;
        reader.finish()?;
        ber::enter_optional(&mut to_be_signed, 0)?; // version
        let mut next = || read_any(&mut to_be_signed).map(AnyRef::value);
        let [_serial_number, _signature, issuer, _validity, subject] =
            [next()?, next()?, next()?, next()?, next()?];
        let key = read_key(&mut ber::enter(&mut to_be_signed)?)?;
        let mut read = Self { key, issuer, subject, ..Self::default() };
        while !to_be_signed.is_finished() {
            let field = read_any(&mut to_be_signed)?;
            if is_tagged(field.tag(), 3) {
                read.read_extensions(&mut ber::enter(&mut SliceReader::new(field.value())?)?)?;
            }
        }
        Ok(read)
    }

    /// Whether the other certificate certifies this one, as far as their names and identifiers tell.
    pub fn is_certified_by(&self, issuer: &Self) -> bool {
        let contradict =
            matches!((self.issuer_key_id, issuer.key_id), (Some(one), Some(other)) if one != other);
        self.issuer == issuer.subject && !contradict
    }

    /// Reads `Extensions` (RFC 5280, section 4.2.1).
    fn read_extensions(&mut self, extensions: &mut SliceReader<'a>) -> Result<()> {
        while !extensions.is_finished() {
            let mut extension = ber::enter(extensions)?;
            let id: ObjectIdentifier = ber::read(&mut extension)?;
            let mut value = read_any(&mut extension)?;
            if value.tag() == Tag::Boolean {
                value = read_any(&mut extension)?; // after `critical`
            }
            let mut value = SliceReader::new(value.value())?;
            if id == SUBJECT_KEY_IDENTIFIER {
                self.key_id = Some(read_any(&mut value)?.value());
            } else if id == AUTHORITY_KEY_IDENTIFIER {
                let mut value = ber::enter(&mut value)?;
                let first = if value.is_finished() { None } else { Some(read_any(&mut value)?) };
                self.issuer_key_id = first.filter(|first| is_tagged(first.tag(), 0)).map(AnyRef::value);
            }
        }
        Ok(())
    }
}

/// Reads `SubjectPublicKeyInfo` (RFC 5280, section 4.1.2.7).
fn read_key(info: &mut SliceReader<'_>) -> Result<Option<(PublicKey, Usage)>> {
    let usage = Usage::read(info)?;
    let key = ber::read::<BitStringRef<'_>>(info)?;
    let Some(usage) = usage else {
        return Ok(None);
    };
    // RFC 8017, appendix A.1.1
    let key = key.as_bytes().ok_or(CertificateError::Damaged)?;
    let mut key = ber::enter(&mut SliceReader::new(key)?)?;
    let mut number = || ber::read::<UintRef<'_>>(&mut key).map(|number| number.as_bytes().into());
    Ok(Some((PublicKey { modulus: number()?, exponent: number()? }, usage)))
}

fn is_tagged(tag: Tag, number: u32) -> bool {
    tag.class() == Class::ContextSpecific && tag.number() == TagNumber(number)
}

/// RFC 5280, section 4.2.1.2
const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
/// RFC 5280, section 4.2.1.1
const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
