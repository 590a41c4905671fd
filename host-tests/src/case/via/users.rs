//! Credentials of users, and of services that act on behalf of users.

use super::options::Options;
use crate::arguments::{ClientAuthentication, DeveloperToolOptions, SharedTokenCacheOptions};
use crate::bindings::PasswordGrant;
use crate::clock::EPOCH;
use crate::functions::CredentialResult;
use crate::guest::Guest;
use anyhow::Result;
use azure_simulator::{jwt, settings};
use serde::Deserialize;

/// Arguments of `azure-cli` and `azure-developer-cli`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DeveloperTool {
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
    authentication_record: Option<String>,
    client: Options,
}

impl DeveloperTool {
    /// The argument.
    pub fn into_argument(self) -> DeveloperToolOptions {
        DeveloperToolOptions {
            tenant_id: self.tenant_id,
            subscription: self.subscription,
            additionally_allowed_tenants: self.additionally_allowed_tenants,
        }
    }
}

impl SharedTokenCache {
    pub(super) async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let options = SharedTokenCacheOptions {
            username: self.username,
            tenant_id: self.tenant_id,
            authentication_record: self.authentication_record,
            client: self.client.into_argument(),
        };
        let (c, store) = guest.credentials();
        Ok(c.call_shared_token_cache(store, &options).await?)
    }
}

/// Arguments of `on-behalf-of`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct OnBehalfOf {
    tenant_id: String,
    client_id: String,
    client_secret: String,
    /// The user's token; by default one of the default user.
    user_assertion: Option<String>,
    /// The audience of the default token.
    audience: String,
    options: Options,
}

/// Arguments of `username-password`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct UsernamePassword {
    tenant_id: String,
    client_id: String,
    username: String,
    password: String,
    options: Options,
}

impl OnBehalfOf {
    fn assertion(&self) -> String {
        let claims = serde_json::json!({
            "aud": self.audience,
            "oid": settings::USER_OID,
            "idtyp": "user",
            // As long as Microsoft Entra's tokens of users are valid: 60 to 90 minutes.
            "exp": EPOCH + 4983,
        });
        self.user_assertion.clone().unwrap_or_else(|| jwt::sign(&claims))
    }

    /// The secrets among its arguments, by name.
    pub fn secrets(&self) -> Vec<(String, String)> {
        vec![
            ("user assertion".to_owned(), self.assertion()),
            ("client secret".to_owned(), self.client_secret.clone()),
        ]
    }

    /// Creates the credential; the outer error is a trap.
    pub async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let assertion = self.assertion();
        let Self { tenant_id, client_id, client_secret, options, .. } = self;
        let client = options.of_client(tenant_id, client_id);
        let authentication = ClientAuthentication::Secret(client_secret);
        guest
            .call(move |c, store| {
                Box::pin(
                    async move { c.call_on_behalf_of(store, &client, &authentication, &assertion).await },
                )
            })
            .await
    }
}

impl UsernamePassword {
    /// The secrets among its arguments, by name.
    pub fn secrets(&self) -> Vec<(String, String)> {
        vec![("password".to_owned(), self.password.clone())]
    }

    /// Creates the credential; the outer error is a trap.
    pub async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let Self { tenant_id, client_id, username, password, options } = self;
        let client = options.of_client(tenant_id, client_id);
        let grant = PasswordGrant { username, password };
        guest
            .call(move |c, store| {
                Box::pin(async move { c.call_username_password(store, &client, &grant).await })
            })
            .await
    }
}

impl Default for OnBehalfOf {
    fn default() -> Self {
        Self {
            tenant_id: settings::TENANT_ID.into(),
            client_id: settings::CLIENT_ID.into(),
            client_secret: settings::CLIENT_SECRET.into(),
            user_assertion: None,
            audience: settings::CLIENT_ID.into(),
            options: Options::default(),
        }
    }
}

impl Default for UsernamePassword {
    fn default() -> Self {
        Self {
            tenant_id: settings::TENANT_ID.into(),
            client_id: settings::PUBLIC_CLIENT_ID.into(),
            username: settings::USERNAME.into(),
            password: settings::PASSWORD.into(),
            options: Options::default(),
        }
    }
}
