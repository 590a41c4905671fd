//! Reading forward through elements with the `der` crate. Elements behind those that are needed are ignored.
//!
//! Each type that is read by `Decode` brings its own copy of how `der` enters an element. So sequences and
//! octet strings alone are read that way; primitive types are decoded from an `AnyRef` (33 KB less).

use der::asn1::{AnyRef, ContextSpecific, ObjectIdentifier, OctetString, SequenceRef};
use der::{Choice, Decode, DecodeValue, EncodingRules, Error, Reader, Result, SliceReader, Tag, TagNumber};

/// A reader by the Basic Encoding Rules, which PKCS#12 and PKCS#8 allow.
///
/// Files of BouncyCastle and NSS hold elements of indefinite length (X.690, section 8.1.3.6).
///
/// # Errors
/// When there are more bytes than a length can have.
pub fn reader(bytes: &[u8]) -> Result<SliceReader<'_>> {
    SliceReader::new_with_encoding_rules(bytes, EncodingRules::Ber)
}

/// Reads a sequence, and returns a reader of its elements.
///
/// # Errors
/// When the next element is none.
pub fn enter<'a>(reader: &mut SliceReader<'a>) -> Result<SliceReader<'a>> {
    let sequence = <&SequenceRef>::decode(reader)?;
    SliceReader::new_with_encoding_rules(sequence.as_bytes(), reader.encoding_rules())
}

/// Reads a field that is tagged `[0] EXPLICIT`, and returns a reader of the element in it.
///
/// # Errors
/// When the next element is none.
pub fn enter_explicit<'a>(reader: &mut SliceReader<'a>) -> Result<SliceReader<'a>> {
    // Both have the same form: a tag, a length, and elements.
    let field = ContextSpecific::<&SequenceRef>::decode_implicit(reader, TagNumber(0))?;
    let content = field.ok_or_else(missing)?.value.as_bytes();
    SliceReader::new_with_encoding_rules(content, reader.encoding_rules())
}

/// Reads an octet string.
///
/// # Errors
/// When the next element is none.
pub fn read_octets(reader: &mut SliceReader<'_>) -> Result<OctetString> {
    OctetString::decode(reader)
}

/// Reads an octet string that is tagged `[0] IMPLICIT`.
///
/// # Errors
/// When the next element is none.
pub fn read_implicit_octets(reader: &mut SliceReader<'_>) -> Result<OctetString> {
    let field = ContextSpecific::<OctetString>::decode_implicit(reader, TagNumber(0))?;
    Ok(field.ok_or_else(missing)?.value)
}

/// Reads a primitive type.
///
/// # Errors
/// When the next element is of another type.
pub fn read<'a, T>(reader: &mut SliceReader<'a>) -> Result<T>
where
    T: Choice<'a> + DecodeValue<'a, Error = Error>,
{
    AnyRef::decode(reader)?.decode_as()
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
        _ => Err(Tag::ObjectIdentifier.value_error().into()),
    }
}

fn missing() -> Error {
    Tag::ContextSpecific { constructed: true, number: TagNumber(0) }.value_error().into()
}
