//! What rules look at in a request.

use crate::headers::Header;
use crate::target::request_target::Target;

/// The parts of a request that rules look at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The method, e.g. `GET`.
    pub method: &'a str,
    /// The target.
    pub target: &'a Target,
    /// The headers.
    pub headers: &'a [Header],
}
