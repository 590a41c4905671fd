//! The functions of the component, by name.
//!
//! The functions that `bindgen!` generates are tied to one version of the interfaces and to one kind of function,
//! synchronous or async. wasmtime compares component types structurally, so the generated types fit both
//! generations, and one way to call a function serves both.

use crate::bindings::credentials::{
    Assertion, AuthorizationCodeOptions, AzureCliOptions, Certificate, ClientAuthentication, ClientOptions,
    DefaultChainOptions, SharedTokenCacheOptions, UserAssigned, WorkloadIdentityOptions,
};
use crate::bindings::{AccessToken, CredentialError, TokenRequest};
use crate::edition::Edition;
use crate::environment::State;
use wasmtime::component::{ComponentNamedList, Instance, Lift, Lower, ResourceAny, TypedFunc};
use wasmtime::{Result, Store, error::Context};

/// The functions of an instance.
#[derive(Clone, Copy)]
pub struct Functions {
    instance: Instance,
    edition: Edition,
}

/// The result of a function that may fail.
type Outcome<T> = Result<T, CredentialError>;

impl Functions {
    /// The functions of `instance`, which is of this edition.
    pub fn new(instance: Instance, edition: Edition) -> Self {
        Self { instance, edition }
    }

    /// The edition of the instance.
    pub fn edition(&self) -> Edition {
        self.edition
    }

    /// `token-credential.get-token`, for concurrent calls.
    ///
    /// # Errors
    /// When the component exports no such function.
    pub fn get_token(
        &self,
        store: &mut Store<State>,
    ) -> Result<TypedFunc<(TokenRequest,), (Outcome<AccessToken>,)>> {
        self.find(store, "token-credential", "get-token")
    }

    /// `credential.get-token`, for concurrent calls.
    ///
    /// # Errors
    /// When the component exports no such function.
    #[expect(clippy::type_complexity, reason = "the type that wasmtime requires")]
    pub fn get_token_of(
        &self,
        store: &mut Store<State>,
    ) -> Result<TypedFunc<(ResourceAny, TokenRequest), (Outcome<AccessToken>,)>> {
        self.find(store, "credentials", "[method]credential.get-token")
    }

    /// The methods of `credential`.
    pub fn credential(&self) -> &Self {
        self
    }

    /// The methods of `authorization-code-flow`.
    pub fn authorization_code_flow(&self) -> &Self {
        self
    }

    /// The methods of `device-code-flow`.
    pub fn device_code_flow(&self) -> &Self {
        self
    }

    fn find<P, R>(&self, store: &mut Store<State>, interface: &str, function: &str) -> Result<TypedFunc<P, R>>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let name = format!("azure:identity/{interface}@{}", self.edition.package_version());
        let found = self.instance.get_export_index(&mut *store, None, &name);
        let found =
            found.and_then(|found| self.instance.get_export_index(&mut *store, Some(&found), function));
        let found = found.with_context(|| format!("{name} has no {function}"))?;
        self.instance.get_typed_func(store, found)
    }

    async fn call<P, T>(&self, store: &mut Store<State>, function: &str, arguments: P) -> Result<T>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        T: Send + Sync + 'static,
        (T,): ComponentNamedList + Lift,
    {
        let interface = if function == "get-token" { "token-credential" } else { "credentials" };
        let found: TypedFunc<P, (T,)> = self.find(store, interface, function)?;
        Ok(found.call_async(store, arguments).await?.0)
    }
}

/// Defines a method for each function, under the name that `bindgen!` would generate.
macro_rules! functions {
    ($($method:ident = $name:literal ($($parameter:ident: $ty:ty),*) -> $result:ty;)*) => {
        #[allow(missing_docs, clippy::too_many_arguments, reason = "wit/0.2/credentials.wit documents the functions")]
        impl Functions {
            $(pub async fn $method(&self, store: &mut Store<State>, $($parameter: $ty),*) -> Result<$result> {
                self.call(store, $name, ($($parameter,)*)).await
            })*
        }
    };
}

/// The result of a function that creates a credential or a flow.
pub type CredentialResult = Outcome<ResourceAny>;

functions! {
    call_token_credential = "get-token"(request: &TokenRequest) -> Outcome<AccessToken>;
    call_get_token = "[method]credential.get-token"(credential: ResourceAny, request: &TokenRequest)
        -> Outcome<AccessToken>;
    call_client_secret = "client-secret"(tenant: &str, client: &str, secret: &str, options: &ClientOptions)
        -> CredentialResult;
    call_client_certificate = "client-certificate"(
        tenant: &str, client: &str, certificate: &Certificate, options: &ClientOptions) -> CredentialResult;
    call_client_assertion = "client-assertion"(
        tenant: &str, client: &str, assertion: &Assertion, options: &ClientOptions) -> CredentialResult;
    call_workload_identity = "workload-identity"(options: &WorkloadIdentityOptions) -> CredentialResult;
    call_managed_identity = "managed-identity"(identity: Option<&UserAssigned>) -> CredentialResult;
    call_azure_cli = "azure-cli"(options: &AzureCliOptions) -> CredentialResult;
    call_shared_token_cache = "shared-token-cache"(options: &SharedTokenCacheOptions) -> CredentialResult;
    call_on_behalf_of = "on-behalf-of"(
        tenant: &str, client: &str, authentication: &ClientAuthentication, user: &str, options: &ClientOptions) -> CredentialResult;
    call_begin_authorization_code = "begin-authorization-code"(
        options: &AuthorizationCodeOptions, scopes: &[String]) -> CredentialResult;
    call_authorization_code = "authorization-code"(
        options: &AuthorizationCodeOptions, code: &str, verifier: Option<&str>) -> CredentialResult;
    call_url = "[method]authorization-code-flow.url"(flow: ResourceAny) -> String;
    call_state = "[method]authorization-code-flow.state"(flow: ResourceAny) -> String;
    call_code_verifier = "[method]authorization-code-flow.code-verifier"(flow: ResourceAny) -> String;
    call_redeem = "[method]authorization-code-flow.redeem"(flow: ResourceAny, code: &str, state: &str) -> CredentialResult;
    call_device_code = "device-code"(tenant: &str, client: &str, scopes: &[String], options: &ClientOptions)
        -> CredentialResult;
    call_user_code = "[method]device-code-flow.user-code"(flow: ResourceAny) -> String;
    call_verification_uri = "[method]device-code-flow.verification-uri"(flow: ResourceAny) -> String;
    call_message = "[method]device-code-flow.message"(flow: ResourceAny) -> String;
    call_expires_on = "[method]device-code-flow.expires-on"(flow: ResourceAny) -> u64;
    call_poll = "[method]device-code-flow.poll"(flow: ResourceAny) -> Outcome<Option<ResourceAny>>;
    call_wait = "[method]device-code-flow.wait"(flow: ResourceAny) -> CredentialResult;
    call_username_password = "username-password"(
        tenant: &str, client: &str, username: &str, password: &str, options: &ClientOptions) -> CredentialResult;
    call_azure_pipelines = "azure-pipelines"(
        tenant: &str, client: &str, connection: &str, token: &str, options: &ClientOptions) -> CredentialResult;
    call_environment = "environment"() -> ResourceAny;
    call_default_chain = "default-chain"(options: &DefaultChainOptions) -> CredentialResult;
    call_chain = "chain"(credentials: &[ResourceAny]) -> CredentialResult;
}
