//! The function of WASI 0.2.

use crate::bindings::wasi_0_2::azure::identity::token_credential;
use crate::error::CredentialError;
use crate::request::TokenRequest;
use crate::token::AccessToken;

/// Returns a token for these scopes, or for a [`TokenRequest`] with more than scopes.
///
/// Blocks the component until the provider returns, two minutes at most. The provider caches and renews tokens and repeats
/// requests that failed, so an app calls this each time it needs a token. In a component for WASI 0.3 the function of that
/// name in `wasi_0_3` lets other tasks run meanwhile.
///
/// # Errors
/// When the provider has no token, or one that is no bearer token.
///
/// # Panics
/// On a target that is no component.
///
/// # Examples
/// ```no_run
/// use azure_identity_guest::{CredentialError, TokenRequest, get_token};
///
/// # fn run() -> Result<(), CredentialError> {
/// let token = get_token(["https://vault.azure.net/.default"])?;
/// println!("{}, until {}", token.source, token.expires_on); // never print token.secret()
///
/// let elsewhere = TokenRequest::new(["https://vault.azure.net/.default"]).tenant_id("contoso.com");
/// let token = get_token(elsewhere)?;
/// # Ok(())
/// # }
/// ```
pub fn get_token(request: impl Into<TokenRequest>) -> Result<AccessToken, CredentialError> {
    token_credential::get_token(&request.into().into())?.try_into()
}
