//! The parts of a call into which a fault can be injected.

/// A part of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultPoint {
    /// The whole call.
    Call,
    /// One of its requests.
    Request(Address),
    /// A file of the case, by absolute path.
    File(String),
}

/// Identifies a request among those of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Host and port.
    pub authority: String,
    /// The path, without the query.
    pub path: String,
    /// The number of earlier requests to the same authority and path.
    pub after: u32,
    /// The number of earlier requests to any address.
    pub index: usize,
}

impl std::fmt::Display for FaultPoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call => write!(f, "the call"),
            Self::Request(Address { authority, path, after: 0, .. }) => {
                write!(f, "request to {authority}{path}")
            }
            Self::Request(Address { authority, path, after, .. }) => {
                write!(f, "request {} to {authority}{path}", after + 1)
            }
            Self::File(path) => write!(f, "file {path}"),
        }
    }
}
