//! The encodings of a password.

use crate::prelude::*;

/// A password in both of its encodings.
pub struct Password {
    /// For PBES2: as it is, in UTF-8; `None`: there is none.
    pub text: Option<Vec<u8>>,
    /// For PKCS#12: UTF-16, big-endian, with a terminating zero.
    pub wide: Vec<u8>,
}

impl Password {
    /// Encodes a password.
    pub fn new(password: Option<&str>) -> Self {
        let units = password.unwrap_or_default().encode_utf16().chain([0]);
        let mut wide = Vec::with_capacity(units.clone().count().saturating_mul(2));
        units.for_each(|unit| wide.extend_from_slice(&unit.to_be_bytes()));
        Self { text: password.map(|password| password.into()), wide }
    }
}
