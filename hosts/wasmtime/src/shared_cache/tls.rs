//! TLS to a store.

use super::store::StoreError;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// The CAs and the client certificate for connections to a store. It has no `Debug`, because it has a private key.
#[derive(Default)]
pub(super) struct TlsSettings {
    /// CAs in PEM, besides the public ones.
    pub(super) roots: Vec<Vec<u8>>,
    /// A certificate chain and its private key, both in PEM.
    pub(super) client_certificate: Option<(Vec<u8>, Vec<u8>)>,
}

impl TlsSettings {
    /// The configuration of TLS. It names its implementation of cryptography, because rustls panics when a program links
    /// two and none is named.
    ///
    /// # Errors
    /// What is wrong with a certificate or the key.
    pub(super) fn config(&self) -> Result<ClientConfig, StoreError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(StoreError::new)?
            .with_root_certificates(self.all_roots()?);
        let Some((chain, key)) = &self.client_certificate else { return Ok(builder.with_no_client_auth()) };
        let refused = |what: String| StoreError::new(format_args!("client_certificate: {what}"));
        let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| refused(format!("the chain is not PEM: {error}")))?;
        // The error of a key could quote it.
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| refused("there is no private key in PEM".into()))?;
        builder.with_client_auth_cert(chain, key).map_err(|error| refused(error.to_string()))
    }

    /// The public CAs of Mozilla's list and the further ones. Certificates that cannot be CAs are left out, as long as one
    /// of their text remains: bundles of operating systems have some.
    fn all_roots(&self) -> Result<RootCertStore, StoreError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
        for pem in &self.roots {
            let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
            let certificates = certificates
                .map_err(|error| StoreError::new(format_args!("root_certificates is not PEM: {error}")))?;
            if roots.add_parsable_certificates(certificates).0 == 0 {
                return Err(StoreError::new("root_certificates has no certificate of a CA in PEM"));
            }
        }
        Ok(roots)
    }
}
