mod fixtures;
mod other_tools;
mod signatures;

use super::*;
use crate::host::fake::FakeHost;
use fixtures::{PASSWORD, fixture, parse};
use signatures::verifies_ps256;

#[test]
fn every_format_gives_the_same_key_and_certificate() {
    let plain = parse("pkcs8.pem", None).expect("PKCS#8");
    for (name, password, chain) in [
        ("pkcs1.pem", None, 1),
        ("chain.pem", None, 2),
        ("pkcs8-aes256-sha256.pem", Some(PASSWORD), 1),
        ("pkcs8-aes192-sha256.pem", Some(PASSWORD), 1),
        ("pkcs8-aes128-sha1.pem", Some(PASSWORD), 1),
        ("pkcs8-3des-sha1.pem", Some(PASSWORD), 1),
        ("pkcs8-aes256-sha512.pem", Some(PASSWORD), 1),
        ("pkcs8-pbes1-3des.pem", Some(PASSWORD), 1),
        ("modern.pfx", Some(PASSWORD), 1),
        ("modern-chain.pfx", Some(PASSWORD), 2),
        ("modern-no-password.pfx", None, 1),
        ("modern-no-password.pfx", Some(""), 1),
        ("legacy.pfx", Some(PASSWORD), 1),
        ("legacy-no-password.pfx", None, 1),
        ("no-mac-no-encryption.pfx", None, 1),
    ] {
        let certificate = parse(name, password).unwrap_or_else(|error| panic!("{name} {error}"));
        assert_eq!(certificate.chain.len(), chain, "{name}");
        assert_eq!(certificate.own(), plain.own(), "{name}");
        assert_eq!(certificate.key.public, plain.key.public, "{name}");
    }
}

#[test]
fn what_is_wrong_with_a_file_is_told() {
    use CertificateError::*;
    for (name, password, error) in [
        ("no-key.pem", None, NoPrivateKey),
        ("no-key.pfx", Some(PASSWORD), NoPrivateKey),
        ("no-certificate.pem", None, NoCertificate),
        ("mismatch.pem", None, Mismatch),
        ("ec.pem", None, NotRsa),
        ("rsa-1024.pem", None, KeySize),
        ("dek-info.pem", Some(PASSWORD), OldPem),
        ("pkcs8-aes256-sha256.pem", None, NoPassword),
        ("pkcs8-aes256-sha256.pem", Some("nope"), WrongPassword),
        ("pkcs8-pbes1-3des.pem", Some("nope"), WrongPassword),
        ("modern.pfx", None, NoPassword),
        ("modern.pfx", Some("nope"), WrongPassword),
        ("modern.pfx", Some("p4ss~wörd&x\r\n"), WrongPassword),
        ("legacy.pfx", Some("nope"), WrongPassword),
        ("iterations.pfx", Some(PASSWORD), TooManyIterations),
        ("make.sh", None, NotAnything),
    ] {
        assert_eq!(parse(name, password).err(), Some(error), "{name} with {password:?}");
    }
    let (one, two) = (fixture("pkcs8.pem"), fixture("rsa-3072.pem"));
    assert_eq!(Certificate::parse(&[one, two].concat(), None).err(), Some(SeveralKeys));
    for garbage in [&b""[..], b"\0", b"0", b"\x30\x80\x02\x01\x03", &[0x30; 4096]] {
        assert_eq!(Certificate::parse(garbage, None).err(), Some(NotAnything), "{garbage:?}");
    }
    for garbage in [
        "-----BEGIN ",
        "-----BEGIN A-----",
        "-----BEGIN A----------END B-----",
        "-----BEGIN A-----ä-----END A-----",
    ] {
        assert_eq!(Certificate::parse(garbage.as_bytes(), None).err(), Some(Damaged), "{garbage:?}");
    }
}

/// A file that is cut off or changed is an error, or holds a key that still signs; and nothing overflows.
#[test]
fn damaged_files_are_errors() {
    for (name, password) in [
        ("chain.pem", None),
        ("no-mac-no-encryption.pfx", None),
        ("pkcs8-pbes1-3des.pem", Some(PASSWORD)),
        ("legacy.pfx", Some(PASSWORD)),
        ("tools/bouncycastle.p12", Some(other_tools::PASSWORD)),
    ] {
        let whole = fixture(name);
        for length in (0..whole.len()).step_by(97) {
            let password = password.map(Secret::from);
            let cut = Certificate::parse(&whole[..length], password.as_ref());
            assert!(cut.is_err() || name.ends_with(".pem"), "{name} cut at {length}");
            let mut changed = whole.clone();
            changed[length] ^= 0x15;
            if let Ok(certificate) = Certificate::parse(&changed, password.as_ref()) {
                let signature = certificate.key.sign_ps256(&FakeHost::new(), b"message");
                assert!(
                    verifies_ps256(&certificate, b"message", &signature.expect("a signature")),
                    "{name} {length}"
                );
            }
        }
    }
}

/// Variables and files of secret stores hold PEM in one line, and PKCS#12 in base64.
#[test]
fn text_is_read_in_the_forms_that_tools_write_it() {
    let plain = parse("pkcs8.pem", None).expect("a certificate");
    let pem = String::from_utf8(fixture("pkcs8.pem")).expect("text");
    let pfx = crate::base64::encode_standard(&fixture("modern.pfx"));
    for text in [
        pem.replace('\n', " "),
        pem.replace('\n', "\\n"),
        pem.replace('\n', "\\r\\n"),
        format!("\"{}\"", pem.replace('\n', "\\n")),
        format!("{pfx}\r\n"),
        format!("\u{FEFF}{pfx}"),
        format!("'{pfx}'"),
        format!("\"{}\\n\"", &pfx),
    ] {
        let certificate = Certificate::parse(text.as_bytes(), Some(&PASSWORD.into()));
        assert_eq!(certificate.map(|it| it.own().to_vec()), Ok(plain.own().to_vec()), "{text}");
    }
    assert_eq!(Certificate::parse(b"nonsense!", None).err(), Some(CertificateError::NotAnything));
}

#[test]
fn text_in_utf_16_is_recognised_with_and_without_its_byte_order_mark() {
    for text in [&b"\xFF\xFE-\0-\0"[..], b"\xFE\xFF\0-\0-", b"-\0-\0-\0", b"M\0I\0I\0", b"\0M\0I\0I"] {
        assert_eq!(Certificate::parse(text, None).err(), Some(CertificateError::Utf16), "{text:?}");
    }
}

#[test]
fn debug_of_a_certificate_shows_nothing() {
    let certificate = parse("pkcs8.pem", None).expect("a certificate");
    assert_eq!(format!("{certificate:?}"), "Certificate { .. }");
}
