//! The scan for leaked secrets: no secret of a case may appear in its visible text.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The secrets that appear in `seen` (pairs of a place and its text), as messages; empty: none.
///
/// Searches for each secret verbatim, percent-encoded, in base64 (at any offset within the encoded text), in
/// hexadecimal and backwards. Secrets of fewer than six characters are skipped, because they would match by
/// accident.
pub fn find(secrets: &[(String, String)], seen: &[(String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, secret) in secrets.iter().filter(|(_, secret)| secret.chars().count() >= 6) {
        for (place, text) in seen {
            let folded = text.to_ascii_lowercase();
            for (form, needle) in forms(secret) {
                if folded.contains(&needle.to_ascii_lowercase()) {
                    found.push(format!("{name} appears {form} in {place}"));
                }
            }
        }
    }
    found
}

fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let bytes = secret.as_bytes();
    let percent: String = url::form_urlencoded::byte_serialize(bytes).collect();
    let mut forms = vec![
        ("verbatim", secret.to_owned()),
        ("percent-encoded", percent),
        ("in hexadecimal", bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        ("backwards", secret.chars().rev().collect()),
    ];
    // The text in front of the secret shifts its base64, so the characters that depend on neighbours are omitted.
    for offset in 0..3.min(bytes.len()) {
        let whole = &bytes[offset..offset + (bytes.len() - offset) / 3 * 3];
        if whole.len() >= 6 {
            forms.push(("in base64", STANDARD_NO_PAD.encode(whole)));
            forms.push(("in base64url", URL_SAFE_NO_PAD.encode(whole)));
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_form() {
        let secret = "s3cr3t~+/=&%x";
        let secrets = [("the secret".to_owned(), secret.to_owned())];
        for (text, form) in [
            ("no: s3cr3t~+/=&%x!".to_owned(), "verbatim"),
            ("s3cr3t%7E%2B%2F%3D%26%25x".to_owned(), "percent-encoded"),
            (STANDARD_NO_PAD.encode(format!("{secret}, or not")), "in base64"),
            (STANDARD_NO_PAD.encode(format!("a{secret}")), "in base64"),
            (URL_SAFE_NO_PAD.encode(format!("ab{secret}")), "in base64url"),
            ("7333637233747e2b2f3d262578".to_owned(), "in hexadecimal"),
            ("x%&=/+~t3rc3s".to_owned(), "backwards"),
        ] {
            let found = find(&secrets, &[("stderr".to_owned(), text.clone())]);
            assert!(found.contains(&format!("the secret appears {form} in stderr")), "{text}: {found:?}");
        }
    }

    #[test]
    fn an_absent_or_short_secret_is_not_found() {
        let secrets =
            [("the secret".to_owned(), "s3cr3t~+/=&%x".to_owned()), ("short".to_owned(), "a".to_owned())];
        let seen = [("stderr".to_owned(), "s3cr3t and other words, all of them harmless".to_owned())];
        assert_eq!(find(&secrets, &seen), Vec::<String>::new());
    }
}
