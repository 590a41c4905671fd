//! Percent-encoding for queries and forms.

use crate::prelude::*;
use crate::token::Secret;

/// Percent-encodes every character but `A-Z a-z 0-9 - . _ ~` (RFC 3986, section 2.3). The result is valid in
/// a query, a form and a path segment.
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len().saturating_mul(3));
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for digit in [byte >> 4, byte & 15] {
                encoded.extend(char::from_digit(u32::from(digit), 16).map(|c| c.to_ascii_uppercase()));
            }
        }
    }
    encoded
}

/// Decodes `%XX`, with digits in any case, and `+`. A malformed sequence is kept.
pub fn percent_decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digit = |index: usize| char::from(*after.get(index)?).to_digit(16);
        let encoded = if *first == b'%' { digit(0).zip(digit(1)) } else { None };
        let decoded = encoded.and_then(|(high, low)| u8::try_from(high << 4 | low).ok());
        bytes.push(decoded.unwrap_or(if *first == b'+' { b' ' } else { *first }));
        rest = if decoded.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes
}

/// Adds `name=value` to a query or form.
pub fn push_pair(encoded: &mut String, name: &str, value: &str) {
    if !encoded.is_empty() {
        encoded.push('&');
    }
    let pair = Secret::from(percent_encode(value));
    encoded.push_str(&percent_encode(name));
    encoded.push('=');
    encoded.push_str(pair.expose());
}
