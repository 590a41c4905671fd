//! Paths in the plain form in which they are compared with the path of a rule.

use crate::prelude::*;

/// The path in its plain form; `None` when servers could read it as another path: dot segments, empty segments, encoded
/// slashes, backslashes, malformed encodings, or characters that are not printable ASCII.
///
/// Letters that are encoded unnecessarily are decoded: `/%61pi` is `/api` (RFC 3986, section 6.2.2.2).
pub fn plain_path(path: &str) -> Option<String> {
    let path = if path.is_empty() { "/" } else { path };
    let mut plain = String::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => decode(bytes.next()?, bytes.next()?, &mut plain)?,
            b'\\' => return None,
            _ if byte.is_ascii_graphic() => plain.push(char::from(byte)),
            _ => return None,
        }
    }
    let segments = plain.strip_prefix('/')?;
    // The last segment is empty in a path that ends in a slash.
    let mut all = segments.split('/').rev();
    let last = all.next().unwrap_or_default();
    let is_plain = |segment: &str| !segment.is_empty() && !is_dots(segment);
    (!is_dots(last) && all.all(is_plain)).then_some(plain)
}

/// Whether `path` is `prefix` or below it. Both are plain; segments are compared whole.
pub fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/'))
}

fn decode(high: u8, low: u8, plain: &mut String) -> Option<()> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = digit(high)?.checked_mul(16)?.checked_add(digit(low)?)?;
    match byte {
        // A slash to some, a letter to others; and what ends a text somewhere.
        b'/' | b'\\' | b'%' | 0..=0x1f | 0x7f => return None,
        b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => plain.push(char::from(byte)),
        _ => plain.extend(['%', char::from(high.to_ascii_uppercase()), char::from(low.to_ascii_uppercase())]),
    }
    Some(())
}

/// `.` and `..`, also in front of the parameters that some servers cut off (`..;a=b`).
fn is_dots(segment: &str) -> bool {
    matches!(segment.split(';').next(), Some("." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_form() {
        for (path, plain) in [
            ("", "/"),
            ("/", "/"),
            ("/secrets", "/secrets"),
            ("/secrets/", "/secrets/"),
            ("/%73ecrets/a%2db", "/secrets/a-b"),
            ("/a%20b%c3%bc", "/a%20b%C3%BC"),
            ("/a..b/.c/d...", "/a..b/.c/d..."),
            ("/Tables('a')", "/Tables('a')"),
            ("/a;b=c", "/a;b=c"),
        ] {
            assert_eq!(plain_path(path).as_deref(), Some(plain), "{path}");
        }
    }

    #[test]
    fn what_servers_could_read_differently_has_none() {
        for path in [
            "/a/../b",
            "/..",
            "/.",
            "/a/..",
            "/./a",
            "/a/%2e%2e/b",
            "/%2E%2e",
            "/a/.%2e/b",
            "//a",
            "/a//b",
            "/a%2fb",
            "/a%2Fb",
            "/a\\b",
            "/a%5cb",
            "/a%5C..%5Cb",
            "/a%00",
            "/a%0a",
            "/a%7f",
            "/a%252e%252e/b",
            "/a%",
            "/a%2",
            "/a%zz",
            "/ü",
            "/a b",
            "/a\nb",
            "/..;/b",
            "/a/..;x=y/b",
            "/.;/b",
            "*",
            "a",
            "http://other/",
            "/a/%2e%2e;/b",
        ] {
            assert_eq!(plain_path(path), None, "{path}");
        }
    }

    #[test]
    fn a_prefix_ends_where_a_segment_ends() {
        for (path, prefix, below) in [
            ("/api", "/api", true),
            ("/api/", "/api", true),
            ("/api/v1", "/api", true),
            ("/apix", "/api", false),
            ("/API", "/api", false),
            ("/api", "/api/", false),
            ("/api/v1", "/api/", true),
            ("/", "/api", false),
            ("/anything", "/", true),
        ] {
            assert_eq!(is_below(path, prefix), below, "{path} below {prefix}");
        }
    }
}
