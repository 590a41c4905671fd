//! What these files need beyond the `der` crate's own types.

use der::asn1::{AnyRef, ContextSpecific, ObjectIdentifier, OctetString};
use der::{Decode, EncodingRules, ErrorKind, Reader, Result, SliceReader, Tag, TagNumber};

/// A reader by the Basic Encoding Rules, which PKCS#12 and PKCS#8 allow.
///
/// Files of BouncyCastle and NSS hold elements of indefinite length (X.690, section 8.1.3.6).
///
/// # Errors
/// When there are more bytes than a length can have.
pub fn reader(bytes: &[u8]) -> Result<SliceReader<'_>> {
    SliceReader::new_with_encoding_rules(bytes, EncodingRules::Ber)
}

/// Reads the object identifier of an `AlgorithmIdentifier`, and skips its parameters.
///
/// # Errors
/// When the next element is none.
pub fn read_algorithm<'a, R: Reader<'a>>(reader: &mut R) -> Result<ObjectIdentifier> {
    reader.sequence(|algorithm| {
        let oid = ObjectIdentifier::decode(algorithm)?;
        skip_rest(algorithm)?;
        Ok(oid)
    })
}

/// Reads an object identifier that must be this one.
///
/// # Errors
/// When the next element is another.
pub fn expect<'a, R: Reader<'a>>(reader: &mut R, expected: ObjectIdentifier) -> Result<()> {
    match ObjectIdentifier::decode(reader)? {
        found if found == expected => Ok(()),
        _ => Err(reader.error(ErrorKind::Value { tag: Tag::ObjectIdentifier })),
    }
}

/// Reads a field that is tagged `[0] EXPLICIT`.
///
/// # Errors
/// When the next element is none.
pub fn read_explicit<'a, T: Decode<'a>, R: Reader<'a>>(reader: &mut R) -> core::result::Result<T, T::Error> {
    let field = ContextSpecific::<T>::decode_explicit(reader, TagNumber(0))?;
    field.map(|field| field.value).ok_or_else(|| missing(reader).into())
}

/// Reads `[0] IMPLICIT OCTET STRING`.
///
/// # Errors
/// When the next element is none.
pub fn read_implicit_octets<'a, R: Reader<'a>>(reader: &mut R) -> Result<OctetString> {
    let field = ContextSpecific::<OctetString>::decode_implicit(reader, TagNumber(0))?;
    field.map(|field| field.value).ok_or_else(|| missing(reader))
}

/// Skips the next element.
///
/// # Errors
/// When there is none.
pub fn skip<'a, R: Reader<'a>>(reader: &mut R) -> Result<()> {
    AnyRef::decode(reader).map(|_| ())
}

/// Skips the fields behind those that are known: attributes and extensions.
///
/// # Errors
/// Never in practice; `der` returns one for a reader that failed before.
pub fn skip_rest<'a, R: Reader<'a>>(reader: &mut R) -> Result<()> {
    reader.drain(reader.remaining_len())
}

fn missing<'a, R: Reader<'a>>(reader: &mut R) -> der::Error {
    reader.error(ErrorKind::Value { tag: Tag::ContextSpecific { constructed: true, number: TagNumber(0) } })
}
