//! Our WIT types, and the two interfaces the component exports. The one file that names them.

#![expect(unsafe_code, reason = "what `generate!` and `export!` write")]

use crate::call::run;
use crate::chain::Chain;
use crate::credential::Credential;
use crate::entra::{self, Client};
use crate::error::{Error, ErrorKind};
use crate::host::wasi::Wasi;
use crate::http::Url;
use crate::prelude::*;
use crate::request::{RawRequest, check_tenant};
use crate::sources::Source;
use crate::sources::azure_cli::{self, AzureCli};
use crate::sources::client_secret::ClientSecret;
use crate::sources::default::{self, DefaultChain};
use crate::sources::environment::Environment;
use crate::sources::managed_identity::{self, ManagedIdentity};
use crate::token::Secret;
use alloc::rc::Rc;
use azure::identity::types;
use core::cell::LazyCell;
use exports::azure::identity::{credentials as wit, token_credential};

wit_bindgen::generate!({ path: "wit", world: "provider" });

struct Component;
export!(Component);

static INSTANCE: Instance = Instance(LazyCell::new(|| Shared {
    host: Wasi::default(),
    default: Credential::new(Rc::new(DefaultChain::new(default::Options::default()))),
}));

/// What lives as long as the instance.
struct Shared {
    host: Wasi,
    default: Credential,
}

struct Instance(LazyCell<Shared>);

// An instance has one thread, so nothing is ever shared between two.
unsafe impl Send for Instance {}
unsafe impl Sync for Instance {}

impl token_credential::Guest for Component {
    fn get_token(request: types::TokenRequest) -> Result<types::AccessToken, types::CredentialError> {
        get_token(&INSTANCE.0.default, request)
    }
}

impl wit::GuestCredential for Credential {
    fn get_token(&self, request: types::TokenRequest) -> Result<types::AccessToken, types::CredentialError> {
        get_token(self, request)
    }
}

impl wit::Guest for Component {
    type Credential = Credential;
    type AuthorizationCodeFlow = NotYet;
    type DeviceCodeFlow = NotYet;

    fn client_secret(
        tenant_id: String,
        client_id: String,
        client_secret: String,
        options: wit::ClientOptions,
    ) -> Made {
        let secret = Secret::from(client_secret);
        made(
            client("client-secret", tenant_id, client_id, options)
                .and_then(|client| ClientSecret::new(client, secret, "client-secret")),
        )
    }

    fn managed_identity(identity: Option<wit::UserAssigned>) -> Made {
        made(identity.map(user_assigned).transpose().map(ManagedIdentity::new))
    }

    fn azure_cli(options: wit::AzureCliOptions) -> Made {
        let tenant_id = options.tenant_id.filter(|tenant| !tenant.trim().is_empty());
        let checked = tenant_id.as_deref().map_or(Ok(()), check_tenant);
        let checked = checked.map_err(|what| Error::invalid("azure-cli", format_args!("tenant-id {what}")));
        made(checked.map(|()| {
            AzureCli::new(azure_cli::Options {
                tenant_id,
                subscription: options.subscription.filter(|subscription| !subscription.trim().is_empty()),
                allowed_tenants: options.additionally_allowed_tenants,
            })
        }))
    }

    fn environment() -> wit::Credential {
        wit::Credential::new(Credential::new(Rc::new(Environment)))
    }

    fn default_chain(options: wit::DefaultChainOptions) -> Made {
        let identity = options.managed_identity.map(user_assigned).transpose();
        made(identity.and_then(|managed_identity| {
            let chain = DefaultChain::new(default::Options {
                exclude: options.exclude,
                managed_identity,
                allowed_tenants: options.additionally_allowed_tenants,
            });
            chain.prepare(&INSTANCE.0.host)?;
            Ok(chain)
        }))
    }

    fn chain(credentials: Vec<wit::Credential>) -> Made {
        let sources: Vec<_> = credentials
            .into_iter()
            .map(|credential| credential.into_inner::<Credential>().into_source())
            .collect();
        let checked = if sources.is_empty() {
            Err(Error::invalid("chain", "credentials is empty; hand over at least one"))
        } else {
            Ok(())
        };
        made(checked.map(|()| Chain::new("chain", sources)))
    }

    fn client_certificate(_: String, _: String, _: wit::Certificate, _: wit::ClientOptions) -> Made {
        not_yet("client-certificate")
    }

    fn client_assertion(_: String, _: String, _: wit::Assertion, _: wit::ClientOptions) -> Made {
        not_yet("client-assertion")
    }

    fn workload_identity(_: wit::WorkloadIdentityOptions) -> Made {
        not_yet("workload-identity")
    }

    fn shared_token_cache(_: wit::SharedTokenCacheOptions) -> Made {
        not_yet("shared-token-cache")
    }

    fn on_behalf_of(
        _: String,
        _: String,
        _: wit::ClientAuthentication,
        _: String,
        _: wit::ClientOptions,
    ) -> Made {
        not_yet("on-behalf-of")
    }

