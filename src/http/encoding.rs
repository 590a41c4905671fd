//! Percent-encoding for queries and forms.

use crate::prelude::*;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, percent_decode_str, utf8_percent_encode};

/// Percent-encodes every character but `A-Z a-z 0-9 - . _ ~` (RFC 3986, section 2.3). The result is valid in
/// a query, a form and a path segment.
pub fn percent_encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// Decodes `%XX`, with digits in any case, and `+`. A malformed sequence is kept, and what is not UTF-8 is
/// replaced by U+FFFD.
pub fn percent_decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Adds `name=value` to a query or form.
pub fn push_pair(encoded: &mut String, name: &str, value: &str) {
    if !encoded.is_empty() {
        encoded.push('&');
    }
    encoded.extend(percent_encode(name));
    encoded.push('=');
    encoded.extend(percent_encode(value));
}

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
