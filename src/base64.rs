//! Base64 (RFC 4648), in constant time: PEM and `x5c` use the standard alphabet, JWTs the one for URLs.

use crate::prelude::*;
#[cfg(feature = "certificates")]
use base64ct::{Base64, Base64Unpadded};
use base64ct::{Base64UrlUnpadded, Encoding};

/// Decodes base64url without padding (RFC 4648, section 5).
pub fn decode_url(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

/// Decodes base64 (RFC 4648, section 4) with white space anywhere, as PEM has it; padding may be missing.
#[cfg(feature = "certificates")]
pub fn decode_standard(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    Base64Unpadded::decode_vec(text.trim_end_matches('=')).ok()
}

/// Encodes base64url without padding.
pub fn encode_url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Encodes base64 with padding.
#[cfg(feature = "certificates")]
pub fn encode_standard(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

#[cfg(all(test, feature = "certificates"))]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_are_decoded_and_encoded() {
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
    fn the_standard_alphabet_is_read_with_white_space_and_without_padding() {
        for text in ["Zm8=", "Zm8", " Zm\r\n8= \n", "Z m\t8\n=\n"] {
            assert_eq!(decode_standard(text), Some(b"fo".into()), "{text:?}");
        }
    }

    #[test]
    fn other_characters_are_refused() {
        for text in ["Zm-v", "Zm_v", "Zm9v!", "Z=m9v", "Zä", "Z"] {
            assert_eq!(decode_standard(text), None, "{text}");
        }
        for text in ["Zm+v", "Zm/v", "Zm8=", "Zm9v ", "Zm9v\n", "Z"] {
            assert_eq!(decode_url(text), None, "{text:?}");
        }
    }
}
