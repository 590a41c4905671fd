//! The exports of the component, and the conversion between its WIT types and those of the core. No other
//! file names the WIT types. `token-credential` is here, the explicit credentials are in `credentials.rs`.

#![expect(unsafe_code, reason = "what `generate!` and `export!` write")]

mod arguments;
mod credentials;
mod flows;

use crate::credential::Credential;
use crate::error::{Error, ErrorKind};
use crate::host::Host;
#[cfg(not(feature = "wasi-0-3"))]
use crate::host::wasi::Wasi;
#[cfg(feature = "wasi-0-3")]
use crate::host::wasi3::Wasi;
use crate::prelude::*;
use crate::request::{RawRequest, TokenRequest};
use crate::sources::default::{self, DefaultChain};
use alloc::rc::Rc;
use azure::identity::types;
use core::cell::Cell;
use exports::azure::identity::token_credential;

#[cfg(not(feature = "wasi-0-3"))]
wit_bindgen::generate!({ path: "wit/0.2", world: "provider" });
#[cfg(feature = "wasi-0-3")]
wit_bindgen::generate!({ path: "wit/0.3", world: "provider" });

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
    };
    let token = credential.get_token(host(), TokenRequest::parse(raw)?).await?;
    Ok(types::AccessToken {
        token: token.token.into_exposed(),
        token_type: token.token_type,
        expires_on: token.expires_on,
        refresh_on: token.refresh_on,
        source: token.source.to_owned(),
    })
}

impl From<Error> for types::CredentialError {
    fn from(error: Error) -> Self {
        let error = error.into_details();
        let error_codes = error.error_codes().to_vec();
        let attempt = |attempt: crate::error::Attempt| types::Attempt {
            source: attempt.source.to_owned(),
            kind: attempt.kind.into(),
            message: attempt.message,
        };
        Self {
            kind: error.kind.into(),
            message: error.message,
            error_codes,
            claims: error.claims,
            attempts: error.attempts.into_iter().map(attempt).collect(),
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
