//! The functions of the interface `sign-in`.

use super::options::Creator;
use super::{CredentialResult, Functions, Outcome, SIGN_IN};
use crate::arguments::{App, Client, SignInOptions};
use crate::environment::State;
use wasmtime::component::ResourceAny;
use wasmtime::{Result, Store};

#[expect(missing_docs, reason = "wit/0.2/credentials documents the functions")]
impl Functions {
    pub async fn call_begin_authorization_code(
        &self,
        store: &mut Store<State>,
        app: &App,
        scopes: &[String],
        sign_in: &SignInOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let builder = creator.sign_in(&app.client, scopes, sign_in).await?;
        let authentication = match &app.authentication {
            Some(authentication) => Some(creator.authentication(authentication).await?),
            None => None,
        };
        creator.set(&builder, "authentication", authentication).await?;
        creator.call(&builder, "begin-authorization-code", (app.redirect_uri.as_str(),)).await
    }

    pub async fn call_begin_device_code(
        &self,
        store: &mut Store<State>,
        client: &Client,
        scopes: &[String],
        sign_in: &SignInOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let builder = creator.sign_in(client, scopes, sign_in).await?;
        creator.call(&builder, "begin-device-code", ()).await
    }

    pub async fn call_url(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<String> {
        self.call(store, SIGN_IN, "[method]authorization-code-flow.url", (flow,)).await
    }

    pub async fn call_state(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<String> {
        self.call(store, SIGN_IN, "[method]authorization-code-flow.state", (flow,)).await
    }

    pub async fn call_code_verifier(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<String> {
        self.call(store, SIGN_IN, "[method]authorization-code-flow.code-verifier", (flow,)).await
    }

    pub async fn call_redeem(
        &self,
        store: &mut Store<State>,
        flow: ResourceAny,
        redirect: &str,
    ) -> Result<CredentialResult> {
        let arguments = (flow, redirect);
        self.call(store, SIGN_IN, "[method]authorization-code-flow.redeem", arguments).await
    }

    pub async fn call_user_code(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<String> {
        self.call(store, SIGN_IN, "[method]device-code-flow.user-code", (flow,)).await
    }

    pub async fn call_verification_uri(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<String> {
        self.call(store, SIGN_IN, "[method]device-code-flow.verification-uri", (flow,)).await
    }

    pub async fn call_message(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<String> {
        self.call(store, SIGN_IN, "[method]device-code-flow.message", (flow,)).await
    }

    pub async fn call_expires_on(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<u64> {
        self.call(store, SIGN_IN, "[method]device-code-flow.expires-on", (flow,)).await
    }

    pub async fn call_poll(
        &self,
        store: &mut Store<State>,
        flow: ResourceAny,
    ) -> Result<Outcome<Option<ResourceAny>>> {
        self.call(store, SIGN_IN, "[method]device-code-flow.poll", (flow,)).await
    }

    pub async fn call_wait(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<CredentialResult> {
        self.call(store, SIGN_IN, "[method]device-code-flow.wait", (flow,)).await
    }
}
