//! PKCS#12 (RFC 7292): safes of bags, some of them encrypted, and a MAC over all of it.
//!
//! The walk is our own: the ready-made crates weigh 282 KB more and cannot be resolved together.

use super::ber;
use super::digest::Hash;
use super::encryption::{Encryption, IterationBudget};
use super::error::CertificateError;
use super::password::Password;
use super::pkcs12_kdf::{self, Purpose};
use super::private_key::{EncryptedPrivateKeyInfo, PrivateKeyInfo};
use super::rsa_key::PrivateKey;
use crate::prelude::*;
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Decode, DecodeValue, FixedTag, Header, Reader, SliceReader, Tag};

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
        reader.sequence(|file| {
            if u8::decode(file)? != 3 {
                return Err(Tag::Integer.value_error().into());
            }
            let safes = file.sequence(|info| {
                ber::expect(info, DATA)?;
                ber::read_explicit(info)
            })?;
            let mac = if file.is_finished() { None } else { Some(Mac::read(file)?) };
            Ok(Self { safes, mac })
        })
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
        reader.sequence(|mac| {
            let (algorithm, digest) = mac.sequence(|info| {
                Ok::<_, der::Error>((ber::read_algorithm(info)?, OctetString::decode(info)?))
            })?;
            let salt = OctetString::decode(mac)?;
            let iterations = if mac.is_finished() { 1 } else { u32::decode(mac)? };
            Ok(Self { algorithm, digest, salt, iterations })
        })
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
        ber::reader(bytes)?.sequence(|infos| {
            while !infos.is_finished() {
                infos.sequence(|info| self.read_info(info))?;
            }
            Ok(())
        })
    }

    /// Reads a `ContentInfo`: bags in the clear, or encrypted.
    fn read_info<'a, R: Reader<'a>>(&mut self, info: &mut R) -> Result<(), CertificateError> {
        let kind = ObjectIdentifier::decode(info)?;
        if kind == DATA {
            return self.read_bags(ber::read_explicit::<OctetString, R>(info)?.as_bytes());
        }
        if kind != ENCRYPTED_DATA {
            return Err(CertificateError::Algorithm);
        }
        let EncryptedData { encryption, data } = ber::read_explicit(info)?;
        let bags = encryption.decrypt(data.as_bytes(), &self.password, &mut self.iterations)?;
        self.read_bags(&bags)
    }

    /// Reads `SafeContents`.
    fn read_bags(&mut self, bytes: &[u8]) -> Result<(), CertificateError> {
        ber::reader(bytes)?.sequence(|bags| {
            while !bags.is_finished() {
                bags.sequence(|bag| self.read_bag(bag))?;
            }
            Ok(())
        })
    }

    /// Reads a `SafeBag`. Bags of other kinds (secrets, revocations, safes in safes) are skipped.
    fn read_bag<'a, R: Reader<'a>>(&mut self, bag: &mut R) -> Result<(), CertificateError> {
        let kind = ObjectIdentifier::decode(bag)?;
        if kind == KEY_BAG {
            self.content.keys.push(ber::read_explicit::<PrivateKeyInfo, R>(bag)?.into_key()?);
        } else if kind == SHROUDED_KEY_BAG {
            let key: EncryptedPrivateKeyInfo = ber::read_explicit(bag)?;
            self.content.keys.push(key.decrypt(&self.password, &mut self.iterations)?);
        } else if kind == CERTIFICATE_BAG {
            let CertificateBag(certificate) = ber::read_explicit(bag)?;
            self.content.certificates.push(certificate.into_bytes().into());
        }
        Ok(ber::skip_rest(bag)?) // attributes
    }
}

/// `EncryptedData` (RFC 5652, section 8)
struct EncryptedData {
    encryption: Encryption,
    data: OctetString,
}

impl FixedTag for EncryptedData {
    const TAG: Tag = Tag::Sequence;
}

impl<'a> DecodeValue<'a> for EncryptedData {
    type Error = CertificateError;

    fn decode_value<R: Reader<'a>>(encrypted: &mut R, _: Header) -> Result<Self, CertificateError> {
        u8::decode(encrypted)?; // version
        let content = encrypted.sequence(|content| {
            ber::expect(content, DATA)?;
            let encryption = Encryption::decode(content)?;
            Ok::<_, CertificateError>(Self { encryption, data: ber::read_implicit_octets(content)? })
        })?;
        ber::skip_rest(encrypted)?; // attributes
        Ok(content)
    }
}

/// `CertBag`; only X.509 certificates are ever in one.
struct CertificateBag(OctetString);

impl FixedTag for CertificateBag {
    const TAG: Tag = Tag::Sequence;
}

impl<'a> DecodeValue<'a> for CertificateBag {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(bag: &mut R, _: Header) -> der::Result<Self> {
        ber::expect(bag, X509_CERTIFICATE)?;
        ber::read_explicit(bag).map(Self)
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
