//! Reading forward through elements with the `der` crate. Elements behind those that are needed are ignored.
//!
//! Each type that is read by `Decode` brings its own copy of how `der` enters an element. So sequences alone
//! are read that way; primitive types are decoded from an `AnyRef` (33 KB less).

use super::error::CertificateError;
use crate::prelude::*;
use core::result;
use der::asn1::{AnyRef, ContextSpecific, ObjectIdentifier, SequenceRef};
use der::{
    Choice, Class, Decode, DecodeValue, EncodingRules, Error, Header, Reader, SliceReader, Tag, TagNumber,
};

/// Every error of `der` is [`CertificateError::Damaged`], which is a byte: results with `der`'s own, which tells the
/// place, are several times the code.
pub type Result<T> = result::Result<T, CertificateError>;

/// A reader by the Basic Encoding Rules, which PKCS#12 and PKCS#8 allow.
///
/// Files of BouncyCastle and NSS hold elements of indefinite length (X.690, section 8.1.3.6).
///
/// # Errors
/// When there are more bytes than a length can have.
pub fn reader(bytes: &[u8]) -> Result<SliceReader<'_>> {
    Ok(SliceReader::new_with_encoding_rules(bytes, EncodingRules::Ber)?)
}

/// Reads a sequence, and returns a reader of its elements.
///
/// # Errors
/// When the next element is none.
pub fn enter<'a>(reader: &mut SliceReader<'a>) -> Result<SliceReader<'a>> {
    let sequence = <&SequenceRef>::decode(reader)?;
    Ok(SliceReader::new_with_encoding_rules(sequence.as_bytes(), reader.encoding_rules())?)
}

/// Reads a field that is tagged `[0] EXPLICIT`, and returns a reader of the element in it.
///
/// # Errors
/// When the next element is none.
pub fn enter_explicit<'a>(reader: &mut SliceReader<'a>) -> Result<SliceReader<'a>> {
    enter_optional(reader, 0)?.ok_or(CertificateError::Damaged)
}

/// Reads a field with this tag, `EXPLICIT` and `OPTIONAL`, and returns a reader of the element in it.
///
/// # Errors
/// When the field is not constructed, or longer than the bytes.
pub fn enter_optional<'a>(reader: &mut SliceReader<'a>, number: u32) -> Result<Option<SliceReader<'a>>> {
    if reader.is_finished() {
        return Ok(None);
    }
    // An explicit tag and a sequence have the same form: a tag, a length, and elements.
    let field = ContextSpecific::<&SequenceRef>::decode_implicit(reader, TagNumber(number))?;
    let Some(field) = field else {
        return Ok(None);
    };
    let content = field.value.as_bytes();
    Ok(Some(SliceReader::new_with_encoding_rules(content, reader.encoding_rules())?))
}

/// Reads an octet string.
///
/// # Errors
/// When the next element is none.
pub fn read_octets(reader: &mut SliceReader<'_>) -> Result<Vec<u8>> {
    let mut octets = Vec::new();
    append_octets(reader, &mut octets, |tag| tag == Tag::OctetString, DEEPEST_SEGMENT)?;
    Ok(octets)
}

/// Reads an octet string that is tagged `[0] IMPLICIT`.
///
/// # Errors
/// When the next element is none.
pub fn read_implicit_octets(reader: &mut SliceReader<'_>) -> Result<Vec<u8>> {
    let mut octets = Vec::new();
    let is_expected = |tag: Tag| tag.class() == Class::ContextSpecific && tag.number() == TagNumber(0);
    append_octets(reader, &mut octets, is_expected, DEEPEST_SEGMENT)?;
    Ok(octets)
}

/// Reads a primitive type.
///
/// # Errors
/// When the next element is of another type.
pub fn read<'a, T>(reader: &mut SliceReader<'a>) -> Result<T>
where
    T: Choice<'a> + DecodeValue<'a, Error = Error>,
{
    Ok(AnyRef::decode(reader)?.decode_as()?)
}

/// Reads an element of any type.
///
/// # Errors
/// When there is none.
pub fn read_any<'a>(reader: &mut SliceReader<'a>) -> Result<AnyRef<'a>> {
    Ok(AnyRef::decode(reader)?)
}

/// Reads the object identifier of an `AlgorithmIdentifier`.
///
/// # Errors
/// When the next element is none.
pub fn read_algorithm(reader: &mut SliceReader<'_>) -> Result<ObjectIdentifier> {
    read(&mut enter(reader)?)
}

/// Reads an object identifier that must be this one.
///
/// # Errors
/// When the next element is another.
pub fn expect(reader: &mut SliceReader<'_>, expected: ObjectIdentifier) -> Result<()> {
    match read::<ObjectIdentifier>(reader)? {
        found if found == expected => Ok(()),
        _ => Err(CertificateError::Damaged),
    }
}

/// Appends an octet string: primitive, or in segments, each of which may be in segments (X.690, section 8.7).
///
/// `der` alone reads segments only in a string of indefinite length, and none within segments.
fn append_octets(
    reader: &mut SliceReader<'_>,
    octets: &mut Vec<u8>,
    is_expected: fn(Tag) -> bool,
    depth: u8,
) -> Result<()> {
    let header = Header::decode(reader)?;
    let depth = depth.checked_sub(1).ok_or(CertificateError::Damaged)?;
    if !is_expected(header.tag()) {
        return Err(CertificateError::Damaged);
    }
    let content = reader.read_slice(header.length())?;
    if !header.is_constructed() {
        octets.extend_from_slice(content);
        return Ok(());
    }
    let mut segments = self::reader(content)?;
    // The content of an indefinite length ends with an end-of-contents, whose tag is zero.
    while segments.peek_byte().is_some_and(|tag| tag != 0) {
        append_octets(&mut segments, octets, |tag| tag == Tag::OctetString, depth)?;
    }
    Ok(())
}

/// How deep segments may be nested. Encoders write them one or two deep.
const DEEPEST_SEGMENT: u8 = 8;
