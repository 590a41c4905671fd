//! The kinds of errors by the names that they have in WIT.

use crate::bindings::ErrorKind;

/// The name of a kind in WIT.
pub fn name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotConfigured => "not-configured",
        ErrorKind::AuthenticationFailed => "authentication-failed",
        ErrorKind::Transient => "transient",
        ErrorKind::InvalidArgument => "invalid-argument",
        ErrorKind::Other => "other",
    }
}
