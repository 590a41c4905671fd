//! JSON (RFC 8259): `serde_json`, in a type whose `Debug` shows no value.

use crate::prelude::*;
use ref_cast::RefCast;
use serde_json::Value;

/// A JSON value. Responses and token caches hold secrets, so `Debug` shows nothing of it.
///
/// Of several members with the same name, the last counts.
#[derive(PartialEq, RefCast)]
#[repr(transparent)]
pub struct Json(Value);

impl Json {
    /// `null`, which has no members.
    pub const NULL: Self = Self(Value::Null);

    /// Parses a document. `None`: it is not JSON, or is nested more than 127 levels deep, which bounds the
    /// stack.
    ///
    /// A byte order mark at the start is ignored, as RFC 8259 (section 8.1) allows: tools on Windows write
    /// one.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        serde_json::from_slice(bytes).ok().map(Self)
    }

    /// As [`parse`](Self::parse), but bytes that are not UTF-8 and escapes of lone surrogates, which no text can
    /// have, become U+FFFD: a damaged sentence must not cost the error that it describes.
    pub fn parse_lossy(bytes: &[u8]) -> Option<Self> {
        let repaired = || replace_surrogates(&String::from_utf8_lossy(bytes));
        Self::parse(bytes).or_else(|| Self::parse(repaired().as_bytes()))
    }

    /// Whether a document is empty, except for blanks and a byte order mark.
    pub fn is_blank(bytes: &[u8]) -> bool {
        bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii().is_empty()
    }

    /// The member with this name. `None`: there is none, or the value is not an object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.0.get(name).map(Self::ref_cast)
    }

    /// The member with this name, if it is a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The member with this name, if it is a string and not empty.
    pub fn non_empty_text(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// The member with this name as a whole number; see [`as_u64`](Self::as_u64).
    pub fn u64(&self, name: &str) -> Option<u64> {
        self.get(name)?.as_u64()
    }

    /// Whether the member with this name is `true`.
    pub fn is_true(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// The value, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_str()
    }

    /// Whether the value is an object.
    pub fn is_object(&self) -> bool {
        self.0.is_object()
    }

    /// The elements of an array. Empty, if the value is not an array.
    pub fn elements(&self) -> impl ExactSizeIterator<Item = &Self> + Clone {
        self.0.as_array().map(Vec::as_slice).unwrap_or_default().iter().map(Self::ref_cast)
    }

    /// The values of an object's members, in the order of their names. Empty, if the value is not an object.
    pub fn member_values(&self) -> impl Iterator<Item = &Self> {
        self.0.as_object().into_iter().flat_map(|members| members.values()).map(Self::ref_cast)
    }

    /// The value as a whole number. Services write `3599`, `3599.7`, `"3599"` and `"3599.7"`; the fraction is
    /// cut off. `None`: negative, too large, or something else than a number.
    pub fn as_u64(&self) -> Option<u64> {
        match &self.0 {
            Value::Number(number) => number.as_u64().or_else(|| whole_part(number.as_f64()?)),
            Value::String(text) => parse_whole_part(text.trim()),
            _ => None,
        }
    }
}

/// Replaces the escape of each surrogate that is not one of a pair (RFC 8259, section 7).
fn replace_surrogates(document: &str) -> String {
    let mut replaced = String::new();
    let mut rest = document;
    while let Some((before, after)) = rest.split_once('\\') {
        let low = || surrogate(after.get(5..)?.strip_prefix('\\')?);
        let (escape, length) = match surrogate(after) {
            Some(Surrogate::High) if matches!(low(), Some(Surrogate::Low)) => (after.get(..11), 11),
            Some(_) => (Some("ufffd"), 5),
            None => {
                let length = after.chars().next().map_or(0, char::len_utf8);
                (after.get(..length), length)
            }
        };
        replaced.push_str(before);
        replaced.push('\\');
        replaced.push_str(escape.unwrap_or_default());
        rest = after.get(length..).unwrap_or_default();
    }
    replaced.push_str(rest);
    replaced
}

enum Surrogate {
    High,
    Low,
}

