//! The certification authorities (CAs) that a server's certificate is verified with.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_cert::der::Decode;

/// A set of CAs, and its name in messages.
#[derive(Clone)]
pub(crate) struct Roots {
    pub(crate) store: RootCertStore,
    /// For example `CN=cluster-ca (AZURE_KUBERNETES_CA_DATA)`.
    pub(crate) name: String,
}

impl Roots {
    /// The public CAs of Mozilla's list, which [`webpki_roots`] has, and further ones in PEM.
    ///
    /// # Errors
    /// What is wrong with a further one.
    pub(crate) fn public_and(further: &[Vec<u8>]) -> Result<Self, String> {
        let mut roots = Self {
            store: RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() },
            name: "a public CA of Mozilla's list".to_owned(),
        };
        for pem in further {
            let further = Self::from_pem(pem, "root_certificates")?;
            roots.store.roots.extend(further.store.roots);
            roots.name = format!("{}, {}", roots.name, further.name);
        }
        Ok(roots)
    }

    /// The CAs in a PEM text, which `origin` names in messages. Certificates that cannot be CAs are left out, as long as
    /// one remains: bundles of operating systems have some.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(crate) fn from_pem(pem: &[u8], origin: &str) -> Result<Self, String> {
        let mut store = RootCertStore::empty();
        let mut subjects = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| format!("{origin} is not PEM: {error}"))?;
            if store.add(certificate.clone()).is_ok() {
                subjects.push(subject(&certificate));
            }
        }
        if subjects.is_empty() {
            return Err(format!("{origin} has no certificate of a CA in PEM"));
        }
        Ok(Self { store, name: format!("{} ({origin})", listed(&subjects)) })
    }
}

/// The subject of a certificate as text (RFC 4514), e.g. `CN=cluster-ca,O=Contoso`.
fn subject(certificate: &CertificateDer<'_>) -> String {
    let parsed = x509_cert::Certificate::from_der(certificate);
    let name = parsed.map(|parsed| parsed.tbs_certificate().subject().to_string()).unwrap_or_default();
    if name.is_empty() { "a CA without a name".to_owned() } else { name.escape_debug().to_string() }
}

/// The first few subjects of a bundle, and how many follow.
fn listed(subjects: &[String]) -> String {
    let (named, rest) = subjects.split_at(subjects.len().min(MAX_NAMED));
    let named = named.join(" or ");
    if rest.is_empty() { named } else { format!("{named} or one of {} more", rest.len()) }
}

const MAX_NAMED: usize = 3;
