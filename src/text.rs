//! Looking for text in text, and putting it together.
//!
//! The standard library's search and `join` are made for long texts: with all they can panic about they add
//! 11 KB to the component. Ours are messages.

use crate::prelude::*;

/// Where `needle` begins in `text`, in bytes.
fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len().max(1)).position(|window| window == needle)
}

/// Whether `text` has `needle` in it. Nothing is in every text.
pub fn contains(text: impl AsRef<[u8]>, needle: &str) -> bool {
    needle.is_empty() || find(text.as_ref(), needle.as_bytes()).is_some()
}

/// What stands in front of the first `needle`, and what behind it.
pub fn split_once<'a>(text: &'a str, needle: &str) -> Option<(&'a str, &'a str)> {
    let start = find(text.as_bytes(), needle.as_bytes())?;
    Some((text.get(..start)?, text.get(start.checked_add(needle.len())?..)?))
}

/// Whether a text has no other bytes than those that are `allowed`.
pub fn has_only(text: &str, allowed: fn(u8) -> bool) -> bool {
    text.bytes().all(allowed)
}

/// Where the first byte stands that is `wanted`.
///
/// A loop: compiled for size, the iterators' own search calls a function for each byte, and tokens are long.
pub fn position(text: &str, wanted: impl Fn(u8) -> bool) -> Option<usize> {
    for (index, byte) in text.as_bytes().iter().enumerate() {
        if wanted(*byte) {
            return Some(index);
        }
    }
    None
}

/// The parts, one after the other, with `separator` between them.
pub fn join(parts: &[&str], separator: &str) -> String {
    let mut text = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            text.push_str(separator);
        }
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_found_as_the_standard_library_finds_it() {
        for text in ["", "a", "ab", "abab", "äöä", "a: b: c", "xx: "] {
            for needle in ["a", "ab", "ä", ": ", "xx", "abab!"] {
                assert_eq!(contains(text, needle), text.contains(needle), "{needle:?} in {text:?}");
                assert_eq!(split_once(text, needle), text.split_once(needle), "{needle:?} in {text:?}");
            }
            assert!(contains(text, ""));
        }
    }

    #[test]
    fn parts_are_joined_as_the_standard_library_joins_them() {
        for parts in [&[][..], &["a"], &["a", "", "b"], &["", ""]] {
            assert_eq!(join(parts, ", "), parts.join(", "));
        }
    }
}
