//! The chain of a key, out of the certificates of a file.

use super::error::CertificateError;
use super::rsa_key::PublicKey;
use super::rsa_usage::Usage;
use super::x509::X509;
use crate::prelude::*;

/// The certificates of a key.
#[derive(Debug)]
pub struct Chain {
    /// DER; the key's own certificate first, and each certifies the one before it (RFC 7515, section 4.1.6).
    pub certificates: Vec<Vec<u8>>,
    /// What the key's own certificate allows the key to be used for.
    pub usage: Usage,
}

impl Chain {
    /// Finds the chain of a key in certificates of any order. Certificates that do not belong to it are
    /// left out.
    ///
    /// # Errors
    /// When there is no certificate, none of the key, a damaged one, or more than a chain has.
    pub fn find(key: &PublicKey, certificates: &[Vec<u8>]) -> Result<Self, CertificateError> {
        if certificates.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        if certificates.len() > MOST_CERTIFICATES {
            return Err(CertificateError::TooManyCertificates);
        }
        let parsed: Result<Vec<_>, _> = certificates.iter().map(|it| X509::parse(it)).collect();
        let mut left: Vec<_> = parsed?.into_iter().zip(certificates).collect();
        let of_key = |(x509, _): &(X509<'_>, _)| x509.key.as_ref().is_some_and(|(public, _)| public == key);
        let own = left.iter().position(of_key).ok_or(CertificateError::Mismatch)?;
        let (mut last, own) = left.remove(own);
        let usage = last.key.as_ref().map_or(Usage::Any, |(_, usage)| *usage);
        let mut chain = vec![own.clone()];
        // A root certifies itself.
        while !last.is_certified_by(&last)
            && let Some(issuer) = left.iter().position(|(issuer, _)| last.is_certified_by(issuer))
        {
            let (x509, certificate) = left.remove(issuer);
            chain.push(certificate.clone());
            last = x509;
        }
        Ok(Self { certificates: chain, usage })
    }
}

const MOST_CERTIFICATES: usize = 32;
