//! Credentials of users, and of services that act for them.

use super::Made;
use super::options::{ClientAuthentication, Options};
use crate::bindings::credentials::{AuthorizationCodeOptions, AzureCliOptions, SharedTokenCacheOptions};
use crate::guest::Guest;
use serde::Deserialize;

/// Arguments of `azure-cli`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct AzureCli {
    tenant_id: Option<String>,
    subscription: Option<String>,
    additionally_allowed_tenants: Vec<String>,
}

/// Arguments of `shared-token-cache`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SharedTokenCache {
    username: Option<String>,
    tenant_id: Option<String>,
    client: Options,
}

/// Arguments of `username-password`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct UsernamePassword {
    tenant_id: String,
    client_id: String,
    username: String,
    password: String,
    #[serde(default)]
    options: Options,
}

/// Arguments of `on-behalf-of`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OnBehalfOf {
    tenant_id: String,
    client_id: String,
    client: ClientAuthentication,
    user_assertion: String,
    #[serde(default)]
    options: Options,
}

/// Arguments of `authorization-code`, those of its options among them.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AuthorizationCode {
    tenant_id: String,
    client_id: String,
    client: Option<ClientAuthentication>,
    redirect_uri: String,
    #[serde(default)]
    options: Options,
    code: String,
    code_verifier: Option<String>,
}

/// Arguments of `begin-authorization-code`, those of its options among them, and what the redirect brings.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AuthorizationCodeFlow {
    tenant_id: String,
    client_id: String,
    client: Option<ClientAuthentication>,
    redirect_uri: String,
    #[serde(default)]
    options: Options,
    scopes: Vec<String>,
    code: String,
    /// By default the flow's own.
    state: Option<String>,
}

/// Arguments of `device-code`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DeviceCode {
    tenant_id: String,
    client_id: String,
    scopes: Vec<String>,
    #[serde(default)]
    options: Options,
}

impl AzureCli {
    pub(super) async fn make(self, guest: &mut Guest) -> Made {
        let options = AzureCliOptions {
            tenant_id: self.tenant_id,
            subscription: self.subscription,
            additionally_allowed_tenants: self.additionally_allowed_tenants,
        };
        let (c, store) = guest.credentials();
        Ok(c.call_azure_cli(store, &options).await?)
    }
}

impl SharedTokenCache {
    pub(super) async fn make(self, guest: &mut Guest) -> Made {
        let options = SharedTokenCacheOptions {
            username: self.username,
            tenant_id: self.tenant_id,
            client: self.client.into_wit(),
        };
        let (c, store) = guest.credentials();
        Ok(c.call_shared_token_cache(store, &options).await?)
    }
}

impl UsernamePassword {
    pub(super) async fn make(self, guest: &mut Guest) -> Made {
        let (c, store) = guest.credentials();
        let options = self.options.into_wit();
        let (username, password) = (&self.username, &self.password);
        let made =
            c.call_username_password(store, &self.tenant_id, &self.client_id, username, password, &options);
        Ok(made.await?)
    }
}

impl OnBehalfOf {
    pub(super) async fn make(self, guest: &mut Guest) -> Made {
        let client = match self.client.into_wit(guest).await? {
            Ok(client) => client,
            Err(error) => return Ok(Err(error)),
        };
        let (c, store) = guest.credentials();
        let options = self.options.into_wit();
        let assertion = &self.user_assertion;
        let made = c.call_on_behalf_of(store, &self.tenant_id, &self.client_id, &client, assertion, &options);
        Ok(made.await?)
    }
}

impl AuthorizationCode {
    pub(super) async fn make(self, guest: &mut Guest) -> Made {
        let client = match self.client {
            Some(client) => client.into_wit(guest).await?.map(Some),
            None => Ok(None),
        };
        let client = match client {
            Ok(client) => client,
            Err(error) => return Ok(Err(error)),
        };
        let (tenant_id, client_id, redirect_uri) = (self.tenant_id, self.client_id, self.redirect_uri);
        let options = self.options.into_wit();
        let options = AuthorizationCodeOptions { tenant_id, client_id, client, redirect_uri, options };
        let (c, store) = guest.credentials();
        Ok(c.call_authorization_code(store, &options, &self.code, self.code_verifier.as_deref()).await?)
    }
}

impl AuthorizationCodeFlow {
    pub(super) async fn make(self, guest: &mut Guest) -> Made {
        let client = match self.client {
            Some(client) => client.into_wit(guest).await?.map(Some),
            None => Ok(None),
        };
        let client = match client {
            Ok(client) => client,
            Err(error) => return Ok(Err(error)),
        };
        let (tenant_id, client_id, redirect_uri) = (self.tenant_id, self.client_id, self.redirect_uri);
        let options = self.options.into_wit();
        let options = AuthorizationCodeOptions { tenant_id, client_id, client, redirect_uri, options };
        let (c, store) = guest.credentials();
        let flow = match c.call_begin_authorization_code(store, &options, &self.scopes).await? {
            Ok(flow) => flow,
            Err(error) => return Ok(Err(error)),
        };
        let (c, store) = guest.credentials();
        let its_own = c.authorization_code_flow().call_state(store, flow).await?;
        let state = self.state.unwrap_or(its_own);
        let (c, store) = guest.credentials();
        let made = c.authorization_code_flow().call_redeem(store, flow, &self.code, &state).await?;
        guest.drop_handle(flow).await?;
        Ok(made)
    }
}

impl DeviceCode {
    pub(super) async fn make(self, guest: &mut Guest) -> Made {
        let (c, store) = guest.credentials();
        let options = self.options.into_wit();
        let flow = match c
            .call_device_code(store, &self.tenant_id, &self.client_id, &self.scopes, &options)
            .await?
        {
            Ok(flow) => flow,
            Err(error) => return Ok(Err(error)),
        };
        let (c, store) = guest.credentials();
        let made = c.device_code_flow().call_wait(store, flow).await?;
        guest.drop_handle(flow).await?;
        Ok(made)
    }
}
