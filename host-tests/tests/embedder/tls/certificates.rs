//! Certificates of the servers, made in the test.

use host_tests::pem::pem;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use sha1::{Digest, Sha1};
use std::sync::Arc;
use tokio_rustls::rustls::crypto::ring::sign::any_supported_type;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::CertifiedKey;

/// A certificate and its private key.
pub struct ServerCertificate {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

/// When a certificate is valid.
#[derive(Clone, Copy)]
pub enum Validity {
    Now,
    /// It ended in 2020.
    Expired,
}

/// A certification authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, new_key()).expect("the parameters are valid"))
    }

    pub fn pem(&self) -> String {
        pem("CERTIFICATE", self.0.as_ref().der())
    }

    /// A certificate for a name or an address.
    pub fn issue(&self, name: &str, validity: Validity) -> ServerCertificate {
        let key = new_key();
        let certificate = params(name, validity).signed_by(&key, &self.0).expect("the parameters are valid");
        ServerCertificate { certificate: certificate.der().clone(), key: key.serialize_der() }
    }
}

impl ServerCertificate {
    pub fn self_signed(name: &str, validity: Validity) -> Self {
        let key = new_key();
        let certificate = params(name, validity).self_signed(&key).expect("the parameters are valid");
        Self { certificate: certificate.der().clone(), key: key.serialize_der() }
    }

    /// The same certificate with another key than its own.
    pub fn with_another_key(&self) -> Self {
        Self { certificate: self.certificate.clone(), key: new_key().serialize_der() }
    }

    /// The SHA-1 thumbprint, in upper case.
    pub fn thumbprint(&self) -> String {
        Sha1::digest(&self.certificate).iter().map(|byte| format!("{byte:02X}")).collect()
    }

    pub fn certificate_pem(&self) -> String {
        pem("CERTIFICATE", &self.certificate)
    }

    pub fn key_pem(&self) -> String {
        pem("PRIVATE KEY", &self.key)
    }

    /// As a server of rustls presents it.
    pub fn certified_key(&self) -> Arc<CertifiedKey> {
        let key = PrivateKeyDer::try_from(self.key.clone()).expect("the key is PKCS#8");
        let key = any_supported_type(&key).expect("ring supports the key");
        Arc::new(CertifiedKey::new(vec![self.certificate.clone()], key))
    }
}

fn params(name: &str, validity: Validity) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).expect("the name is valid");
    if matches!(validity, Validity::Expired) {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    }
    params
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("ring generates a key")
}
