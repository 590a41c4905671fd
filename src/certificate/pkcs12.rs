//! PKCS#12 (RFC 7292): a safe of bags, some of them encrypted, and a code over all of it.

use super::CertificateError;
use super::der::{CONTEXT_0, CONTEXT_0_PRIMITIVE, OCTET_STRING, OID, Reader, SEQUENCE};
use super::digest::{Hash, LONGEST};
use super::encryption::{Password, Rounds, decrypt};
use super::pkcs12_key::{self, Purpose};
use super::private_key::{parse_encrypted, parse_pkcs8};
use super::rsa::PrivateKey;
use crate::prelude::*;

/// What a file holds.
#[derive(Default)]
pub struct Content {
    /// Its certificates, in the order they stand there, as DER.
    pub certificates: Vec<Vec<u8>>,
    /// Its private keys.
    pub keys: Vec<PrivateKey>,
}

/// Reads a file.
///
/// # Errors
/// When it is none, the password is wrong, or it uses what is not supported.
pub fn parse(bytes: &[u8], password: Option<&str>) -> Result<Content, CertificateError> {
    let parts = || {
        let mut outer = Reader::new(bytes).enter(SEQUENCE)?;
        (outer.small_number()? == 3).then_some(())?;
        let mut info = outer.enter(SEQUENCE)?;
        (info.take(OID)? == DATA).then_some(())?;
        Some((info.enter(CONTEXT_0)?.take(OCTET_STRING)?, outer.enter(SEQUENCE)))
    };
    let (safe, mac) = parts().ok_or(CertificateError::NotAnything)?;
    let mut rounds = Rounds::of_file();
    let mut spelling = Password::new(password);
    if let Some(mac) = mac {
        verify(mac, safe, &mut spelling, &mut rounds)?;
    }
    // For PKCS#12 no password is an empty one.
    spelling.text.get_or_insert_default();
    let mut content = Content::default();
    let mut infos = Reader::new(safe).enter(SEQUENCE).ok_or(CertificateError::Damaged)?;
    while !infos.is_at_end() {
        let info = infos.enter(SEQUENCE).ok_or(CertificateError::Damaged)?;
        read_info(info, &spelling, &mut rounds, &mut content)?;
    }
    Ok(content)
}

/// Checks the code over the safe. Of an empty password's two spellings, the one that fits stays.
fn verify(
    mut mac: Reader<'_>,
    safe: &[u8],
    password: &mut Password,
    rounds: &mut Rounds,
) -> Result<(), CertificateError> {
    let mut parts = || {
        let mut digest = mac.enter(SEQUENCE)?;
        let algorithm = digest.enter(SEQUENCE)?.take(OID)?;
        let (code, salt) = (digest.take(OCTET_STRING)?, mac.take(OCTET_STRING)?);
        Some((algorithm, code, salt, mac.small_number().unwrap_or(1)))
    };
    let (algorithm, code, salt, count) = parts().ok_or(CertificateError::Damaged)?;
    let hash = Hash::of(algorithm).ok_or(CertificateError::Algorithm)?;
    let mut fits = |password: &Password| {
        rounds.take(count, hash, hash.length())?;
        let key = pkcs12_key::derive(hash, Purpose::Mac, password, (salt, count), hash.length());
        let mut computed = [0; LONGEST];
        hash.hmac(&key).ok_or(CertificateError::Algorithm)?.code(&[safe], &mut computed);
        Ok(computed.get(..hash.length()) == Some(code))
    };
    if fits(password)? {
        return Ok(());
    }
    let is_empty = password.text.as_ref().is_none_or(|text| text.is_empty());
    if !is_empty {
        return Err(CertificateError::WrongPassword);
    }
    password.wide.clear();
    if fits(password)? { Ok(()) } else { Err(CertificateError::NoPassword) }
}

/// A `ContentInfo`: bags in the clear, or encrypted.
fn read_info(
    mut info: Reader<'_>,
    password: &Password,
    rounds: &mut Rounds,
    content: &mut Content,
) -> Result<(), CertificateError> {
    let mut parts = || Some((info.take(OID)?, info.enter(CONTEXT_0)?));
    let (kind, mut inner) = parts().ok_or(CertificateError::Damaged)?;
    if kind == DATA {
        let bags = inner.take(OCTET_STRING).ok_or(CertificateError::Damaged)?;
        return read_bags(bags, password, rounds, content);
    }
    if kind != ENCRYPTED_DATA {
        return Err(CertificateError::Algorithm);
    }
    let mut parts = || {
        let mut data = inner.enter(SEQUENCE)?;
        data.small_number()?; // version
        let mut data = data.enter(SEQUENCE)?;
        (data.take(OID)? == DATA).then_some(())?;
        Some((data.enter(SEQUENCE)?, data.take(CONTEXT_0_PRIMITIVE)?))
    };
    let (algorithm, data) = parts().ok_or(CertificateError::Damaged)?;
    let bags = decrypt(algorithm, data, password, rounds)?;
    read_bags(&bags, password, rounds, content)
}

/// The bags of a safe. Bags of other kinds (secrets, revocations, safes in safes) are passed over.
fn read_bags(
    bytes: &[u8],
    password: &Password,
    rounds: &mut Rounds,
    content: &mut Content,
) -> Result<(), CertificateError> {
    let mut bags = Reader::new(bytes).enter(SEQUENCE).ok_or(CertificateError::Damaged)?;
    while !bags.is_at_end() {
        let mut parts = || {
            let mut bag = bags.enter(SEQUENCE)?;
            Some((bag.take(OID)?, bag.take(CONTEXT_0)?))
        };
        let (kind, value) = parts().ok_or(CertificateError::Damaged)?;
        match kind {
            KEY_BAG => content.keys.push(parse_pkcs8(value)?),
            SHROUDED_KEY_BAG => content.keys.push(parse_encrypted(value, password, rounds)?),
            CERTIFICATE_BAG => {
                let certificate = certificate(value).ok_or(CertificateError::Damaged)?;
                content.certificates.push(certificate.into());
            }
            _ => {}
        }
    }
    Ok(())
}

/// The certificate of a bag, which holds an X.509 one as a rule.
fn certificate(bag: &[u8]) -> Option<&[u8]> {
    let mut bag = Reader::new(bag).enter(SEQUENCE)?;
    (bag.take(OID)? == X509_CERTIFICATE).then(|| bag.enter(CONTEXT_0)?.take(OCTET_STRING))?
}

const DATA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01"; // 1.2.840.113549.1.7.1
const ENCRYPTED_DATA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x06"; // 1.2.840.113549.1.7.6
const KEY_BAG: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x0A\x01\x01"; // 1.2.840.113549.1.12.10.1.1
const SHROUDED_KEY_BAG: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x0A\x01\x02"; // …1.2
const CERTIFICATE_BAG: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x0A\x01\x03"; // …1.3
const X509_CERTIFICATE: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x09\x16\x01"; // 1.2.840.113549.1.9.22.1
