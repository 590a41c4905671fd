//! Paths in their normal form (RFC 3986, section 6.2), in which the path of a request is compared with that of a rule.

use crate::prelude::*;
use core::fmt;

mod confusable;

/// The path of a rule in its normal form, or how the path of a request relates to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It is the rule's path or below it.
    Below,
    /// It is another path to every server.
    Outside,
    /// It is the rule's path to some servers.
    Unclear(PathProblem),
}

/// Why servers could read a path as several paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathProblem {
    /// It does not begin with a slash.
    NoSlash,
    /// `//`, which some servers read as `/`.
    EmptySegment,
    /// `.`, `..`, and names with a final dot, which Windows removes ("Naming Files, Paths, and Namespaces").
    FinalDot,
    /// A segment that begins or ends with a blank, which some servers remove.
    Blank,
    /// `;`, behind which some servers expect parameters and remove them (RFC 2396, section 3.3).
    Semicolon,
    /// `%2f`, `%5c`, `%25` or a control character, plain or encoded: some servers decode a path twice, or before they split
    /// it.
    Delimiter,
    /// The path of a rule in front of `%3f` or `%23`: some servers end a path there after they decoded it ("Confusion
    /// Attacks", Orange Tsai, CVE-2024-38474).
    EncodedEnd,
    /// A percent sign without two digits behind it, or bytes that are not UTF-8, such as an overlong slash (`%c0%af`).
    Encoding,
    /// A character that some servers convert to a delimiter or remove.
    Confusable,
    /// A character that is not ASCII in a segment that a rule's path has, too: servers compare such characters in several
    /// forms (case folding, compatibility forms, without accents).
    NotAscii,
    /// Its letters differ from those of a rule's path in case alone.
    Case,
}

/// The path in its normal form: what may be plain is decoded (unreserved characters, `:`, `@` and sub-delimiters), and so
/// is what is not ASCII; everything else is encoded, in upper case.
///
/// # Errors
/// When servers could read it as several paths.
pub fn plain_path(path: &str) -> Result<String, PathProblem> {
    let path = if path.is_empty() { "/" } else { path };
    let mut plain = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let byte = if byte == b'%' { decode(bytes.next(), bytes.next())? } else { byte };
        match byte {
            b';' => return Err(PathProblem::Semicolon),
            b'\\' | b'%' | 0..=0x1f | 0x7f => return Err(PathProblem::Delimiter),
            _ if byte.is_ascii() && !is_pchar(byte) && byte != b'/' => {
                plain.extend_from_slice(format!("%{byte:02X}").as_bytes());
            }
            _ => plain.push(byte),
        }
    }
    let plain = String::from_utf8(plain).map_err(|_| PathProblem::Encoding)?;
    check_segments(&plain)?;
    if plain.chars().any(confusable::is_confusable) { Err(PathProblem::Confusable) } else { Ok(plain) }
}

/// How a path relates to the path of a rule. Both are in normal form; that of the rule is ASCII and has no final slash.
pub fn relation(path: &str, of_rule: &str) -> Relation {
    if is_below(path, of_rule, |one, other| one == other) {
        Relation::Below
    } else if is_below(path, of_rule, str::eq_ignore_ascii_case) {
        // Many services ignore the case of letters.
        Relation::Unclear(PathProblem::Case)
    } else if ends_encoded(path, of_rule) {
        Relation::Unclear(PathProblem::EncodedEnd)
    } else if !path.is_ascii() && could_be_below(path, of_rule) {
        Relation::Unclear(PathProblem::NotAscii)
    } else {
        Relation::Outside
    }
}

/// Whether `path` begins with the segments of `of_rule`. A segment ends at a slash, in front of the key of an entity
/// (`/people('1')`: OData 4.01 Part 2, section 4.3) and in front of an operation (`/metrics:getBatch`).
fn is_below(path: &str, of_rule: &str, is_equal: impl Fn(&str, &str) -> bool) -> bool {
    path.split_at_checked(of_rule.len()).is_some_and(|(start, rest)| {
        is_equal(start, of_rule) && (rest.is_empty() || rest.starts_with(['/', '(', ':']))
    })
}

/// Whether `path` is that of a rule if it ends at an encoded question mark or number sign.
fn ends_encoded(path: &str, of_rule: &str) -> bool {
    path.split_at_checked(of_rule.len()).is_some_and(|(start, rest)| {
        start.eq_ignore_ascii_case(of_rule) && (rest.starts_with("%3F") || rest.starts_with("%23"))
    })
}

/// Whether a server could read `path` as below `of_rule`, if it reads segments that are not ASCII as any text.
fn could_be_below(path: &str, of_rule: &str) -> bool {
    let mut segments = path.split('/');
    let mut of_rule = of_rule.split('/');
    of_rule.all(|name| {
        segments
            .next()
            .is_some_and(|segment| !segment.is_ascii() || is_below(segment, name, str::eq_ignore_ascii_case))
    })
}

/// The byte of two hexadecimal digits. An encoded slash has no plain form: it separates segments for some servers only.
fn decode(high: Option<u8>, low: Option<u8>) -> Result<u8, PathProblem> {
    let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
    let byte = digit(high)
        .zip(digit(low))
        .and_then(|(high, low)| u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok());
    match byte {
        Some(b'/') => Err(PathProblem::Delimiter),
        Some(byte) => Ok(byte),
        None => Err(PathProblem::Encoding),
    }
}

/// `pchar` of RFC 3986, section 3.3, without the percent sign and the semicolon.
fn is_pchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@".contains(&byte)
}

fn check_segments(plain: &str) -> Result<(), PathProblem> {
    let mut segments = plain.strip_prefix('/').ok_or(PathProblem::NoSlash)?.split('/').peekable();
    while let Some(segment) = segments.next() {
        // The last segment is empty in a path that ends in a slash.
        if segment.is_empty() && segments.peek().is_some() {
            return Err(PathProblem::EmptySegment);
        }
        if segment.ends_with('.') {
            return Err(PathProblem::FinalDot);
        }
        if segment.starts_with("%20") || segment.ends_with("%20") {
            return Err(PathProblem::Blank);
        }
    }
    Ok(())
}

impl fmt::Display for PathProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSlash => "it does not begin with a slash",
            Self::EmptySegment => "it has an empty segment",
            Self::FinalDot => "a segment ends with a dot",
            Self::Blank => "a segment begins or ends with a blank",
            Self::Semicolon => "it has a semicolon, which begins parameters for some servers",
            Self::Delimiter => "it has a backslash, an encoded slash or percent sign, or a control character",
            Self::EncodedEnd => {
                "it has an encoded question mark or number sign behind the path of a rule, where some servers end the path"
            }
            Self::Encoding => "its percent-encoding is malformed or not UTF-8",
            Self::Confusable => "it has a character that some servers convert to a delimiter or remove",
            Self::NotAscii => {
                "it has a character that is not ASCII, and servers compare such characters in several forms"
            }
            Self::Case => "it differs from the path of a rule in the case of letters",
        })
    }
}

#[cfg(test)]
mod tests;
