//! PEM, for the certificates that tests make. The feature of rcgen for it would add a dependency.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Encodes a certificate or key as PEM (RFC 7468); `label` is its kind, e.g. `CERTIFICATE`.
pub fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
