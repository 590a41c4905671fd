//! PKCS#12 (RFC 7292): safes of bags, some of them encrypted, and a MAC over all of it.
//!
//! The walk is our own: the ready-made crates weigh 282 KB more and cannot be resolved together.

use super::ber;
use super::encryption::Encryption;
use super::error::CertificateError;
use super::key_derivation::IterationBudget;
use super::password::Password;
use super::pkcs12_mac::Mac;
use super::private_key::{read_encrypted, read_pkcs8};
use super::rsa_key::PrivateKey;
use crate::prelude::*;
use der::asn1::ObjectIdentifier;
use der::{Reader, SliceReader};

/// What a file holds.
#[derive(Default)]
pub struct Content {
    /// Its certificates, in their order, as DER.
    pub certificates: Vec<Vec<u8>>,
    /// Its private keys.
    pub keys: Vec<PrivateKey>,
}

/// Reads a file. Bytes behind it are ignored: tools append line breaks.
///
/// # Errors
/// When it is no PKCS#12, the password is wrong, or it uses what is not supported.
pub fn parse(bytes: &[u8], password: Option<&str>) -> Result<Content, CertificateError> {
    let (safes, mac) = read_file(bytes).map_err(|error| match error {
        CertificateError::Damaged => CertificateError::NotAnything,
        error => error,
    })?;
    let mut password = Password::new(password);
    let mut iterations = IterationBudget::of_file();
    if let Some(mac) = mac {
        mac.verify(&safes, &mut password, &mut iterations)?;
    }
    let mut walk = Safes { password, iterations, content: Content::default() };
    walk.read(&safes)?;
    Ok(walk.content)
}

/// Whether this is the beginning of a file.
pub fn is_pkcs12(bytes: &[u8]) -> bool {
    ber::reader(bytes).and_then(|mut reader| read_version(&mut ber::enter(&mut reader)?)).is_ok()
}

/// Reads `PFX`: the safes and their MAC.
fn read_file(bytes: &[u8]) -> Result<(Vec<u8>, Option<Mac>), CertificateError> {
    let mut file = ber::enter(&mut ber::reader(bytes)?)?;
    read_version(&mut file)?;
    let mut info = ber::enter(&mut file)?;
    ber::expect(&mut info, DATA)?;
    let safes = ber::read_octets(&mut ber::enter_explicit(&mut info)?)?;
    let mac = if file.is_finished() { None } else { Some(Mac::read(&mut file)?) };
    Ok((safes, mac))
}

fn read_version(file: &mut SliceReader<'_>) -> Result<(), CertificateError> {
    match ber::read::<u32>(file)? {
        3 => Ok(()),
        _ => Err(CertificateError::Damaged),
    }
}

/// The walk through the safes of a file.
struct Safes {
    password: Password,
    iterations: IterationBudget,
    content: Content,
}

impl Safes {
    /// Reads `AuthenticatedSafe`.
    fn read(&mut self, bytes: &[u8]) -> Result<(), CertificateError> {
        let mut infos = ber::enter(&mut ber::reader(bytes)?)?;
        while !infos.is_finished() {
            self.read_info(&mut ber::enter(&mut infos)?)?;
        }
        Ok(())
    }

    /// Reads a `ContentInfo`: bags in the clear, or encrypted (RFC 5652, section 8).
    fn read_info(&mut self, info: &mut SliceReader<'_>) -> Result<(), CertificateError> {
        let kind: ObjectIdentifier = ber::read(info)?;
        if kind == DATA {
            return self.read_bags(&ber::read_octets(&mut ber::enter_explicit(info)?)?);
        }
        if kind != ENCRYPTED_DATA {
            return Err(CertificateError::Algorithm);
        }
        let mut encrypted = ber::enter(&mut ber::enter_explicit(info)?)?;
        ber::read::<u32>(&mut encrypted)?; // version
        let mut content = ber::enter(&mut encrypted)?;
        ber::expect(&mut content, DATA)?;
        let (encryption, data) = (Encryption::read(&mut content)?, ber::read_implicit_octets(&mut content)?);
        let bags = encryption.decrypt(&data, &self.password, &mut self.iterations)?;
        self.read_bags(&bags)
    }

    /// Reads `SafeContents`.
    fn read_bags(&mut self, bytes: &[u8]) -> Result<(), CertificateError> {
        let mut bags = ber::enter(&mut ber::reader(bytes)?)?;
        while !bags.is_finished() {
            self.read_bag(&mut ber::enter(&mut bags)?)?;
        }
        Ok(())
    }

    /// Reads a `SafeBag`. Bags of other kinds (secrets, revocations, safes in safes) are skipped.
    fn read_bag(&mut self, bag: &mut SliceReader<'_>) -> Result<(), CertificateError> {
        let kind: ObjectIdentifier = ber::read(bag)?;
        if kind == KEY_BAG {
            self.content.keys.push(read_pkcs8(&mut ber::enter_explicit(bag)?)?);
        } else if kind == SHROUDED_KEY_BAG {
            let key = read_encrypted(&mut ber::enter_explicit(bag)?, &self.password, &mut self.iterations)?;
            self.content.keys.push(key);
        } else if kind == CERTIFICATE_BAG {
            let mut certificate = ber::enter(&mut ber::enter_explicit(bag)?)?;
            ber::expect(&mut certificate, X509_CERTIFICATE)?;
            let certificate = ber::read_octets(&mut ber::enter_explicit(&mut certificate)?)?;
            self.content.certificates.push(certificate);
        }
        Ok(())
    }
}

/// RFC 5652, section 4
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
/// RFC 5652, section 8
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
/// RFC 7292, section 4.2.1
const KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
/// RFC 7292, section 4.2.2
const SHROUDED_KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
/// RFC 7292, section 4.2.3
const CERTIFICATE_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
/// RFC 2985, section 5.6: x509Certificate
const X509_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");
