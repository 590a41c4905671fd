//! The functions of the component, by name.
//!
//! The functions that `bindgen!` generates are tied to one version of the interfaces and to one kind of function,
//! synchronous or async. wasmtime compares component types structurally, so the generated types fit both
//! generations, and one way to call a function serves both.

mod credentials;
mod options;
mod sign_in;

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
        self.find(store, TOKEN_CREDENTIAL, "get-token")
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
        self.find(store, CREDENTIALS, "[method]credential.get-token")
    }

    /// `token-credential.get-token`.
    pub async fn call_token_credential(
        &self,
        store: &mut Store<State>,
        request: &TokenRequest,
    ) -> Result<Outcome<AccessToken>> {
        self.call(store, TOKEN_CREDENTIAL, "get-token", (request,)).await
    }

    fn find<P, R>(&self, store: &mut Store<State>, interface: &str, function: &str) -> Result<TypedFunc<P, R>>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let name = format!("azure:{interface}@{}", self.edition.package_version());
        let found = self.instance.get_export_index(&mut *store, None, &name);
        let found =
            found.and_then(|found| self.instance.get_export_index(&mut *store, Some(&found), function));
        let found = found.with_context(|| format!("{name} has no {function}"))?;
        self.instance.get_typed_func(store, found)
    }

    /// Calls a function with one result.
    async fn call<P, T>(
        &self,
        store: &mut Store<State>,
        interface: &str,
        function: &str,
        arguments: P,
    ) -> Result<T>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        T: Send + Sync + 'static,
        (T,): ComponentNamedList + Lift,
    {
        let found: TypedFunc<P, (T,)> = self.find(store, interface, function)?;
        Ok(found.call_async(store, arguments).await?.0)
    }

    /// Calls a function without a result.
    async fn set<P>(
        &self,
        store: &mut Store<State>,
        interface: &str,
        function: &str,
        arguments: P,
    ) -> Result<()>
    where
        P: ComponentNamedList + Lower + Send + Sync,
    {
        let found: TypedFunc<P, ()> = self.find(store, interface, function)?;
        found.call_async(store, arguments).await
    }
}

/// The result of a function that creates a credential or a flow.
pub type CredentialResult = Outcome<ResourceAny>;

const TOKEN_CREDENTIAL: &str = "identity/token-credential";
const CREDENTIALS: &str = "identity-credentials/credentials";
const SIGN_IN: &str = "identity-credentials/sign-in";
