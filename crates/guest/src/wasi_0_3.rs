//! For components of WASI 0.3: the asynchronous function, which lets other tasks of the component run while it waits.
//!
//! The types are those of the crate's root. Compose such a component with `azure-identity-0.3.wasm`. A component may use both
//! generations, and then needs both editions of the provider.

use crate::bindings::wasi_0_3::azure::identity::token_credential;
use crate::error::CredentialError;
use crate::request::TokenRequest;
use crate::token::AccessToken;

/// Returns a token for these scopes, or for a [`TokenRequest`] with more than scopes.
///
/// Waits two minutes at most. Concurrent calls for the same token share one request, and calls for different tokens do not
/// wait for each other. The provider caches and renews tokens and repeats requests that failed, so an app calls this each
/// time it needs a token. Dropping the future cancels the call, but not the request that others share.
///
/// It needs the executor of `wit-bindgen`, which runs the exported asynchronous functions of a component.
///
/// # Errors
/// When the provider has no token, or one that is no bearer token.
///
/// # Panics
/// On a target that is no component.
///
/// # Examples
/// ```no_run
/// use azure_identity_guest::{CredentialError, wasi_0_3::get_token};
///
/// # async fn run() -> Result<(), CredentialError> {
/// let token = get_token(["https://vault.azure.net/.default"]).await?;
/// println!("{}, until {}", token.source, token.expires_on); // never print token.secret()
/// # Ok(())
/// # }
/// ```
pub async fn get_token(request: impl Into<TokenRequest>) -> Result<AccessToken, CredentialError> {
    token_credential::get_token(request.into().into()).await?.try_into()
}
