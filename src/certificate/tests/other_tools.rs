//! Files of the tools that people make certificates with.

use super::fixtures::{fixture, parse};
use super::signatures::{verifies_ps256, verifies_rs256};
use crate::certificate::rsa_key::SigningError;
use crate::certificate::{Certificate, CertificateError, pem};
use crate::host::fake::FakeHost;
use crate::prelude::*;

/// Of all files in the folder that have one.
pub const PASSWORD: &str = "Pa55-word";

/// Reads a file of `host-tests/fixtures/certificates/tools`; its README says which tool made which.
fn parse_tool(name: &str, password: &str) -> Result<Certificate, CertificateError> {
    parse(&format!("tools/{name}"), Some(password))
}

#[test]
fn the_table_says_what_becomes_of_each_file() {
    let readme = String::from_utf8(fixture("tools/README.md")).expect("text");
    let rows: Vec<_> = readme.lines().filter(|line| line.starts_with("| `")).collect();
    let now = rows.iter().map(|row| (row, outcome_in(row)));
    let changed: Vec<_> = now.filter(|(row, now)| *row != now).map(|(_, now)| now).collect();
    assert!(changed.is_empty(), "these rows are other ones now:\n{}", changed.join("\n"));
    assert_eq!(rows.iter().map(|row| cells(row)[0].to_owned()).collect::<Vec<_>>(), files());
}

/// The row of a file with what becomes of the file now.
fn outcome_in(row: &str) -> String {
    let [file, made_with, password, azure_identity, _] = cells(row)[..] else {
        panic!("{row} has another number of columns");
    };
    let outcome = match parse_tool(file, if password == PASSWORD { PASSWORD } else { "" }) {
        Ok(certificate) => signed_by(&certificate),
        Err(error) => error.to_string(),
    };
    let password = if password == PASSWORD { "`Pa55-word`" } else { password };
    format!("| `{file}` | {made_with} | {password} | {azure_identity} | {outcome} |")
}

/// How the certificate signs; each signature is verified with the certificate's own public key.
fn signed_by(certificate: &Certificate) -> String {
    let host = FakeHost::new();
    let signature = certificate.key.sign_ps256(&host, b"message").expect("a signature");
    assert!(verifies_ps256(certificate, b"message", &signature), "PS256");
    let rs256 = match certificate.key.sign_rs256(&host, b"message") {
        Ok(signature) => {
            assert!(verifies_rs256(certificate, b"message", &signature), "RS256");
            ""
        }
        Err(SigningError::PssAlone) => " PS256 alone",
        Err(error) => panic!("{error}"),
    };
    match certificate.chain.len() {
        1 => format!("reads, signs{rs256}"),
        others => format!("reads, signs{rs256}; {others} in the chain"),
    }
}

/// The cells of a row, without the accents around code that is the whole cell.
fn cells(row: &str) -> Vec<&str> {
    let cells = row.trim_matches('|').split(" | ").map(str::trim);
    let is_code = |cell: &str| cell.matches('`').count() == 2 && cell.starts_with('`') && cell.ends_with('`');
    let mut cells: Vec<_> = cells.collect();
    for at in [0, 2] {
        cells[at] = if is_code(cells[at]) { cells[at].trim_matches('`') } else { cells[at] };
    }
    cells
}

/// The certificate files of the folder, by name.
fn files() -> Vec<String> {
    let folder = format!("{}/host-tests/fixtures/certificates/tools", env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(folder).expect("the fixtures");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text"));
    let is_file = |name: &String| ![".md", ".sh", ".py"].iter().any(|end| name.ends_with(end));
    let mut names: Vec<_> = names.filter(is_file).collect();
    names.sort();
    names
}

#[test]
fn every_form_of_ber_holds_the_same_as_der() {
    for (ber, der) in [
        ("bouncycastle.p12", "bouncycastle-der.p12"),
        ("ber-definite-segments.p12", "openssl3-default-chain.pfx"),
        ("ber-nested-segments.p12", "openssl3-default-chain.pfx"),
        ("ber-indefinite-nested-segments.p12", "openssl3-default-chain.pfx"),
    ] {
        let [of_ber, of_der] = [ber, der].map(|name| parse_tool(name, PASSWORD).expect("a certificate"));
        assert_eq!((of_ber.chain, of_ber.key.public), (of_der.chain, of_der.key.public), "{ber}");
    }
}

#[test]
fn an_encrypted_file_without_a_mac_misses_its_password_too() {
    assert_eq!(parse_tool("openssl-no-mac.pfx", "").err(), Some(CertificateError::NoPassword));
    assert_eq!(parse_tool("openssl-no-mac.pfx", "nope").err(), Some(CertificateError::WrongPassword));
    assert_eq!(parse_tool("pbmac1-sha256.p12", "").err(), Some(CertificateError::NoPassword));
    assert_eq!(parse_tool("pbmac1-sha256.p12", "nope").err(), Some(CertificateError::WrongPassword));
}

/// RFC 7515, section 4.1.6. The file has the root first, an issuer whose key was renewed, and another client.
#[test]
fn the_chain_is_in_the_order_of_its_issuers_whatever_the_file_has() {
    let pem = String::from_utf8(fixture("tools/shuffled-chain.pem")).expect("text");
    let blocks = pem::blocks(&pem).expect("PEM");
    let [root, _old, client, _other, issuer, _key] = blocks.as_slice() else {
        panic!("{} blocks", blocks.len());
    };
    let chain = parse_tool("shuffled-chain.pem", "").expect("a certificate").chain;
    assert_eq!(chain, [client, issuer, root].map(|block| block.bytes.clone()));
}
