//! The interface `sign-in`: the sign-ins of users.

use super::arguments::{client, client_authentication};
use super::builder::{RawAuthentication, set};
use super::exports::azure::identity_credentials::credentials as credentials_wit;
use super::exports::azure::identity_credentials::sign_in as wit;
use super::{Component, host, types};
use crate::entra::ClientOptions;
use crate::error::Error;
use crate::prelude::*;
use crate::sources::authorization_code::{self, App};
use crate::sources::device_code;
use crate::sources::sign_in_options::RawSignInOptions;
use crate::token::Secret;
use core::cell::RefCell;

/// A sign-in that has not begun.
pub struct Builder {
    application: wit::Application,
    scopes: Vec<String>,
    options: RefCell<Options>,
}

#[derive(Clone, Default)]
struct Options {
    authentication: Option<RawAuthentication>,
    client: ClientOptions,
    sign_in: RawSignInOptions,
}

impl Builder {
    fn change(&self, change: impl FnOnce(&mut Options)) {
        change(&mut self.options.borrow_mut());
    }
}

impl wit::Guest for Component {
    type AuthorizationCodeFlow = authorization_code::Flow;
    type DeviceCodeFlow = device_code::Flow;
    type SignInBuilder = Builder;
}

impl wit::GuestSignInBuilder for Builder {
    fn new(application: wit::Application, scopes: Vec<String>) -> Self {
        Self { application, scopes, options: RefCell::default() }
    }

    fn set_authentication(&self, authentication: wit::ClientAuthenticationBorrow<'_>) {
        let authentication = authentication.get::<RawAuthentication>().clone();
        self.change(|options| options.authentication = Some(authentication));
    }

    fn set_authority(&self, authority: String) {
        self.change(|options| options.client.authority = set(authority));
    }

    fn set_additionally_allowed_tenants(&self, tenants: Vec<String>) {
        self.change(|options| options.client.allowed_tenants = tenants);
    }

    fn set_disable_instance_discovery(&self, disable: bool) {
        self.change(|options| options.client.disable_instance_discovery = Some(disable));
    }

    fn set_claims(&self, claims: String) {
        self.change(|options| options.sign_in.claims = Some(claims));
    }

    fn set_enable_cae(&self, enable: bool) {
        self.change(|options| options.sign_in.enable_cae = enable);
    }

    fn set_login_hint(&self, login_hint: String) {
        self.change(|options| options.sign_in.login_hint = Some(login_hint));
    }

    fn set_domain_hint(&self, domain_hint: String) {
        self.change(|options| options.sign_in.domain_hint = Some(domain_hint));
    }

    fn set_prompt(&self, prompt: String) {
        self.change(|options| options.sign_in.prompt = Some(prompt));
    }

    fn set_authentication_record(&self, account: String) {
        self.change(|options| options.sign_in.authentication_record = Some(account));
    }

    fn begin_authorization_code(
        &self,
        redirect_uri: String,
    ) -> Result<wit::AuthorizationCodeFlow, types::CredentialError> {
        const NAME: &str = authorization_code::NAME;
        let options = self.options.borrow().clone();
        let client = client(NAME, &self.application, &options.client)?;
        let authentication = client_authentication(NAME, options.authentication.as_ref())?;
        let app = App::new(client, authentication, redirect_uri)?;
        let flow = authorization_code::Flow::begin(host(), app, self.scopes.clone(), options.sign_in)?;
        Ok(wit::AuthorizationCodeFlow::new(flow))
    }

    #[maybe_async]
    async fn begin_device_code(&self) -> Result<wit::DeviceCodeFlow, types::CredentialError> {
        const NAME: &str = device_code::NAME;
        let options = self.options.borrow().clone();
        if options.authentication.is_some() {
            let what = "authentication is for a sign-in in a browser; leave it out";
            return Err(Error::invalid_argument(NAME, what).into());
        }
        let client = client(NAME, &self.application, &options.client)?;
        let flow = device_code::Flow::begin(host(), client, self.scopes.clone(), options.sign_in).await?;
        Ok(wit::DeviceCodeFlow::new(flow))
    }
}

impl wit::GuestAuthorizationCodeFlow for authorization_code::Flow {
    fn url(&self) -> String {
        self.url().to_owned()
    }

    fn state(&self) -> String {
        self.state().to_owned()
    }

    fn code_verifier(&self) -> String {
        self.code_verifier().expose().to_owned()
    }

    #[maybe_async]
    async fn redeem(&self, redirect: String) -> Result<wit::Credential, types::CredentialError> {
        let redirect = Secret::from(redirect);
        Ok(credentials_wit::Credential::new(self.redeem(host(), &redirect).await?))
    }
}

impl wit::GuestDeviceCodeFlow for device_code::Flow {
    fn user_code(&self) -> String {
        self.user_code.clone()
    }

    fn verification_uri(&self) -> String {
        self.verification_uri.clone()
    }

    fn message(&self) -> String {
        self.message.clone()
    }

    fn expires_on(&self) -> u64 {
        self.expires_on
    }

    #[maybe_async]
    async fn poll(&self) -> Result<Option<wit::Credential>, types::CredentialError> {
        Ok(self.poll(host()).await?.map(credentials_wit::Credential::new))
    }

    #[maybe_async]
    async fn wait(&self) -> Result<wit::Credential, types::CredentialError> {
        Ok(credentials_wit::Credential::new(self.wait(host()).await?))
    }
}
