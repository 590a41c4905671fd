//! The functions of the interface `user-credentials`.

use super::credentials::application;
use super::options::Creator;
use super::{CredentialResult, Functions, Outcome, USER_CREDENTIALS};
use crate::arguments::{App, Client, ClientAuthentication, SharedTokenCacheOptions, SignInOptions};
use crate::bindings::{AuthorizationCodeGrant, PasswordGrant};
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
        let authentication = creator.optional_authentication(app).await?;
        let sign_in = creator.sign_in(sign_in).await?;
        let options = creator.client(&app.client.options).await?;
        let application = application(&app.client);
        let arguments = (application, app.redirect_uri.as_str(), scopes, authentication, sign_in, options);
        creator.finish(USER_CREDENTIALS, "begin-authorization-code", arguments).await
    }

    pub async fn call_authorization_code(
        &self,
        store: &mut Store<State>,
        app: &App,
        code: &str,
        code_verifier: Option<&str>,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let authentication = creator.optional_authentication(app).await?;
        let options = creator.client(&app.client.options).await?;
        let grant = AuthorizationCodeGrant {
            code: code.to_owned(),
            redirect_uri: app.redirect_uri.clone(),
            code_verifier: code_verifier.map(ToOwned::to_owned),
        };
        let arguments = (application(&app.client), grant, authentication, options);
        creator.finish(USER_CREDENTIALS, "authorization-code", arguments).await
    }

    pub async fn call_url(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<String> {
        self.call(store, USER_CREDENTIALS, "[method]authorization-code-flow.url", (flow,)).await
    }

    pub async fn call_state(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<String> {
        self.call(store, USER_CREDENTIALS, "[method]authorization-code-flow.state", (flow,)).await
    }

    pub async fn call_code_verifier(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<String> {
        self.call(store, USER_CREDENTIALS, "[method]authorization-code-flow.code-verifier", (flow,)).await
    }

    pub async fn call_redeem(
        &self,
        store: &mut Store<State>,
        flow: ResourceAny,
        redirect: &str,
    ) -> Result<CredentialResult> {
        let arguments = (flow, redirect);
        self.call(store, USER_CREDENTIALS, "[method]authorization-code-flow.redeem", arguments).await
    }

    pub async fn call_begin_device_code(
        &self,
        store: &mut Store<State>,
        client: &Client,
        scopes: &[String],
        sign_in: &SignInOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let sign_in = creator.sign_in(sign_in).await?;
        let options = creator.client(&client.options).await?;
        let arguments = (application(client), scopes, sign_in, options);
        creator.finish(USER_CREDENTIALS, "begin-device-code", arguments).await
    }

    pub async fn call_user_code(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<String> {
        self.call(store, USER_CREDENTIALS, "[method]device-code-flow.user-code", (flow,)).await
    }

    pub async fn call_verification_uri(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<String> {
        self.call(store, USER_CREDENTIALS, "[method]device-code-flow.verification-uri", (flow,)).await
    }

    pub async fn call_message(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<String> {
        self.call(store, USER_CREDENTIALS, "[method]device-code-flow.message", (flow,)).await
    }

    pub async fn call_expires_on(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<u64> {
        self.call(store, USER_CREDENTIALS, "[method]device-code-flow.expires-on", (flow,)).await
    }

    pub async fn call_poll(
        &self,
        store: &mut Store<State>,
        flow: ResourceAny,
    ) -> Result<Outcome<Option<ResourceAny>>> {
        self.call(store, USER_CREDENTIALS, "[method]device-code-flow.poll", (flow,)).await
    }

    pub async fn call_wait(&self, store: &mut Store<State>, flow: ResourceAny) -> Result<CredentialResult> {
        self.call(store, USER_CREDENTIALS, "[method]device-code-flow.wait", (flow,)).await
    }

    pub async fn call_on_behalf_of(
        &self,
        store: &mut Store<State>,
        client: &Client,
        authentication: &ClientAuthentication,
        user_assertion: &str,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let authentication = creator.authentication(authentication).await?;
        let options = creator.client(&client.options).await?;
        let arguments = (application(client), authentication, user_assertion, options);
        creator.finish(USER_CREDENTIALS, "on-behalf-of", arguments).await
    }

    pub async fn call_username_password(
        &self,
        store: &mut Store<State>,
        client: &Client,
        grant: &PasswordGrant,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let options = creator.client(&client.options).await?;
        creator.finish(USER_CREDENTIALS, "username-password", (application(client), grant, options)).await
    }

    pub async fn call_shared_token_cache(
        &self,
        store: &mut Store<State>,
        options: &SharedTokenCacheOptions,
    ) -> Result<CredentialResult> {
        let mut creator = Creator::new(self, store);
        let account = creator.shared_token_cache(options).await?;
        let client = creator.client(&options.client).await?;
        creator.finish(USER_CREDENTIALS, "shared-token-cache", (account, client)).await
    }

    pub async fn call_authentication_record(
        &self,
        store: &mut Store<State>,
        credential: ResourceAny,
    ) -> Result<Option<String>> {
        self.call(store, USER_CREDENTIALS, "authentication-record", (credential,)).await
    }
}
