//! A client's certificate with its private key, from a PEM or PKCS#12 file.
//!
//! Files come from users and may be hostile: every defect is a [`CertificateError`], found within bounded
//! time and memory, and no error reveals anything of what the file holds.

mod ber;
mod chain;
mod cipher;
mod digest;
mod encryption;
mod error;
mod key_derivation;
mod password;
mod pem;
mod pkcs12;
mod pkcs12_kdf;
mod pkcs12_mac;
mod private_key;
pub mod rsa_key;
mod rsa_usage;
mod signing_rng;
mod stack;
mod x509;

pub use error::CertificateError;

use crate::prelude::*;
use crate::token::Secret;
use chain::Chain;
use der::Reader;
use digest::Hash;
use key_derivation::IterationBudget;
use password::Password;
use pkcs12::Content;
use private_key::{parse_encrypted, parse_pkcs1, parse_pkcs8};
use rsa_key::PrivateKey;
use stack::overwriting_stack;

/// A certificate, its chain and its private key.
pub struct Certificate {
    /// The private key.
    pub key: PrivateKey,
    /// DER; the key's certificate first, and each certifies the one before it (RFC 7515, section 4.1.6).
    pub chain: Vec<Vec<u8>>,
}

impl Certificate {
    /// Reads PEM, PKCS#12, or PKCS#12 in base64. A password that nothing needs is ignored.
    ///
    /// # Errors
    /// When it is none of them, damaged, hostile, not openable with the password, or without an RSA key and
    /// the certificate of that.
    pub fn parse(bytes: &[u8], password: Option<&Secret>) -> Result<Self, CertificateError> {
        overwriting_stack(|| parse_file(bytes, password))
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

    fn try_from(Content { certificates, mut keys }: Content) -> Result<Self, CertificateError> {
        let key = keys.pop();
        if !keys.is_empty() {
            return Err(CertificateError::SeveralKeys);
        }
        let Some(key) = key else {
            return Err(if certificates.is_empty() {
                CertificateError::NoCertificate
            } else {
                CertificateError::NoPrivateKey
            });
        };
        let chain = Chain::find(&key.public, &certificates)?;
        Ok(Self { key: key.restrict(chain.usage)?, chain: chain.certificates })
    }
}

impl core::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Certificate").finish_non_exhaustive()
    }
}

fn parse_file(bytes: &[u8], password: Option<&Secret>) -> Result<Certificate, CertificateError> {
    if is_utf16(bytes) {
        return Err(CertificateError::Utf16);
    }
    let password = password.map(Secret::expose).filter(|password| !password.is_empty());
    let text = Secret::from(String::from_utf8_lossy(bytes).into_owned());
    // Environment files and JSON write a line break as a backslash and a letter, which base64 does not have.
    let text = Secret::from(text.expose().replace("\\r", "\r").replace("\\n", "\n"));
    let content = if pem::is_pem(text.expose()) {
        parse_pem(text.expose(), password)?
    } else if let Some(decoded) = crate::base64::decode_standard(unquote(text.expose())) {
        // `az keyvault secret download` writes a certificate so.
        pkcs12::parse(&decoded, password)?
    } else {
        pkcs12::parse(bytes, password)?
    };
    content.try_into()
}

/// Whether it is text in UTF-16: its byte order mark, or every second byte of its first letters is zero.
fn is_utf16(bytes: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_graphic();
    match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => true,
        [one, 0, two, 0, ..] | [0, one, 0, two, ..] => is_letter(one) && is_letter(two),
        _ => false,
    }
}

/// The text without a byte order mark, and without the quotation marks that environment files have.
fn unquote(text: &str) -> &str {
    text.trim_start_matches('\u{FEFF}').trim().trim_matches(['"', '\''])
}

fn parse_pem(text: &str, password: Option<&str>) -> Result<Content, CertificateError> {
    let (mut content, mut iterations) = (Content::default(), IterationBudget::of_file());
    let mut has_pkcs7 = false;
    for block in pem::blocks(text)? {
        match block.label {
            // The names that OpenSSL reads as well (PEM_STRING_X509_OLD and PEM_STRING_X509_TRUSTED in its pem.h).
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                content.certificates.push(parse_certificate(&block.bytes)?);
            }
            "PRIVATE KEY" => content.keys.push(parse_pkcs8(&block.bytes)?),
            "RSA PRIVATE KEY" => content.keys.push(parse_pkcs1(&block.bytes)?),
            "ENCRYPTED PRIVATE KEY" => {
                let password = Password::new(password);
                content.keys.push(parse_encrypted(&block.bytes, &password, &mut iterations)?);
            }
            "EC PRIVATE KEY" | "DSA PRIVATE KEY" => return Err(CertificateError::NotRsa),
            "OPENSSH PRIVATE KEY" => return Err(CertificateError::OpenSsh),
            "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS" => has_pkcs7 = true,
            _ => {}
        }
    }
    if has_pkcs7 && content.certificates.is_empty() {
        return Err(CertificateError::Pkcs7);
    }
    Ok(content)
}

/// The certificate of a block, without what OpenSSL appends to a trusted one (X509_CERT_AUX).
fn parse_certificate(bytes: &[u8]) -> Result<Vec<u8>, CertificateError> {
    if pkcs12::is_pkcs12(bytes) {
        return Err(CertificateError::Pkcs12InPem);
    }
    Ok(ber::reader(bytes)?.tlv_bytes()?.into())
}

#[cfg(test)]
mod tests;
