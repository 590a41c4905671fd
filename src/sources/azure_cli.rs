//! The login of the Azure CLI, from its files.
//!
//! A component cannot start the CLI, and need not: its login is a profile, a token cache and, for service
//! principals, a list of secrets, all JSON (azure-cli-core 2.91; observed files in
//! `host-tests/fixtures/azure-cli`). They are read again on every cache miss and never written.

mod files;
mod options;
mod profile;
mod saved_token;
mod service_principal;

use super::managed_identity::ManagedIdentity;
use super::managed_identity::user_assigned::UserAssigned;
use crate::call_context::CallContext;
use crate::entra::client::parse_ids;
use crate::entra::{self, Client, Grant};
use crate::error::Error;
use crate::host;
use crate::identifiers::ClientId;
use crate::msal_cache::{MsalCache, Owner};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::source::Source;
use crate::token::AccessToken;
use options::NAME;
pub use options::Options;
use profile::{Subscription, User};

/// The source.
#[derive(Debug)]
pub struct AzureCli {
    options: Options,
}

impl AzureCli {
    /// The login that the options choose.
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    /// The token of a user: the cached access token, or a new one for the refresh token.
    #[maybe_async]
    async fn user_token(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
        login: &Login<'_>,
        name: &str,
    ) -> Result<AccessToken, Error> {
        let client = self.client(call, login, ClientId::azure_cli().as_str())?;
        let tenant = client.tenant_for(call.host, request)?;
        let cache = files::token_cache(call, login.folder).await?;
        let account = account(&cache, &client, login.folder, name)?;
        let realms = &[tenant.as_str()];
        let owner = Owner { home_account_id: Some(account), client_id: &client.client_id, realms };
        if let Some(token) = cache.access_token(&owner, &client.authority, request, call.host.now(), CACHED) {
            return Ok(token);
        }
        let refresh_token = cache.refresh_token(account, &client.client_id, &client.authority);
        let refresh_token = refresh_token.ok_or_else(|| {
            let what = format_args!(
                "the token cache in {} has no refresh token of the profile's user; run: az login",
                login.folder
            );
            Error::authentication_failed(NAME, what)
        })?;
        // The account is put into a header.
        if !account.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')) {
            return Err(Error::other(
                NAME,
                "the token cache has an account whose id is malformed; run: az login",
            ));
        }
        let grant = Grant::refresh_token(Some(account), refresh_token);
        let response = client.fetch_token(call, request, &grant).await?;
        Ok(response.into_access_token("azure-cli/refresh-token"))
    }

    /// The token of a service principal: the cached access token, or a new one for its secret.
    #[maybe_async]
    async fn service_principal_token(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
        login: &Login<'_>,
        id: &str,
    ) -> Result<AccessToken, Error> {
        let client = self.client(call, login, id)?;
        let tenant = client.tenant_for(call.host, request)?;
        let realms = &[tenant.as_str()];
        let owner = Owner { home_account_id: None, client_id: &client.client_id, realms };
        // A service principal needs no cache: its secret yields a new token.
        if let Ok(cache) = files::token_cache(call, login.folder).await
            && let Some(token) =
                cache.access_token(&owner, &client.authority, request, call.host.now(), CACHED)
        {
            return Ok(token);
        }
        let entries = files::read_json(call, login.folder, service_principal::FILE).await?;
        if entries.is_none()
            && let Some(error) = files::encrypted(call, login.folder, "service_principal_entries.bin").await
        {
            return Err(error);
        }
        service_principal::get_token(call, request, client, entries.as_ref(), login.folder).await
    }

    fn client(&self, call: &CallContext<'_>, login: &Login<'_>, client_id: &str) -> Result<Client, Error> {
        let tenant_id = match &self.options.tenant_id {
            Some(tenant_id) => tenant_id.as_str(),
            None => &login.subscription.tenant_id,
        };
        let names = ("the profile's tenantId", "the profile's user");
        let (tenant_id, client_id) = parse_ids(NAME, names, tenant_id.to_owned(), client_id.to_owned())?;
        let mut allowed_tenants = self.options.allowed_tenants.clone();
        allowed_tenants.extend(entra::allowed_tenants_of_environment(call.host));
        let authority = login.subscription.authority.clone().into();
        Ok(Client { source: NAME, authority, tenant_id, client_id, allowed_tenants })
    }
}

/// A login: the folder of the CLI's files, and the subscription whose account is used.
struct Login<'a> {
    folder: &'a str,
    subscription: &'a Subscription,
}

#[maybe_async(AFIT)]
impl Source for AzureCli {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        if let Some(path) = host::env(call.host, saved_token::VARIABLE) {
            return saved_token::get_token(call, request, &self.options, &path).await;
        }
        let folder = files::folder(call)?;
        let profile = files::read_json(call, &folder, "azureProfile.json").await?;
        let profile = profile.ok_or_else(|| not_logged_in(&folder))?;
        let subscription = profile::choose(&profile, self.options.subscription.as_deref(), &folder)?;
        let login = Login { folder: &folder, subscription: &subscription };
        match &subscription.user {
            User::Person(name) => self.user_token(call, request, &login, name).await,
            User::ServicePrincipal(id) => self.service_principal_token(call, request, &login, id).await,
            User::ManagedIdentity(identity) => {
                // The CLI keeps nothing but the id of the identity.
                let identity =
                    identity.clone().map(|(kind, id)| UserAssigned::parse(kind, id)).transpose()?;
                ManagedIdentity::new(identity).get_token(call, request).await
            }
        }
    }
}

/// The one account of the profile's user. With several of them the CLI reports an error as well; the first
/// one may be another person's.
fn account<'a>(cache: &'a MsalCache, client: &Client, folder: &str, name: &str) -> Result<&'a str, Error> {
    let accounts = cache.accounts_of(name, &client.authority);
    let (what, remedy) = match accounts.as_slice() {
        [account] => return Ok(account),
        [] => ("no account", "az login"),
        _ => ("several accounts", "az account clear, then az login"),
    };
    let what = format_args!("the token cache in {folder} has {what} of the profile's user; run: {remedy}");
    Err(Error::authentication_failed(NAME, what))
}

fn not_logged_in(folder: &str) -> Error {
    Error::not_configured(
        NAME,
        format_args!("no user is logged in: {folder}/azureProfile.json does not exist; run: az login"),
    )
}

const CACHED: &str = "azure-cli/cached-token";
