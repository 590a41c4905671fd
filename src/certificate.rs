//! A client's certificate with its private key, from a PEM or PKCS#12 file.
//!
//! Files come from users and may be hostile: every defect is a [`CertificateError`], found within bounded
//! time and memory, and no error reveals anything of what the file holds.

mod ber;
mod cipher;
mod digest;
mod encryption;
mod error;
mod password;
mod pem;
mod pkcs12;
mod pkcs12_kdf;
mod private_key;
pub mod rsa_key;
mod signing_rng;
mod x509;

pub use error::CertificateError;

use crate::prelude::*;
use crate::token::Secret;
use digest::Hash;
use encryption::IterationBudget;
use password::Password;
use pkcs12::Content;
use private_key::{parse_encrypted, parse_pkcs1, parse_pkcs8};
use rsa_key::PrivateKey;

/// A certificate, its chain and its private key.
pub struct Certificate {
    /// The private key.
    pub key: PrivateKey,
    /// DER; the key's certificate first, then the others in the order of the file.
    pub chain: Vec<Vec<u8>>,
}

impl Certificate {
    /// Reads PEM or PKCS#12. A password that nothing needs is ignored.
    ///
    /// # Errors
    /// When it is neither, damaged, hostile, not openable with the password, or without an RSA key and
    /// the certificate of that.
    pub fn parse(bytes: &[u8], password: Option<&Secret>) -> Result<Self, CertificateError> {
        let password = password.map(Secret::expose).filter(|password| !password.is_empty());
        let text = Secret::from(String::from_utf8_lossy(bytes).into_owned());
        let content = if pem::is_pem(text.expose()) {
            parse_pem(text.expose(), password)?
        } else {
            pkcs12::parse(bytes, password)?
        };
        content.try_into()
    }

    /// Reads what a variable holds: PEM as it is, or PKCS#12 in base64.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_text(text: &Secret, password: Option<&Secret>) -> Result<Self, CertificateError> {
        if pem::is_pem(text.expose()) {
            return Self::parse(text.expose().as_bytes(), password);
        }
        let bytes = crate::base64::decode_standard(text.expose());
        Self::parse(&bytes.ok_or(CertificateError::NotAnything)?, password)
    }

    /// The key's own certificate, as DER.
    pub fn own(&self) -> &[u8] {
        self.chain.first().map(Vec::as_slice).unwrap_or_default()
    }

    /// The SHA-1 thumbprint of the key's own certificate (RFC 7515, section 4.1.7: `x5t`).
    pub fn thumbprint_sha1(&self) -> Vec<u8> {
        Hash::Sha1.digest(self.own())
    }

    /// The SHA-256 thumbprint of the key's own certificate (RFC 7515, section 4.1.8: `x5t#S256`).
    pub fn thumbprint_sha256(&self) -> Vec<u8> {
        Hash::Sha256.digest(self.own())
    }
}

impl TryFrom<Content> for Certificate {
    type Error = CertificateError;

    fn try_from(Content { mut certificates, mut keys }: Content) -> Result<Self, CertificateError> {
        let key = keys.pop();
        if !keys.is_empty() {
            return Err(CertificateError::SeveralKeys);
        }
        if certificates.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        if certificates.len() > MOST_CERTIFICATES {
            return Err(CertificateError::TooManyCertificates);
        }
        let public_keys: der::Result<Vec<_>> = certificates.iter().map(|it| x509::public_key(it)).collect();
        let public_keys = public_keys?;
        let Some(key) = key else {
            return Err(CertificateError::NoPrivateKey);
        };
        let own = public_keys.iter().position(|public| public.as_ref() == Some(&key.public));
        let own = certificates.remove(own.ok_or(CertificateError::Mismatch)?);
        certificates.insert(0, own);
        Ok(Self { key, chain: certificates })
    }
}

impl core::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Certificate").finish_non_exhaustive()
    }
}

fn parse_pem(text: &str, password: Option<&str>) -> Result<Content, CertificateError> {
    let (mut content, mut iterations) = (Content::default(), IterationBudget::of_file());
    for block in pem::blocks(text)? {
        match block.label {
            "CERTIFICATE" => content.certificates.push(block.bytes.to_vec()),
            "PRIVATE KEY" => content.keys.push(parse_pkcs8(&block.bytes)?),
            "RSA PRIVATE KEY" => content.keys.push(parse_pkcs1(&block.bytes)?),
            "ENCRYPTED PRIVATE KEY" => {
                let password = Password::new(password);
                content.keys.push(parse_encrypted(&block.bytes, &password, &mut iterations)?);
            }
            "EC PRIVATE KEY" | "DSA PRIVATE KEY" | "OPENSSH PRIVATE KEY" => {
                return Err(CertificateError::NotRsa);
            }
            _ => {}
        }
    }
    Ok(content)
}

const MOST_CERTIFICATES: usize = 32;

#[cfg(test)]
mod tests;
