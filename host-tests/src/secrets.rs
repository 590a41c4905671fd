//! The scan that every case passes: no secret of the case may stand in anything that people see.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Where a secret was found, for the failing test's message; empty: nowhere.
///
/// Looks for each secret as it is, percent-encoded, in base64 (at any offset within the encoded text), in
/// hexadecimal and backwards. Secrets of fewer than six characters are passed over: they would be found
/// everywhere.
pub fn find(secrets: &[(String, String)], seen: &[(String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, secret) in secrets.iter().filter(|(_, secret)| secret.chars().count() >= 6) {
        for (place, text) in seen {
            let folded = text.to_ascii_lowercase();
            for (form, needle) in forms(secret) {
                if folded.contains(&needle.to_ascii_lowercase()) {
                    found.push(format!("{name} stands {form} in {place}"));
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
        ("as it is", secret.to_owned()),
        ("percent-encoded", percent),
        ("in hexadecimal", bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        ("backwards", secret.chars().rev().collect()),
    ];
    // What stands in front of the secret shifts its base64; the characters that depend on the neighbours
    // are cut off.
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
            ("no: s3cr3t~+/=&%x!".to_owned(), "as it is"),
            ("s3cr3t%7E%2B%2F%3D%26%25x".to_owned(), "percent-encoded"),
            (STANDARD_NO_PAD.encode(format!("{secret}, or not")), "in base64"),
            (STANDARD_NO_PAD.encode(format!("a{secret}")), "in base64"),
            (URL_SAFE_NO_PAD.encode(format!("ab{secret}")), "in base64url"),
            ("7333637233747e2b2f3d262578".to_owned(), "in hexadecimal"),
            ("x%&=/+~t3rc3s".to_owned(), "backwards"),
        ] {
            let found = find(&secrets, &[("stderr".to_owned(), text.clone())]);
            assert!(found.contains(&format!("the secret stands {form} in stderr")), "{text}: {found:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let secrets =
            [("the secret".to_owned(), "s3cr3t~+/=&%x".to_owned()), ("short".to_owned(), "a".to_owned())];
        let seen = [("stderr".to_owned(), "s3cr3t and other words, all of them harmless".to_owned())];
        assert_eq!(find(&secrets, &seen), Vec::<String>::new());
    }
}