    fn begin_authorization_code(
        _: wit::AuthorizationCodeOptions,
        _: Vec<String>,
    ) -> Result<wit::AuthorizationCodeFlow, types::CredentialError> {
        not_yet("authorization-code")
    }

    fn authorization_code(_: wit::AuthorizationCodeOptions, _: String, _: Option<String>) -> Made {
        not_yet("authorization-code")
    }

    fn device_code(
        _: String,
        _: String,
        _: Vec<String>,
        _: wit::ClientOptions,
    ) -> Result<wit::DeviceCodeFlow, types::CredentialError> {
        not_yet("device-code")
    }

    fn username_password(_: String, _: String, _: String, _: String, _: wit::ClientOptions) -> Made {
        not_yet("username-password")
    }

    fn azure_pipelines(_: String, _: String, _: String, _: String, _: wit::ClientOptions) -> Made {
        not_yet("azure-pipelines")
    }
}

/// A flow that cannot be begun, so no handle of it exists and none of its functions can be called.
pub enum NotYet {}

impl wit::GuestAuthorizationCodeFlow for NotYet {
    fn url(&self) -> String {
        match *self {}
    }

    fn state(&self) -> String {
        match *self {}
    }

    fn code_verifier(&self) -> String {
        match *self {}
    }

    fn redeem(&self, _: String, _: String) -> Made {
        match *self {}
    }
}

impl wit::GuestDeviceCodeFlow for NotYet {
    fn user_code(&self) -> String {
        match *self {}
    }

    fn verification_uri(&self) -> String {
        match *self {}
    }

    fn message(&self) -> String {
        match *self {}
    }

    fn expires_on(&self) -> u64 {
        match *self {}
    }

    fn poll(&self) -> Result<Option<wit::Credential>, types::CredentialError> {
        match *self {}
    }

    fn wait(&self) -> Made {
        match *self {}
    }
}

type Made = Result<wit::Credential, types::CredentialError>;

fn made(source: Result<impl Source + 'static, Error>) -> Made {
    match source {
        Ok(source) => Ok(wit::Credential::new(Credential::new(Rc::new(source)))),
        Err(error) => Err(error.into()),
    }
}

fn not_yet<T>(kind: &str) -> Result<T, types::CredentialError> {
    Err(Error::other(kind, "this credential is not implemented yet; the README lists those that are").into())
}

fn get_token(
    credential: &Credential,
    request: types::TokenRequest,
) -> Result<types::AccessToken, types::CredentialError> {
    let raw = RawRequest {
        scopes: request.scopes,
        tenant_id: request.tenant_id,
        claims: request.claims,
        enable_cae: request.enable_cae,
    };
    let token = run(credential.get_token(&INSTANCE.0.host, raw))?;
    Ok(types::AccessToken {
        token: token.token.into_exposed(),
        token_type: token.token_type,
        expires_on: token.expires_on,
        refresh_on: token.refresh_on,
        source: token.source.to_owned(),
    })
}

fn client(
    source: &'static str,
    tenant_id: String,
    client_id: String,
    options: wit::ClientOptions,
) -> Result<Client, Error> {
    entra::check_ids(source, ("tenant-id", "client-id"), &tenant_id, &client_id)?;
    let authority = match options.authority.filter(|authority| !authority.trim().is_empty()) {
        Some(authority) => Url::parse_authority(&authority)
            .map_err(|error| Error::invalid(source, format_args!("authority {error}")))?,
        None => entra::authority_of_environment(&INSTANCE.0.host, source)?,
    };
    if options.region.is_some_and(|region| !region.trim().is_empty()) {
        return Err(Error::other(source, "regional endpoints are not implemented yet; leave region out"));
    }
    Ok(Client {
        source,
        authority,
        tenant_id,
        client_id,
        allowed_tenants: options.additionally_allowed_tenants,
    })
}

fn user_assigned(identity: wit::UserAssigned) -> Result<managed_identity::UserAssigned, Error> {
    match identity {
        wit::UserAssigned::ClientId(id) => managed_identity::UserAssigned::ClientId(id),
        wit::UserAssigned::ObjectId(id) => managed_identity::UserAssigned::ObjectId(id),
        wit::UserAssigned::ResourceId(id) => managed_identity::UserAssigned::ResourceId(id),
    }
    .parse()
}

impl From<Error> for types::CredentialError {
    fn from(error: Error) -> Self {
        let attempt = |attempt: crate::error::Attempt| types::Attempt {
            source: attempt.source.to_owned(),
            kind: attempt.kind.into(),
            message: attempt.message,
        };
        Self {
            kind: error.kind.into(),
            message: error.message,
            error_codes: error.error_codes,
            claims: error.claims,
            attempts: error.attempts.into_iter().map(attempt).collect(),
        }
    }
}

impl From<ErrorKind> for types::ErrorKind {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidRequest => Self::InvalidRequest,
            ErrorKind::Other => Self::Other,
            ErrorKind::Rejected => Self::Rejected,
            ErrorKind::Unavailable => Self::Unavailable,
            ErrorKind::Unreachable => Self::Unreachable,
        }
    }
}
