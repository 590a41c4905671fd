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
}

impl CertificateInput<'_> {
    /// The authentication by the certificate in a file, which is read anew for every request.
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
        let certificate = Certificate::parse(&bytes.0, self.password.as_ref());
        self.into_authentication(certificate)
    }

    /// The authentication by the certificate in a text: PEM, or PKCS#12 in base64.
    ///
    /// # Errors
    /// As [`in_file`](Self::in_file).
    pub fn in_text(self, text: &Secret) -> Result<SharedAuthentication, Error> {
        let certificate = Certificate::parse(text.expose().as_bytes(), self.password.as_ref());
        self.into_authentication(certificate)
    }

    fn into_authentication(
        self,
        certificate: Result<Certificate, CertificateError>,
    ) -> Result<SharedAuthentication, Error> {
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