/// The surrogate that a text begins with, in the form `uD800`.
fn surrogate(text: &str) -> Option<Surrogate> {
    let digits = text.strip_prefix('u')?.get(..4)?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xD800..=0xDBFF => Some(Surrogate::High),
        0xDC00..=0xDFFF => Some(Surrogate::Low),
        _ => None,
    }
}

fn whole_part(number: f64) -> Option<u64> {
    (0.0..TWO_TO_THE_64).contains(&number).then_some(number as u64)
}

fn parse_whole_part(number: &str) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (is_digits(whole) && is_digits(fraction)).then(|| whole.parse().ok())?
}

impl core::fmt::Debug for Json {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Json(REDACTED)")
    }
}

const TWO_TO_THE_64: f64 = 18_446_744_073_709_551_616.0;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Writes an object whose values are texts.
///
/// Writing a `Value` would link the formatting of floating-point numbers.
pub fn object_of_texts(members: &[(&str, &str)]) -> String {
    // A text can always be written.
    let text = |text: &str| serde_json::to_string(text).unwrap_or_default();
    let members: Vec<_> =
        members.iter().map(|(name, value)| format!("{}:{}", text(name), text(value))).collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(document: &str) -> Option<Json> {
        Json::parse(document.as_bytes())
    }

    #[test]
    fn whole_numbers_are_read_in_every_form_that_services_write() {
        for (document, number) in [
            ("3599", Some(3599)),
            ("3599.7", Some(3599)),
            ("\"3599\"", Some(3599)),
            ("\" 3599.7 \"", Some(3599)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("-1", None),
            ("-0.5", None),
            ("1e5", Some(100_000)),
            ("1e20", None),
            ("1e999", None),
            ("\"1e5\"", None),
            ("\"\"", None),
            ("\"1.\"", None),
            ("\".5\"", None),
            ("\"+1\"", None),
            ("\"soon\"", None),
            ("null", None),
            ("[1]", None),
        ] {
            assert_eq!(parse(document).and_then(|value| value.as_u64()), number, "{document}");
        }
    }

    #[test]
    fn of_members_with_the_same_name_the_last_counts() {
        let value = parse(r#"{"a": "1", "b": "2", "a": "3"}"#).expect("JSON");
        assert_eq!((value.text("a"), value.member_values().count()), (Some("3"), 2));
    }

    #[test]
    fn a_byte_order_mark_is_ignored() {
        assert_eq!(parse("\u{feff}[]"), parse("[]"));
        assert_eq!(parse("\u{feff}\u{feff}[]"), None);
        assert!(Json::is_blank("\u{feff} \r\n".as_bytes()) && !Json::is_blank(b"{}"));
    }

    #[test]
    fn a_damaged_text_is_replaced_and_costs_no_other_member() {
        let parse = |document: &[u8]| {
            Json::parse_lossy(document).and_then(|value| value.text("a").map(ToOwned::to_owned))
        };
        for (document, text) in [
            (&br#"{"a": "x\ud83d\ude00y"}"#[..], Some("x\u{1f600}y")),
            (br#"{"a": "x\ud83dy"}"#, Some("x\u{fffd}y")),
            (br#"{"a": "x\ude00\ud83dy"}"#, Some("x\u{fffd}\u{fffd}y")),
            (br#"{"a": "x\ud83d"}"#, Some("x\u{fffd}")),
            (br#"{"a": "x\\ud83d\ud83d"}"#, Some("x\\ud83d\u{fffd}")),
            (b"{\"a\": \"M\xFCller\"}", Some("M\u{fffd}ller")),
            (br#"{"a": "\u"#, None),
            (b"{\"a\": \"\\\xFC", None),
            (b"\xFF\xFE", None),
        ] {
            assert_eq!(parse(document).as_deref(), text, "{}", String::from_utf8_lossy(document));
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(127)).is_some());
        assert_eq!(parse(&nested(128)), None);
        assert_eq!(parse(&"[".repeat(1_000_000)), None);
        assert_eq!(parse(&r#"{"a":"#.repeat(1_000_000)), None);
    }

    #[test]
    fn debug_shows_nothing_of_a_value() {
        let value = parse(r#"{"access_token": "s3cr3t"}"#).expect("JSON");
        let shown = format!("{value:?} {:?}", value.get("access_token"));
        assert_eq!(shown, "Json(REDACTED) Some(Json(REDACTED))");
    }
}
