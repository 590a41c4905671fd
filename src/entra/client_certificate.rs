//! The certificate of a client, from a file, a variable or an argument; and the error that replaces it in the
//! edition without certificates.

#[cfg(feature = "certificates")]
use super::certificate_assertion::CertificateAssertion;
use super::client_authentication::SharedAuthentication;
use crate::call_context::CallContext;
#[cfg(feature = "certificates")]
use crate::certificate::{Certificate, CertificateError};
use crate::error::Error;
use crate::host::MAX_FILE;
use crate::http::Body;
use crate::prelude::*;
use crate::token::Secret;
#[cfg(feature = "certificates")]
use alloc::rc::Rc;
#[cfg(feature = "certificates")]
use core::cell::RefCell;
#[cfg(feature = "certificates")]
use sha2::{Digest, Sha256};

/// A certificate as the user configured it.
pub struct CertificateInput<'a> {
    /// The source that it belongs to; its name begins messages.
    pub source: &'static str,
    /// What messages call it, e.g. `the file that AZURE_CLIENT_CERTIFICATE_PATH names`.
    pub name: &'a str,
    /// Its password; `None`: the user set none.
    pub password: Option<Secret>,
    /// The variable or field of its password; `None`: there is no place to set one.
    pub password_name: Option<&'static str>,
    /// Whether its chain is sent with the assertion.
    pub send_chain: bool,
    /// The certificate of the source's last request; `None`: the source parses a certificate once.
    pub kept: Option<&'a KeptCertificate>,
}

/// The certificate that a source parsed last. A request with the same bytes and password takes it, and neither
/// derives keys nor parses.
#[derive(Default)]
pub struct KeptCertificate {
    #[cfg(feature = "certificates")]
    last: RefCell<Option<([u8; 32], Rc<Certificate>)>>,
}

impl core::fmt::Debug for KeptCertificate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("KeptCertificate(REDACTED)")
    }
}

#[cfg(feature = "certificates")]
impl KeptCertificate {
    fn get_or_parse(
        &self,
        bytes: &[u8],
        password: Option<&Secret>,
    ) -> Result<Rc<Certificate>, CertificateError> {
        let digest = digest(bytes, password);
        if let Some((of, certificate)) = &*self.last.borrow()
            && *of == digest
        {
            return Ok(Rc::clone(certificate));
        }
        let certificate = Rc::new(Certificate::parse(bytes, password)?);
        self.last.replace(Some((digest, Rc::clone(&certificate))));
        Ok(certificate)
    }
}

/// A hash of the bytes and the password, in the place of which the bytes would be kept. The length separates the two.
#[cfg(feature = "certificates")]
fn digest(bytes: &[u8], password: Option<&Secret>) -> [u8; 32] {
    let password = password.map(Secret::expose).unwrap_or_default();
    let mut hash = Sha256::new_with_prefix(password.len().to_be_bytes());
    hash.update(password);
    hash.update(bytes);
    hash.finalize().into()
}

impl CertificateInput<'_> {
    /// The authentication by the certificate in a file, which is read anew for every request: it may have been rotated.
    ///
    /// # Errors
    /// `invalid-argument` when the file cannot be read or used, `other` when this edition has no
    /// certificates.
    #[maybe_async]
    pub async fn in_file(self, call: &CallContext<'_>, path: &str) -> Result<SharedAuthentication, Error> {
        let bytes = call.host.read_file(path, MAX_FILE).await.map(Body);
        let bytes = bytes
            .map_err(|error| Error::invalid_argument(self.source, format_args!("{} {error}", self.name)))?;
        self.in_bytes(bytes)
    }
}

#[cfg(feature = "certificates")]
impl CertificateInput<'_> {
    /// The authentication by the certificate in these bytes.
    ///
    /// # Errors
    /// As [`in_file`](Self::in_file).
    pub fn in_bytes(self, bytes: Body) -> Result<SharedAuthentication, Error> {
        self.parse(&bytes.0)
    }

    /// The authentication by the certificate in a text: PEM, or PKCS#12 in base64.
    ///
    /// # Errors
    /// As [`in_file`](Self::in_file).
    pub fn in_text(self, text: &Secret) -> Result<SharedAuthentication, Error> {
        self.parse(text.expose().as_bytes())
    }

    fn parse(self, bytes: &[u8]) -> Result<SharedAuthentication, Error> {
        let password = self.password.as_ref();
        let certificate = match self.kept {
            Some(kept) => kept.get_or_parse(bytes, password),
            None => Certificate::parse(bytes, password).map(Rc::new),
        };
        let certificate = certificate.map_err(|error| {
            let then = match error {
                CertificateError::NoPassword => "; set ",
                CertificateError::WrongPassword => "; check ",
                _ => "",
            };
            let what = self.password_name.filter(|_| !then.is_empty());
            let (then, what) = what.map_or(("", ""), |what| (then, what));
            Error::invalid_argument(self.source, format_args!("{} {error}{then}{what}", self.name))
        })?;
        Ok(Rc::new(CertificateAssertion::new(certificate, self.send_chain)))
    }
}

#[cfg(not(feature = "certificates"))]
impl CertificateInput<'_> {
    /// Fails: this edition has no certificates.
    ///
    /// # Errors
    /// Always `other`.
    pub fn in_bytes(self, _: Body) -> Result<SharedAuthentication, Error> {
        Err(self.not_supported())
    }

    /// Fails: this edition has no certificates.
    ///
    /// # Errors
    /// Always `other`.
    pub fn in_text(self, _: &Secret) -> Result<SharedAuthentication, Error> {
        Err(self.not_supported())
    }

    fn not_supported(self) -> Error {
        Error::other(
            self.source,
            "this edition was built without certificates; use azure-identity.wasm, which has them, or a secret",
        )
    }
}

#[cfg(all(test, feature = "certificates"))]
mod tests {
    use super::*;

    const FILE: &[u8] = include_bytes!("../../host-tests/fixtures/certificates/modern.pfx");
    const OTHER: &[u8] = include_bytes!("../../host-tests/fixtures/certificates/chain.pem");

    fn password() -> Option<Secret> {
        Some("p4ss~wörd&x".into())
    }

    #[test]
    fn a_second_token_with_the_same_certificate_parses_and_derives_nothing() {
        let kept = KeptCertificate::default();
        let first = kept.get_or_parse(FILE, password().as_ref()).expect("a certificate");
        let second = kept.get_or_parse(FILE, password().as_ref()).expect("a certificate");
        assert!(Rc::ptr_eq(&first, &second));
    }

    #[test]
    fn another_certificate_or_password_is_parsed() {
        let kept = KeptCertificate::default();
        let first = kept.get_or_parse(FILE, password().as_ref()).expect("a certificate");
        let rotated = kept.get_or_parse(OTHER, password().as_ref()).expect("a certificate");
        assert!(!Rc::ptr_eq(&first, &rotated));
        kept.get_or_parse(FILE, password().as_ref()).expect("a certificate");
        for wrong in [Some("wrong".into()), None] {
            assert!(
                kept.get_or_parse(FILE, wrong.as_ref()).is_err(),
                "a certificate is not kept for other passwords"
            );
        }
    }

    #[test]
    fn debug_of_a_kept_certificate_shows_nothing() {
        let kept = KeptCertificate::default();
        kept.get_or_parse(OTHER, None).expect("a certificate");
        assert_eq!(format!("{kept:?}"), "KeptCertificate(REDACTED)");
    }
}
