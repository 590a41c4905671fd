//! Base64 (RFC 4648): PEM and `x5c` use the standard alphabet with padding, JWTs the one for URLs
//! without.

use crate::prelude::*;

/// Decodes base64url without padding (RFC 4648, section 5).
pub fn decode_url(text: &str) -> Option<Vec<u8>> {
    decode(text.bytes(), (b'-', b'_'))
}

/// Decodes base64 (RFC 4648, section 4) with any space in it, as PEM has it; padding may be missing.
#[cfg(feature = "certificates")]
pub fn decode_standard(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end().trim_end_matches('=');
    decode(text.bytes().filter(|byte| !byte.is_ascii_whitespace()), (b'+', b'/'))
}

/// Encodes base64url without padding.
pub fn encode_url(bytes: &[u8]) -> String {
    encode(bytes, ('-', '_'))
}

/// Encodes base64 with padding.
#[cfg(feature = "certificates")]
pub fn encode_standard(bytes: &[u8]) -> String {
    let mut text = encode(bytes, ('+', '/'));
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

fn decode(text: impl Iterator<Item = u8>, last_two: (u8, u8)) -> Option<Vec<u8>> {
    // Allocated once: a vector that grows leaves copies of what may be a private key behind it.
    let mut bytes = Vec::with_capacity(text.size_hint().1?);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte.checked_sub(b'A')?,
            b'a'..=b'z' => byte.checked_sub(b'a')?.checked_add(26)?,
            b'0'..=b'9' => byte.checked_sub(b'0')?.checked_add(52)?,
            _ if byte == last_two.0 => 62,
            _ if byte == last_two.1 => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count = count.saturating_add(6);
        if count >= 8 {
            count = count.saturating_sub(8);
            bytes.push(u8::try_from(bits.checked_shr(count)? & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

fn encode(bytes: &[u8], last_two: (char, char)) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(4) / 3);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << 8_usize.saturating_mul(3_usize.saturating_sub(chunk.len()));
        for shift in [18, 12, 6, 0].iter().take(chunk.len().saturating_add(1)) {
            let value = u8::try_from(bits >> shift & 63).unwrap_or_default();
            text.push(match value {
                0..26 => char::from(b'A'.saturating_add(value)),
                26..52 => char::from(b'a'.saturating_add(value.saturating_sub(26))),
                52..62 => char::from(b'0'.saturating_add(value.saturating_sub(52))),
                62 => last_two.0,
                _ => last_two.1,
            });
        }
    }
    text
}

#[cfg(all(test, feature = "certificates"))]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_from_both_alphabets() {
        for (bytes, standard, url) in [
            (&b""[..], "", ""),
            (b"f", "Zg==", "Zg"),
            (b"fo", "Zm8=", "Zm8"),
            (b"foo", "Zm9v", "Zm9v"),
            (b"\xFB\xFF\xBF\x00", "+/+/AA==", "-_-_AA"),
        ] {
            assert_eq!((encode_standard(bytes), encode_url(bytes)), (standard.into(), url.into()));
            assert_eq!(
                (decode_standard(standard), decode_url(url)),
                (Some(bytes.into()), Some(bytes.into()))
            );
        }
    }

    #[test]
    fn only_the_alphabet_is_read() {
        assert_eq!(decode_standard(" Zm\r\n9v \n"), Some(b"foo".into()));
        for text in ["Zm-v", "Zm_v", "Zm9v!", "Z=m9v", "Zä"] {
            assert_eq!(decode_standard(text), None, "{text}");
        }
        assert_eq!((decode_url("Zm+v"), decode_url("Zm9v=")), (None, None));
    }
}
