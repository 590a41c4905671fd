//! The login of the Azure CLI, from its files.
//!
//! A component cannot start the CLI, and need not: its login is a profile, a token cache and, for service
//! principals, a list of secrets, all JSON (azure-cli-core 2.91; observed files in
//! `host-tests/fixtures/azure-cli`). They are read again on every cache miss and never written.

mod cloud;
mod files;
mod options;
mod profile;
mod saved_token;
mod service_principal;

use super::developer_login::{CachedToken, allowed_tenants, renewed};
use super::managed_identity::ManagedIdentity;
use super::managed_identity::user_assigned::UserAssigned;
use crate::call_context::CallContext;
use crate::entra::authority::Authority;
use crate::entra::client::parse_ids;
use crate::entra::{Client, Grant};
use crate::error::Error;
use crate::host;
use crate::identifiers::ClientId;
use crate::msal_cache::{MsalCache, Owner};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::source::Source;
use crate::token::AccessToken;
use cloud::Cloud;
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
        let cached = cache.access_token(&owner, &client.authority, request, call.host.now(), CACHED);
        match CachedToken::new(cached, call) {
            CachedToken::Fresh(token) => Ok(token),
            CachedToken::Due(cached, call) => {
                let login = (&cache, account, login.folder);
                renewed(redeem(&call, request, &client, login).await, cached)
            }
        }
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
        let cache = files::token_cache(call, login.folder).await.ok();
        let cached = cache.and_then(|cache| {
            cache.access_token(&owner, &client.authority, request, call.host.now(), CACHED)
        });
        let (cached, call) = match CachedToken::new(cached, call) {
            CachedToken::Fresh(token) => return Ok(token),
            CachedToken::Due(cached, call) => (cached, call),
        };
        renewed(service_principal::get_token(&call, request, client, login.folder).await, cached)
    }

    fn client(&self, call: &CallContext<'_>, login: &Login<'_>, client_id: &str) -> Result<Client, Error> {
        let tenant_id = match &self.options.tenant_id {
            Some(tenant_id) => tenant_id.as_str(),
            None => &login.subscription.tenant_id,
        };
        let names = ("the profile's tenantId", "the profile's user");
        let (tenant_id, client_id) = parse_ids(NAME, names, tenant_id.to_owned(), client_id.to_owned())?;
        let names_tenant = self.options.tenant_id.is_some();
        let allowed_tenants = allowed_tenants(call.host, &self.options.allowed_tenants, names_tenant);
        let authority = login.authority.clone();
        Ok(Client { source: NAME, authority, tenant_id, client_id, allowed_tenants })
    }
}

/// A login: the folder of the CLI's files, the authority of its active cloud, and the subscription whose account
/// is used.
struct Login<'a> {
    folder: &'a str,
    authority: Authority,
    subscription: &'a Subscription,
}

/// Redeems the refresh token of an account. `login` is the cache, the account in it and their folder.
#[maybe_async]
async fn redeem(
    call: &CallContext<'_>,
    request: &TokenRequest,
    client: &Client,
    (cache, account, folder): (&MsalCache, &str, &str),
) -> Result<AccessToken, Error> {
    let refresh_token = cache.refresh_token(account, &client.client_id, &client.authority);
    let refresh_token = refresh_token.ok_or_else(|| {
        let what = format_args!(
            "the token cache in {folder} has no refresh token of the profile's user; run: az login"
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
    Ok(client.fetch_token(call, request, &grant).await?.into_access_token("azure-cli/refresh-token"))
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
        let profile = files::read_json(call, &folder, profile::FILE, files::LOGIN).await?;
        let profile = profile.ok_or_else(|| profile::not_logged_in(&folder, "does not exist or is empty"))?;
        let cloud = Cloud::active(call, &folder).await?;
        let wanted = self.options.subscription.as_deref();
        let subscription = profile::choose(&profile, &cloud.name, wanted, &folder)?;
        let login = Login { folder: &folder, authority: cloud.authority()?, subscription: &subscription };
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

const CACHED: &str = "azure-cli/cached-token";
