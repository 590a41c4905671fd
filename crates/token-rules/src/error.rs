//! The error record: the kind of a failure for programs, a sentence for people, and what a service gave besides.

use crate::text::cleaned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Why there is no token. Holds no secret, and may be logged.
///
/// `Source` is the type of the names of sources: `&'static str` where they are constants, `String` where they came
/// from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorRecord<Source = String> {
    /// The kind of failure; decides whether a chain continues.
    pub kind: ErrorKind,
    /// `source: what happened; what to do`: one sentence and one line, lower case, without a final stop.
    pub message: String,
    /// The claims challenge that must be satisfied first, as JSON text; `None`: there is none.
    pub claims: Option<String>,
    /// What the service wrote; `None`: no service responded.
    pub response: Option<ServiceResponse>,
    /// The id that the client gave to its request; `None`: no request with an id was sent.
    pub client_request_id: Option<String>,
    /// The members of a chain that were tried, in order, the last one included; empty: it was not a chain.
    pub attempts: Vec<Attempt<Source>>,
}

/// What a service wrote when it refused or failed. Holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceResponse {
    /// The HTTP status.
    pub status: u16,
    /// The OAuth error code, e.g. `authorization_pending`; `None`: the service gave none.
    pub error: Option<String>,
    /// Microsoft Entra's refinement of `error`, e.g. `consent_required`; `None`: the service gave none.
    pub suberror: Option<String>,
    /// The `AADSTS` numbers of Microsoft Entra; empty: none.
    pub error_codes: Vec<u32>,
    /// The id by which Microsoft's support finds the request; `None`: the service gave none.
    pub correlation_id: Option<String>,
    /// The id of the response in the service's logs; `None`: the service gave none.
    pub trace_id: Option<String>,
    /// When the service accepts a further request, in seconds from now, rounded up; `None`: it did not say.
    pub retry_after: Option<u32>,
}

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The service refused. The same request fails again until its cause is removed.
    AuthenticationFailed,
    /// The request or the configuration is malformed or impossible; nothing was sent.
    InvalidArgument,
    /// Nothing is configured here. The only kind after which a chain continues.
    NotConfigured,
    /// Anything else, for example a response that makes no sense.
    Other,
    /// A service could not be reached, or failed, or took too long. The same request may succeed later.
    Transient,
}

/// One member of a chain that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt<Source = String> {
    /// The member's name, e.g. `environment`.
    pub source: Source,
    /// The kind of its failure.
    pub kind: ErrorKind,
    /// Why it failed, and what to do about it.
    pub message: String,
    /// What the service wrote; `None`: no service responded.
    pub response: Option<ServiceResponse>,
}

impl<Source> ErrorRecord<Source> {
    /// A record of `kind`, whose message is [`message`]`(source, what)`.
    pub fn new(kind: ErrorKind, source: &str, what: &dyn fmt::Display) -> Self {
        let message = message(source, what);
        Self { kind, message, claims: None, response: None, client_request_id: None, attempts: Vec::new() }
    }

    /// The OAuth error code of the response, e.g. `invalid_grant`; `None`: there is none.
    pub fn oauth_error(&self) -> Option<&str> {
        self.response.as_ref()?.error.as_deref()
    }

    /// The `AADSTS` numbers of the response; empty: none.
    pub fn error_codes(&self) -> &[u32] {
        self.response.as_ref().map_or(&[], |response| &response.error_codes)
    }
}

/// The message of an error: `source: what`, in one line.
///
/// Paths and names that come from outside stand in messages, [`cleaned`].
pub fn message(source: &str, what: &dyn fmt::Display) -> String {
    let message = format!("{source}: {what}");
    if message.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return message;
    }
    cleaned(&message)
}

impl<Source> fmt::Display for ErrorRecord<Source> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<Source: fmt::Debug> core::error::Error for ErrorRecord<Source> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_without_control_characters() {
        let what = "/home/\r\n\u{1b}[31m/\u{202e}ä\u{2028}does not exist\u{85}";
        assert_eq!(message("test", &what), "test: /home/   [31m/ä does not exist ");
    }
}
