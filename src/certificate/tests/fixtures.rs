//! The files of the tests.

use crate::certificate::{Certificate, CertificateError};
use crate::prelude::*;
use crate::token::Secret;

/// Of the files in the folder that have one.
pub const PASSWORD: &str = "p4ss~wörd&x";

/// A file of `host-tests/fixtures/certificates`; `make.sh` there says how each was made.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/host-tests/fixtures/certificates/{name}", env!("CARGO_MANIFEST_DIR"));
    #[expect(clippy::disallowed_methods, reason = "a test's own file")]
    std::fs::read(path).expect("a fixture")
}

/// Reads a file of the folder.
pub fn parse(name: &str, password: Option<&str>) -> Result<Certificate, CertificateError> {
    Certificate::parse(&fixture(name), password.map(Secret::from).as_ref())
}
