//! The reason why there is no token.

use std::fmt;

/// The reason why there is no token. It contains no secret, and may be logged.
///
/// `Display` writes the message; that of a chain has a line for each of its members, as the Azure SDKs write it.
///
/// # Examples
/// ```no_run
/// use azure_identity_guest::{ErrorKind, get_token};
///
/// match get_token(["https://vault.azure.net/.default"]) {
///     Ok(token) => println!("a token of {}", token.source),
///     Err(error) if error.kind == ErrorKind::Transient => println!("later: {error}"),
///     Err(error) => println!("{error}"),
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialError {
    /// The kind of failure, for programs.
    pub kind: ErrorKind,
    /// For people: the source, the failure, and the remedy. Programs must not match on it.
    pub message: String,
    /// The claims challenge that the user must satisfy first, as JSON text; `None`: there is none.
    pub claims: Option<String>,
    /// What the service wrote; `None`: no service responded.
    pub response: Option<ServiceResponse>,
    /// The members that a chain of credentials tried, in order; empty: it was no chain.
    pub attempts: Vec<Attempt>,
    /// Further facts about the failure, by key and value, e.g. `client-request-id`; empty: there are none.
    pub details: Vec<(String, String)>,
}

/// What a service wrote when it refused or failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceResponse {
    /// The HTTP status; 0 for an error that the user's browser brought back from a sign-in.
    pub status: u16,
    /// The OAuth error code, e.g. `invalid_grant` (RFC 6749, section 5.2); `None`: there is none.
    pub error: Option<String>,
    /// Microsoft Entra's refinement of `error`, e.g. `consent_required`; `None`: there is none.
    pub suberror: Option<String>,
    /// The `AADSTS` numbers of Microsoft Entra, for people; empty: there are none.
    pub error_codes: Vec<u32>,
    /// The id by which Microsoft's support finds the request; `None`: the service reported none.
    pub correlation_id: Option<String>,
    /// The id of the response in the service's logs; `None`: the service reported none.
    pub trace_id: Option<String>,
    /// When the service accepts a further request, in seconds from now, rounded up; `None`: it did not say.
    pub retry_after: Option<u32>,
}

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The service refused the request: a wrong secret, an unknown tenant, a challenge to satisfy. The same request fails
    /// again until its cause is removed.
    AuthenticationFailed,
    /// A scope, a tenant or the configuration is malformed or incomplete. Nothing was sent.
    InvalidArgument,
    /// No source is configured.
    NotConfigured,
    /// Any other failure, for example a malformed response or file.
    Other,
    /// The service could not be reached, failed, or is busy. The same request may succeed later.
    Transient,
}

/// A member of a chain of credentials that had no token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// Its name, e.g. `environment`.
    pub source: String,
    /// The kind of its failure.
    pub kind: ErrorKind,
    /// The reason and the remedy, for people.
    pub message: String,
    /// What the service wrote; `None`: no service responded.
    pub response: Option<ServiceResponse>,
}

impl CredentialError {
    /// An error with a kind and a message alone, for the unit tests of an app. The provider makes all others.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_guest::{CredentialError, ErrorKind};
    /// let error = CredentialError::new(ErrorKind::Transient, "the service is busy");
    /// assert_eq!(error.to_string(), "the service is busy");
    /// ```
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let (attempts, details) = (Vec::new(), Vec::new());
        Self { kind, message: message.into(), claims: None, response: None, attempts, details }
    }

    /// The credential's error among an error and its sources, at any depth; `None`: the error has another cause.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_guest::CredentialError;
    /// fn claims<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a str> {
    ///     CredentialError::behind(error)?.claims.as_deref()
    /// }
    /// ```
    pub fn behind<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a CredentialError> {
        std::iter::successors(Some(error), |error| (*error).source()).find_map(|error| error.downcast_ref())
    }

    /// The message, with a line for each member of a chain that it names.
    fn in_lines(&self) -> String {
        let mut text = self.message.clone();
        for Attempt { message, .. } in self.attempts.iter().filter(|_| self.attempts.len() > 1) {
            text = text.replacen(&format!(": {message}"), &format!(":\n\t{message}"), 1);
            text = text.replacen(&format!(" | {message}"), &format!("\n\t{message}"), 1);
        }
        text
    }
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_lines())
    }
}

impl std::error::Error for CredentialError {}

impl ErrorKind {
    /// The name in the interface, e.g. `not-configured`.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_guest::ErrorKind;
    /// assert_eq!(ErrorKind::NotConfigured.name(), "not-configured");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::AuthenticationFailed => "authentication-failed",
            Self::InvalidArgument => "invalid-argument",
            Self::NotConfigured => "not-configured",
            Self::Other => "other",
            Self::Transient => "transient",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(message: &str, attempts: &[&str]) -> String {
        let attempt = |message: &&str| Attempt {
            source: "test".to_owned(),
            kind: ErrorKind::NotConfigured,
            message: (*message).to_owned(),
            response: None,
        };
        let attempts = attempts.iter().map(attempt).collect();
        CredentialError { attempts, ..CredentialError::new(ErrorKind::NotConfigured, message) }.to_string()
    }

    #[test]
    fn a_chains_message_has_a_line_for_each_member_that_it_names() {
        let [one, two, three] = ["one: not set; set it", "two: no login", "three: 400 refused"];
        for (message, attempts, expected) in [
            (
                "default: nothing is configured; tried: one: not set; set it | two: no login",
                &[one, two][..],
                "default: nothing is configured; tried:\n\tone: not set; set it\n\ttwo: no login",
            ),
            (
                "default: each failed: two: no login | three: 400 refused",
                &[one, two, three],
                "default: each failed:\n\ttwo: no login\n\tthree: 400 refused",
            ),
            (three, &[one, two, three], three),
            ("chain: tried: one: not set; set it", &[one], "chain: tried: one: not set; set it"),
            (three, &[], three),
        ] {
            assert_eq!(chain(message, attempts), expected);
        }
    }
}
