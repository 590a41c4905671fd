use super::fixtures::{fixture, parse};
use crate::certificate::private_key::parse_pkcs1;
use crate::certificate::rsa_key::SigningError;
use crate::certificate::x509::X509;
use crate::certificate::{Certificate, CertificateError, pem};
use crate::host::fake::FakeHost;
use crate::prelude::*;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents,
};

/// Whether another library verifies a signature by PS256 with the key in the certificate.
pub fn verifies_ps256(certificate: &Certificate, message: &[u8], signature: &[u8]) -> bool {
    verifies(&RSA_PSS_2048_8192_SHA256, certificate, message, signature)
}

/// Whether another library verifies a signature by RS256 with the key in the certificate.
pub fn verifies_rs256(certificate: &Certificate, message: &[u8], signature: &[u8]) -> bool {
    verifies(&RSA_PKCS1_2048_8192_SHA256, certificate, message, signature)
}

fn verifies(algorithm: &RsaParameters, certificate: &Certificate, message: &[u8], signature: &[u8]) -> bool {
    let own = X509::parse(certificate.own()).expect("a certificate");
    let (public, _) = own.key.expect("an RSA key");
    let public = RsaPublicKeyComponents { n: &public.modulus, e: &public.exponent };
    public.verify(algorithm, message, signature).is_ok()
}

#[test]
fn another_library_verifies_the_signatures() {
    let host = FakeHost::new();
    for name in ["pkcs8.pem", "rsa-3072.pem"] {
        let certificate = parse(name, None).expect("a certificate");
        for message in [&b""[..], b"message", &[7; 1000]] {
            let signature = certificate.key.sign_ps256(&host, message).expect("a signature");
            assert!(verifies_ps256(&certificate, message, &signature), "PS256 of {name}");
            let signature = certificate.key.sign_rs256(&host, message).expect("a signature");
            assert!(verifies_rs256(&certificate, message, &signature), "RS256 of {name}");
        }
    }
}

/// `aws-lc`, OpenSSL and `ring` sign RS256 with the same bytes: the scheme has no randomness.
#[test]
fn another_library_signs_rs256_with_the_same_bytes() {
    let pem = fixture("pkcs8.pem");
    let blocks = pem::blocks(core::str::from_utf8(&pem).expect("text")).expect("PEM");
    let key = blocks.iter().find(|block| block.label == "PRIVATE KEY").expect("a key");
    let theirs = ring::signature::RsaKeyPair::from_pkcs8(&key.bytes).expect("a key");
    let mut expected = vec![0; theirs.public().modulus_len()];
    let random = ring::rand::SystemRandom::new();
    theirs.sign(&ring::signature::RSA_PKCS1_SHA256, &random, b"message", &mut expected).expect("a signature");
    let ours = parse("pkcs8.pem", None).expect("a certificate").key;
    assert_eq!(ours.sign_rs256(&FakeHost::new(), b"message"), Ok(expected));
}

#[test]
fn a_key_whose_numbers_do_not_belong_together_is_refused() {
    let pem = fixture("pkcs1.pem");
    let blocks = pem::blocks(core::str::from_utf8(&pem).expect("text")).expect("PEM");
    let key = blocks.iter().find(|block| block.label == "RSA PRIVATE KEY").expect("a key");
    assert!(parse_pkcs1(&key.bytes).is_ok());
    // In a key of 2048 bits n, d, p and q begin at the bytes 11, 276, 536 and 668.
    for at in [40, 300, 560, 700] {
        let mut changed = key.bytes.clone();
        changed[at] ^= 2;
        assert_eq!(parse_pkcs1(&changed).err(), Some(CertificateError::InconsistentKey), "byte {at}");
    }
}

/// Without randomness there is no signature, so no signature is made without blinding: RS256 needs
/// randomness for nothing else.
#[test]
fn every_signature_is_blinded() {
    let key = parse("pkcs8.pem", None).expect("a certificate").key;
    for stuck in [
        |bytes: &mut [u8]| bytes.fill(0),
        |bytes: &mut [u8]| bytes.fill(1),
        |bytes: &mut [u8]| bytes.fill(0x5A),
        |bytes: &mut [u8]| bytes.fill(0xFF),
    ] {
        let host = FakeHost::new().random(stuck);
        assert_eq!(key.sign_rs256(&host, b"message"), Err(SigningError::Randomness));
        assert_eq!(key.sign_ps256(&host, b"message"), Err(SigningError::Randomness));
    }
}

/// Each blinding factor of this generator is above the modulus; the `rsa` crate alone would draw for ever.
#[test]
fn a_generator_of_unusable_numbers_is_given_up() {
    let key = parse("pkcs8.pem", None).expect("a certificate").key;
    let host = FakeHost::new().random(|bytes| {
        bytes.fill(0xFF);
        bytes.iter_mut().step_by(2).take(8).for_each(|byte| *byte = 0);
    });
    assert_eq!(key.sign_rs256(&host, b"message"), Err(SigningError::Randomness));
    assert_eq!(key.sign_ps256(&host, b"message"), Err(SigningError::Randomness));
}
