//! Certificate pinning: the server's certificate is identified by its SHA-1 thumbprint and by nothing else.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use sha1::{Digest, Sha1};
use std::fmt;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// The SHA-1 hash of a certificate in DER, as Windows and Service Fabric identify certificates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thumbprint([u8; 20]);

impl Thumbprint {
    /// Parses 40 hexadecimal digits, which tools write with spaces or colons between them; `None` for any other text.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .trim()
            .chars()
            .filter(|c| !matches!(c, ' ' | ':'))
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()?;
        let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        let is_whole = digits.len() == 40;
        bytes.try_into().ok().filter(|_| is_whole).map(Self)
    }

    fn of(certificate: &CertificateDer<'_>) -> Self {
        Self(Sha1::digest(certificate).into())
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// Accepts the server whose certificate has the thumbprint, and which proves in the handshake that it has the private key.
///
/// Names, dates and issuers are not looked at, as in MSAL: the certificate of a Service Fabric cluster is self-signed as a
/// rule, and no name of it is known. MSAL also accepts any certificate that the operating system trusts; this does not.
#[derive(Debug)]
pub(crate) struct PinnedCertificate {
    pub(crate) expected: Thumbprint,
    pub(crate) provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PinnedCertificate {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let presented = Thumbprint::of(end_entity);
        if presented.0.ct_eq(&self.expected.0).into() {
            return Ok(ServerCertVerified::assertion());
        }
        let mismatch = Mismatch { presented };
        Err(CertificateError::Other(OtherError(Arc::new(mismatch))).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// The server presented another certificate.
#[derive(Debug, thiserror::Error)]
#[error("the certificate presented has the thumbprint {presented}")]
struct Mismatch {
    presented: Thumbprint,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_is_40_hexadecimal_digits() {
        let plain = "0123456789ABCDEF0123456789ABCDEF01234567";
        for text in [
            plain,
            &plain.to_lowercase(),
            "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67",
            " 01 23 45 67 89 ab cd ef 01 23 45 67 89 ab cd ef 01 23 45 67\n",
        ] {
            assert_eq!(Thumbprint::parse(text).map(|it| it.to_string()).as_deref(), Some(plain), "{text}");
        }
        for text in
            ["", "abc", &plain[1..], &format!("{plain}0"), &format!("{plain}01"), &plain.replace('0', "G")]
        {
            assert!(Thumbprint::parse(text).is_none(), "{text}");
        }
    }
}
