//! The interface `user-credentials`: the credentials of users, and the sign-ins that lead to them.

use super::arguments::{
    CredentialResult, client, client_authentication, client_options, created, optional_authentication,
};
use super::exports::azure::identity_credentials::credentials as credentials_wit;
use super::exports::azure::identity_credentials::user_credentials as wit;
use super::options::{Options, RawSharedTokenCache};
use super::{Component, host, types};
use crate::authentication_record::AuthenticationRecord;
use crate::credential::Credential;
use crate::entra::Scopes;
use crate::error::Error;
use crate::prelude::*;
use crate::sources::authorization_code::{self, App};
use crate::sources::shared_token_cache::{self, SharedTokenCache};
use crate::sources::sign_in_options::RawSignInOptions;
use crate::sources::{device_code, on_behalf_of, username_password};
use crate::token::Secret;

impl wit::Guest for Component {
    type AuthorizationCodeFlow = authorization_code::Flow;
    type DeviceCodeFlow = device_code::Flow;
    type SharedTokenCacheOptions = Options<RawSharedTokenCache>;
    type SignInOptions = Options<RawSignInOptions>;

    fn begin_authorization_code(
        application: wit::Application,
        redirect_uri: String,
        scopes: Vec<String>,
        authentication: Option<credentials_wit::ClientAuthenticationBorrow<'_>>,
        sign_in: Option<wit::SignInOptionsBorrow<'_>>,
        options: Option<credentials_wit::ClientOptionsBorrow<'_>>,
    ) -> Result<wit::AuthorizationCodeFlow, types::CredentialError> {
        const NAME: &str = authorization_code::NAME;
        let client = client(NAME, application, options)?;
        let app = App::new(client, optional_authentication(NAME, authentication.as_ref())?, redirect_uri)?;
        let flow = authorization_code::Flow::begin(host(), app, scopes, sign_in_options(sign_in))?;
        Ok(wit::AuthorizationCodeFlow::new(flow))
    }

    fn authorization_code(
        application: wit::Application,
        grant: wit::AuthorizationCodeGrant,
        authentication: Option<credentials_wit::ClientAuthenticationBorrow<'_>>,
        options: Option<credentials_wit::ClientOptionsBorrow<'_>>,
    ) -> CredentialResult {
        const NAME: &str = authorization_code::NAME;
        let client = client(NAME, application, options)?;
        let authentication = optional_authentication(NAME, authentication.as_ref())?;
        let app = App::new(client, authentication, grant.redirect_uri)?;
        created(app.redeem(grant.code, grant.code_verifier, Scopes::Requested))
    }

    #[maybe_async]
    async fn begin_device_code(
        application: wit::Application,
        scopes: Vec<String>,
        sign_in: Option<wit::SignInOptionsBorrow<'_>>,
        options: Option<credentials_wit::ClientOptionsBorrow<'_>>,
    ) -> Result<wit::DeviceCodeFlow, types::CredentialError> {
        let client = client(device_code::NAME, application, options)?;
        let flow = device_code::Flow::begin(host(), client, scopes, sign_in_options(sign_in)).await?;
        Ok(wit::DeviceCodeFlow::new(flow))
    }

    fn on_behalf_of(
        application: wit::Application,
        authentication: credentials_wit::ClientAuthenticationBorrow<'_>,
        user_assertion: String,
        options: Option<credentials_wit::ClientOptionsBorrow<'_>>,
    ) -> CredentialResult {
        const NAME: &str = on_behalf_of::NAME;
        let client = client(NAME, application, options)?;
        let authentication = client_authentication(NAME, &authentication)?;
        created(on_behalf_of::new(client, authentication, user_assertion))
    }

    fn username_password(
        application: wit::Application,
        grant: wit::PasswordGrant,
        options: Option<credentials_wit::ClientOptionsBorrow<'_>>,
    ) -> CredentialResult {
        const NAME: &str = username_password::NAME;
        let password = Secret::from(grant.password);
        created(
            client(NAME, application, options)
                .and_then(|client| username_password::new(client, &grant.username, password, NAME)),
        )
    }

    fn shared_token_cache(
        account: Option<wit::SharedTokenCacheOptionsBorrow<'_>>,
        options: Option<credentials_wit::ClientOptionsBorrow<'_>>,
    ) -> CredentialResult {
        const NAME: &str = shared_token_cache::NAME;
        let account = account.map(|it| it.get::<Options<RawSharedTokenCache>>().values()).unwrap_or_default();
        let record = account.authentication_record;
        let record = record.map(|record| AuthenticationRecord::parse(NAME, &record)).transpose()?;
        if record.is_some() && (account.username.is_some() || account.tenant_id.is_some()) {
            let what =
                "the options have an authentication record and a username or tenant-id; set one of the two";
            return Err(Error::invalid_argument(NAME, what).into());
        }
        let client = client_options(options);
        client.authority(host(), NAME)?;
        created(Ok(SharedTokenCache::new(shared_token_cache::Options {
            username: account.username,
            tenant_id: account.tenant_id,
            home_account_id: record.map(|record| record.home_account_id),
            client,
        })))
    }

    fn authentication_record(credential: credentials_wit::CredentialBorrow<'_>) -> Option<String> {
        credential.get::<Credential>().authentication_record().map(|record| record.to_text())
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
    async fn redeem(&self, redirect: String) -> CredentialResult {
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
    async fn poll(&self) -> Result<Option<credentials_wit::Credential>, types::CredentialError> {
        Ok(self.poll(host()).await?.map(credentials_wit::Credential::new))
    }

    #[maybe_async]
    async fn wait(&self) -> CredentialResult {
        Ok(credentials_wit::Credential::new(self.wait(host()).await?))
    }
}

fn sign_in_options(options: Option<wit::SignInOptionsBorrow<'_>>) -> RawSignInOptions {
    options.map(|options| options.get::<Options<RawSignInOptions>>().values()).unwrap_or_default()
}
