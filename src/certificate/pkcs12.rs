//! PKCS#12 (RFC 7292): safes of bags, some of them encrypted, and a MAC over all of it.
//!
//! The walk is our own: the ready-made crates weigh 282 KB more and cannot be resolved together.

use super::ber;
use super::digest::Hash;
use super::encryption::{Encryption, IterationBudget};
use super::error::CertificateError;
use super::password::Password;
use super::pkcs12_kdf::{self, Purpose};
use super::private_key::{read_encrypted, read_pkcs8};
use super::rsa_key::PrivateKey;
use crate::prelude::*;
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Reader, SliceReader, Tag};

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
    let file = ber::reader(bytes).and_then(|mut reader| File::read(&mut reader));
    let file = file.map_err(|_| CertificateError::NotAnything)?;
    let mut password = Password::new(password);
    let mut iterations = IterationBudget::of_file();
    if let Some(mac) = &file.mac {
        mac.verify(file.safes.as_bytes(), &mut password, &mut iterations)?;
    }
    // For PKCS#12 no password is an empty one.
    password.text.get_or_insert_default();
    let mut safes = Safes { password, iterations, content: Content::default() };
    safes.read(file.safes.as_bytes())?;
    Ok(safes.content)
}

/// `PFX`
struct File {
    safes: OctetString,
    mac: Option<Mac>,
}

impl File {
    fn read(reader: &mut SliceReader<'_>) -> der::Result<Self> {
        let mut file = ber::enter(reader)?;
        if ber::read::<u32>(&mut file)? != 3 {
            return Err(Tag::Integer.value_error().into());
        }
        let mut info = ber::enter(&mut file)?;
        ber::expect(&mut info, DATA)?;
        let safes = ber::read_octets(&mut ber::enter_explicit(&mut info)?)?;
        let mac = if file.is_finished() { None } else { Some(Mac::read(&mut file)?) };
        Ok(Self { safes, mac })
    }
}

/// `MacData`
struct Mac {
    algorithm: ObjectIdentifier,
    digest: OctetString,
    salt: OctetString,
    iterations: u32,
}

impl Mac {
    fn read(reader: &mut SliceReader<'_>) -> der::Result<Self> {
        let mut mac = ber::enter(reader)?;
        let mut info = ber::enter(&mut mac)?;
        let (algorithm, digest) = (ber::read_algorithm(&mut info)?, ber::read_octets(&mut info)?);
        let salt = ber::read_octets(&mut mac)?;
        let iterations = if mac.is_finished() { 1 } else { ber::read(&mut mac)? };
        Ok(Self { algorithm, digest, salt, iterations })
    }

    /// Verifies the safes. Of an empty password's two encodings, the one that fits stays.
    fn verify(
        &self,
        safes: &[u8],
        password: &mut Password,
        iterations: &mut IterationBudget,
    ) -> Result<(), CertificateError> {
        if self.fits(safes, password, iterations)? {
            return Ok(());
        }
        if password.text.as_ref().is_some_and(|text| !text.is_empty()) {
            return Err(CertificateError::WrongPassword);
        }
        password.wide.clear();
        if self.fits(safes, password, iterations)? { Ok(()) } else { Err(CertificateError::NoPassword) }
    }

    fn fits(
        &self,
        safes: &[u8],
        password: &Password,
        iterations: &mut IterationBudget,
    ) -> Result<bool, CertificateError> {
        let hash = Hash::of(self.algorithm).ok_or(CertificateError::Algorithm)?;
        iterations.take(self.iterations, hash, hash.length())?;
        let parameters = (self.salt.as_bytes(), self.iterations);
        let key = pkcs12_kdf::derive(hash, Purpose::Mac, password, parameters, hash.length());
        Ok(hash.verify_hmac(&key, safes, self.digest.as_bytes()))
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
            return self.read_bags(ber::read_octets(&mut ber::enter_explicit(info)?)?.as_bytes());
        }
        if kind != ENCRYPTED_DATA {
            return Err(CertificateError::Algorithm);
        }
        let mut encrypted = ber::enter(&mut ber::enter_explicit(info)?)?;
        ber::read::<u32>(&mut encrypted)?; // version
        let mut content = ber::enter(&mut encrypted)?;
        ber::expect(&mut content, DATA)?;
        let (encryption, data) = (Encryption::read(&mut content)?, ber::read_implicit_octets(&mut content)?);
        let bags = encryption.decrypt(data.as_bytes(), &self.password, &mut self.iterations)?;
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
            self.content.certificates.push(certificate.as_bytes().into());
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
