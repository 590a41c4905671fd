//! Files of the tools that people make certificates with.

use super::fixtures::parse;
use super::signatures::{verifies_ps256, verifies_rs256};
use crate::certificate::{Certificate, CertificateError};
use crate::host::fake::FakeHost;
use crate::prelude::*;

/// Of all files in the folder that have one.
pub const PASSWORD: &str = "Pa55-word";

/// Reads a file of `host-tests/fixtures/certificates/tools`; its README says which tool made which.
fn parse_tool(name: &str, password: &str) -> Result<Certificate, CertificateError> {
    parse(&format!("tools/{name}"), Some(password))
}

#[test]
fn files_of_other_tools_are_read_and_their_keys_sign() {
    for (name, password, chain) in [
        ("bag-attributes.pem", "", 2),
        ("bouncycastle-der.p12", PASSWORD, 2),
        ("bouncycastle.p12", PASSWORD, 2),
        ("exponent-3.pem", "", 1),
        ("gnutls-certtool.p12", PASSWORD, 1),
        ("gnutls-generated.pem", "", 1),
        ("indented.pem", "", 1),
        ("key-vault-like.pfx", "", 2),
        ("keytool-importkeystore.p12", PASSWORD, 2),
        ("keytool-no-mac.p12", PASSWORD, 1),
        ("keytool-with-truststore.p12", PASSWORD, 2),
        ("nss-pk12util.p12", PASSWORD, 2),
        ("python-3des.p12", PASSWORD, 2),
        ("python-best.p12", PASSWORD, 2),
        ("renewed-same-key.pfx", PASSWORD, 2),
        ("rsa-4096.pfx", PASSWORD, 1),
        ("trailing-crlf.pfx", "", 2),
        ("utf8-bom.pem", "", 1),
    ] {
        let certificate = parse_tool(name, password).unwrap_or_else(|error| panic!("{name} {error}"));
        assert_eq!(certificate.chain.len(), chain, "{name}");
        let signature = certificate.key.sign_ps256(&FakeHost::new(), b"message").expect(name);
        assert!(verifies_ps256(&certificate, b"message", &signature), "PS256 of {name}");
        let signature = certificate.key.sign_rs256(&FakeHost::new(), b"message").expect(name);
        assert!(verifies_rs256(&certificate, b"message", &signature), "RS256 of {name}");
    }
}

#[test]
fn indefinite_lengths_hold_the_same_as_definite_ones() {
    let [ber, der] = ["bouncycastle.p12", "bouncycastle-der.p12"]
        .map(|name| parse_tool(name, PASSWORD).expect("a certificate"));
    assert_eq!((ber.chain, ber.key.public), (der.chain, der.key.public));
}

#[test]
fn what_is_not_supported_in_files_of_other_tools_is_told() {
    use CertificateError::*;
    for (name, password, error) in [
        ("gnutls-null.p12", "", TooManyIterations),
        ("keytool-two-keys.p12", PASSWORD, SeveralKeys),
        ("multi-prime.pem", "", Damaged),
        ("rsa-pss-key.pem", "", NotRsa),
    ] {
        assert_eq!(parse_tool(name, password).err(), Some(error), "{name}");
    }
}
