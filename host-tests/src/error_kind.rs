//! The kinds of errors by the names that they have in WIT.

use crate::bindings::ErrorKind;

/// The name of a kind in WIT.
pub fn name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Rejected => "rejected",
        ErrorKind::Unreachable => "unreachable",
        ErrorKind::InvalidRequest => "invalid-request",
        ErrorKind::Other => "other",
    }
}
