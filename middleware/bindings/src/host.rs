//! The host and the provider of an instance. No other file names WASI.

use crate::bindings::azure::identity::token_credential;
use crate::{AccessToken, CredentialError, TokenRequest, maybe_async};
use alloc::string::String;

#[cfg(feature = "wasi-0-3")]
use crate::bindings::wasi::cli::environment::get_environment;
#[cfg(not(feature = "wasi-0-3"))]
use wasi::cli::environment::get_environment;

/// The value of an environment variable; `None`: it is not set, or blank.
pub fn variable(name: &str) -> Option<String> {
    let found = get_environment().into_iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value).filter(|value| !value.trim().is_empty())
}

/// Calls the provider with which the middleware is composed.
///
/// # Errors
/// The provider's.
#[maybe_async]
pub async fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
    #[cfg(feature = "wasi-0-3")]
    return token_credential::get_token(request).await;
    #[cfg(not(feature = "wasi-0-3"))]
    token_credential::get_token(&request)
}
