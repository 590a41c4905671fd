//! The exports of the component, and the conversion between its WIT types and those of the core. No other
//! file names the WIT types. `token-credential` is here, the explicit credentials are in `credentials.rs`.

#![expect(unsafe_code, reason = "what `generate!` and `export!` write")]

mod arguments;
mod builder;
mod credentials;

mod sign_in;

use crate::credential::Credential;
use crate::error::{Error, ErrorKind};
use crate::host::Host;
#[cfg(not(feature = "wasi-0-3"))]
use crate::host::wasi::Wasi;
#[cfg(feature = "wasi-0-3")]
use crate::host::wasi3::Wasi;
use crate::prelude::*;
use crate::request::{RawRequest, TokenRequest};
use crate::service_response::ServiceResponse;
use crate::sources::default::{self, DefaultChain};
use crate::token::AccessToken;
use alloc::rc::Rc;
use azure::identity::types;
use core::cell::Cell;
use exports::azure::identity::token_credential;

#[cfg(not(feature = "wasi-0-3"))]
wit_bindgen::generate!({
    path: ["wit/0.2", "wit/0.2/credentials"],
    world: "azure:identity-credentials/provider",
    generate_all,
});
#[cfg(feature = "wasi-0-3")]
wit_bindgen::generate!({
    path: ["wit/0.3", "wit/0.3/credentials"],
    world: "azure:identity-credentials/provider",
    generate_all,
});

struct Component;
export!(Component);

static INSTANCE: Instance = Instance(Cell::new(None));

/// What lives as long as the instance.
struct Shared {
    host: Wasi,
    default: Credential,
}

struct Instance(Cell<Option<&'static Shared>>);

// SAFETY: an instance has one thread.
unsafe impl Send for Instance {}
unsafe impl Sync for Instance {}

/// The shared state, made at the first call. A `LazyCell` can panic, and the code for that is in the
/// component.
fn shared() -> &'static Shared {
    INSTANCE.0.get().unwrap_or_else(|| {
        let source = Rc::new(DefaultChain::new(default::Options::default()));
        let shared = Box::leak(Box::new(Shared { host: Wasi::new(host), default: Credential::new(source) }));
        INSTANCE.0.set(Some(shared));
        shared
    })
}

/// The host of the instance.
pub fn host() -> &'static dyn Host {
    &shared().host
}

impl token_credential::Guest for Component {
    #[maybe_async]
    async fn get_token(request: types::TokenRequest) -> Result<types::AccessToken, types::CredentialError> {
        get_token(&shared().default, request).await
    }
}

#[maybe_async]
async fn get_token(
    credential: &Credential,
    request: types::TokenRequest,
) -> Result<types::AccessToken, types::CredentialError> {
    let raw = RawRequest {
        scopes: request.scopes,
        tenant_id: request.tenant_id,
        claims: request.claims,
        enable_cae: request.enable_cae,
        options: request.options,
    };
    let (token, details) = match credential.get_spelled(host(), &raw) {
        Some(token) => (token, Vec::new()),
        None => {
            let request = TokenRequest::parse(raw)?;
            let include_details = request.include_details();
            let token = credential.get_token(host(), request).await?;
            let details = if include_details { details(&token) } else { Vec::new() };
            (token, details)
        }
    };
    Ok(types::AccessToken {
        token: token.token.into_exposed(),
        token_type: token.token_type,
        expires_on: token.expires_on,
        refresh_on: token.refresh_on,
        source: token.source.to_owned(),
        details,
    })
}

/// The facts about a token, by the keys of `access-token.details`.
fn details(token: &AccessToken) -> Vec<(String, String)> {
    let from_cache = if token.from_cache { "true" } else { "false" };
    let mut pairs = token.details.pairs();
    pairs.push(("from-cache", from_cache));
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

impl From<Error> for types::CredentialError {
    fn from(error: Error) -> Self {
        let error = error.into_details();
        let id = error.client_request_id.map(|id| ("client-request-id".to_owned(), id));
        let details = id.into_iter().collect();
        let attempt = |attempt: crate::error::Attempt| types::Attempt {
            source: attempt.source.to_owned(),
            kind: attempt.kind.into(),
            message: attempt.message,
            response: attempt.response.map(Into::into),
        };
        Self {
            kind: error.kind.into(),
            message: error.message,
            claims: error.claims,
            response: error.response.map(Into::into),
            details,
            attempts: error.attempts.into_iter().map(attempt).collect(),
        }
    }
}

impl From<ServiceResponse> for types::ServiceResponse {
    fn from(response: ServiceResponse) -> Self {
        Self {
            status: response.status,
            error: response.error,
            suberror: response.suberror,
            error_codes: response.error_codes,
            correlation_id: response.correlation_id,
            trace_id: response.trace_id,
            retry_after: response.retry_after,
        }
    }
}

impl From<ErrorKind> for types::ErrorKind {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidArgument => Self::InvalidArgument,
            ErrorKind::Other => Self::Other,
            ErrorKind::AuthenticationFailed => Self::AuthenticationFailed,
            ErrorKind::NotConfigured => Self::NotConfigured,
            ErrorKind::Transient => Self::Transient,
        }
    }
}
