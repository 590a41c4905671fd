//! The encodings of a password.

use super::error::CertificateError;
use crate::prelude::*;

/// A password in both of its encodings.
pub struct Password {
    /// For PBES2 and PBMAC1: as it is, in UTF-8.
    pub text: Vec<u8>,
    /// For PKCS#12: UTF-16, big-endian, with a terminating zero.
    pub wide: Vec<u8>,
}

impl Password {
    /// Encodes a password; none is the same as an empty one.
    pub fn new(password: Option<&str>) -> Self {
        let password = password.unwrap_or_default();
        let units = password.encode_utf16().chain([0]);
        let mut wide = Vec::with_capacity(units.clone().count().saturating_mul(2));
        units.for_each(|unit| wide.extend_from_slice(&unit.to_be_bytes()));
        Self { text: password.into(), wide }
    }

    /// Whether the user set none.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The error of a file that it does not open.
    pub fn refusal(&self) -> CertificateError {
        if self.is_empty() { CertificateError::NoPassword } else { CertificateError::WrongPassword }
    }
}
