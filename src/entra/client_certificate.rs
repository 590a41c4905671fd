//! From a file, a variable or an argument to the proof by certificate; and what stands there in the
//! edition without certificates.

#[cfg(feature = "certificates")]
use super::certificate_assertion::CertificateAssertion;
use super::client_authentication::ClientAuthentication;
use crate::call_context::CallContext;
#[cfg(feature = "certificates")]
use crate::certificate::{Certificate, CertificateError};
use crate::error::Error;
use crate::host::MAX_FILE;
use crate::http::Body;
use crate::prelude::*;
use crate::token::Secret;
use alloc::rc::Rc;

/// A certificate that somebody gave us, and what to do with it.
pub struct CertificateInput<'a> {
    /// Who asks; stands in messages.
    pub source: &'static str,
    /// What it is called in messages, e.g. `the file that AZURE_CLIENT_CERTIFICATE_PATH names`.
    pub name: &'a str,
    /// Its password; `None`: none.
    pub password: Option<Secret>,
    /// Where its password is set; empty: it can have none.
    pub password_name: &'static str,
    /// Whether its chain is sent along.
    pub send_chain: bool,
}

impl CertificateInput<'_> {
    /// The proof by the certificate in a file, which is read anew every time.
    ///
    /// # Errors
    /// `invalid-request` when the file cannot be read or used, `other` when this edition has no
    /// certificates.
    #[maybe_async]
    pub async fn in_file(
        self,
        call: &CallContext<'_>,
        path: &str,
    ) -> Result<Rc<dyn ClientAuthentication>, Error> {
        let bytes = call.host.read_file(path, MAX_FILE).await.map(Body);
        let bytes =
            bytes.map_err(|error| Error::invalid(self.source, format_args!("{} {error}", self.name)))?;
        self.in_bytes(bytes)
    }
}

#[cfg(feature = "certificates")]
impl CertificateInput<'_> {
    /// The proof by the certificate in these bytes.
    ///
    /// # Errors
    /// As [`in_file`](Self::in_file).
    pub fn in_bytes(self, bytes: Body) -> Result<Rc<dyn ClientAuthentication>, Error> {
        let certificate = Certificate::parse(&bytes.0, self.password.as_ref());
        self.into_authentication(certificate)
    }

    /// The proof by the certificate in a text: PEM, or PKCS#12 in base64.
    ///
    /// # Errors
    /// As [`in_file`](Self::in_file).
    pub fn in_text(self, text: &Secret) -> Result<Rc<dyn ClientAuthentication>, Error> {
        let certificate = Certificate::parse_text(text, self.password.as_ref());
        self.into_authentication(certificate)
    }

    fn into_authentication(
        self,
        certificate: Result<Certificate, CertificateError>,
    ) -> Result<Rc<dyn ClientAuthentication>, Error> {
        let certificate = certificate.map_err(|error| {
            let of_password = matches!(error, CertificateError::NoPassword | CertificateError::WrongPassword);
            let (then, what) = if of_password && !self.password_name.is_empty() {
                ("; check ", self.password_name)
            } else {
                ("", "")
            };
            Error::invalid(self.source, format_args!("{} {error}{then}{what}", self.name))
        })?;
        Ok(Rc::new(CertificateAssertion::new(certificate, self.send_chain)))
    }
}

#[cfg(not(feature = "certificates"))]
impl CertificateInput<'_> {
    /// None.
    ///
    /// # Errors
    /// Always.
    pub fn in_bytes(self, _: Body) -> Result<Rc<dyn ClientAuthentication>, Error> {
        Err(self.none_here())
    }

    /// None.
    ///
    /// # Errors
    /// Always.
    pub fn in_text(self, _: &Secret) -> Result<Rc<dyn ClientAuthentication>, Error> {
        Err(self.none_here())
    }

    fn none_here(self) -> Error {
        Error::other(
            self.source,
            "this edition was built without certificates; use azure-identity.wasm, which has them, or a secret",
        )
    }
}
