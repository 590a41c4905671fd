//! Proof key for code exchange (PKCE, RFC 7636) with the method S256: the client that redeems a code proves
//! that it began the flow.

use crate::base64;
use crate::host::Host;
use crate::prelude::*;
use crate::token::Secret;
use sha2::{Digest, Sha256};

/// A random verifier, 43 characters long.
pub fn verifier(host: &dyn Host) -> Secret {
    Secret::from(random::<32>(host))
}

/// The challenge of a verifier, which the browser may see.
pub fn challenge(verifier: &Secret) -> String {
    base64::encode_url(&Sha256::digest(verifier.expose().as_bytes()))
}

/// Whether a text has the form of a verifier (RFC 7636, section 4.1).
pub fn is_verifier(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(allowed)
}

/// Random bytes in base64url.
pub fn random<const BYTES: usize>(host: &dyn Host) -> String {
    // On the heap: the allocator overwrites what is freed, and the stack is never overwritten.
    let mut bytes = vec![0; BYTES];
    host.fill_random(&mut bytes);
    base64::encode_url(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::FakeHost;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        // RFC 7636, appendix B.
        let verifier = Secret::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_verifier_is_43_random_characters() {
        let verifier = verifier(&FakeHost::new());
        assert!(is_verifier(verifier.expose()) && verifier.expose().len() == 43);
        assert_eq!(random::<4>(&FakeHost::new()), "BwgJCg");
    }

    #[test]
    fn a_text_that_could_end_a_field_or_be_guessed_is_no_verifier() {
        let good = "a".repeat(43);
        for text in [
            "",
            &"a".repeat(42),
            &"a".repeat(129),
            &format!("{good}&"),
            &format!("{good}\r"),
            &"ä".repeat(30),
        ] {
            assert!(!is_verifier(text), "{text:?}");
        }
        assert!(is_verifier(&good));
    }
}
