//! Why rules are refused.

use azure_http_auth_rules::settings::SettingsError;

/// Why rules are refused. The message names the line and the column of a malformed rule, and holds no secret.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct HttpAuthError {
    what: String,
}

impl HttpAuthError {
    pub(super) fn new(error: SettingsError) -> Self {
        Self { what: error.to_string() }
    }
}
