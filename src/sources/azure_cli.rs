//! Whoever is logged in to the Azure CLI, by the files it keeps.
//!
//! The CLI itself cannot run here, and need not: its login is a profile, a token cache and, for
//! service principals, a list of secrets, all JSON (azure-cli-core 2.91; observed files in
//! `host-tests/fixtures/azure-cli`). They are read again on every cache miss and never written.

mod profile;
mod saved_token;
mod service_principal;

use super::Source;
use super::managed_identity::{self, UserAssigned};
use crate::call_context::CallContext;
use crate::entra::client_authentication::PublicClient;
use crate::entra::{self, Client, Grant, Scopes};
use crate::error::{Error, quote};
use crate::host::{self, BoxFuture, FileError, MAX_FILE, boxed};
use crate::http::{Body, Url};
use crate::json::Json;
use crate::msal_cache::{MsalCache, Owner};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::text;
use crate::token::{AccessToken, Secret};
use profile::{Subscription, User};

/// Which login; by default the CLI's own default.
#[derive(Debug, Default)]
pub struct Options {
    /// The tenant; `None`: the subscription's.
    pub tenant_id: Option<String>,
    /// Id or name of the subscription whose account is meant; `None`: the CLI's default one.
    pub subscription: Option<String>,
    /// The tenants that requests may name besides that.
    pub allowed_tenants: Vec<String>,
}

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

    #[maybe_async]
    async fn fetch_token(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
    ) -> Result<AccessToken, Error> {
        if let Some(path) = host::env(call.host, saved_token::VARIABLE) {
            return saved_token::get_token(call, request, &self.options, &path).await;
        }
        let folder = folder(call)?;
        let profile = read_json(call, &folder, "azureProfile.json").await?.ok_or_else(|| nobody(&folder))?;
        let subscription = profile::choose(&profile, self.options.subscription.as_deref(), &folder)?;
        match &subscription.user {
            User::Person(name) => self.person(call, request, &folder, &subscription, name).await,
            User::ServicePrincipal(id) => {
                self.service_principal(call, request, &folder, &subscription, id).await
            }
            User::ManagedIdentity(identity) => managed_identity(call, request, identity.clone()).await,
        }
    }

    /// A user: the cached access token, or a new one for the refresh token.
    #[maybe_async]
    async fn person(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
        folder: &str,
        subscription: &Subscription,
        name: &str,
    ) -> Result<AccessToken, Error> {
        let client = self.client(call, subscription, CLI_CLIENT_ID)?;
        let tenant = client.tenant_for(call.host, request)?;
        let cache = self.token_cache(call, folder).await?;
        let account = match cache.accounts_of(name, &client.authority).as_slice() {
            [account] => *account,
            // As azure-cli does; the first of them may be somebody else.
            other => {
                let what = if other.is_empty() { "no account" } else { "several accounts" };
                let remedy = if other.is_empty() { "az login" } else { "az account clear, then az login" };
                return Err(Error::rejected(
                    NAME,
                    format_args!(
                        "the token cache in {folder} has {what} of the profile's user; run: {remedy}"
                    ),
                ));
            }
        };
        let owner = Owner { home_account_id: Some(account), client_id: CLI_CLIENT_ID, realms: &[tenant] };
        if let Some(token) = cache.access_token(&owner, &client.authority, request, call.host.now(), CACHED) {
            return Ok(token);
        }
        let refresh_token = cache.refresh_token(account, CLI_CLIENT_ID, &client.authority).ok_or_else(|| {
            Error::rejected(
                NAME,
                format_args!(
                    "the token cache in {folder} has no refresh token of the profile's user; run: az login"
                ),
            )
        })?;
        // It goes into a header.
        if !text::has_only(account, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')) {
            return Err(Error::other(
                NAME,
                "the token cache has an account whose id is malformed; run: az login",
            ));
        }
        let response = client.request_token(call, request, &redeem(Some(account), refresh_token)).await?;
        Ok(response.into_access_token("azure-cli/refresh-token"))
    }

    /// A service principal: the cached access token, or a new one for its secret.
    #[maybe_async]
    async fn service_principal(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
        folder: &str,
        subscription: &Subscription,
        id: &str,
    ) -> Result<AccessToken, Error> {
        let client = self.client(call, subscription, id)?;
        let tenant = client.tenant_for(call.host, request)?;
        let owner = Owner { home_account_id: None, client_id: id, realms: &[tenant] };
        // The cache of a service principal may be missing: the CLI can always ask anew.
        if let Ok(cache) = self.token_cache(call, folder).await
            && let Some(token) =
                cache.access_token(&owner, &client.authority, request, call.host.now(), CACHED)
        {
            return Ok(token);
        }
        let entries = read_json(call, folder, service_principal::FILE).await?;
        if entries.is_none()
            && let Some(error) = encrypted(call, folder, "service_principal_entries.bin").await
        {
            return Err(error);
        }
        service_principal::get_token(call, request, client, entries.as_ref(), folder).await
    }

    #[maybe_async]
    async fn token_cache(&self, call: &CallContext<'_>, folder: &str) -> Result<MsalCache, Error> {
        if let Some(json) = read_json(call, folder, "msal_token_cache.json").await? {
            return Ok(MsalCache(json));
        }
        Err(match encrypted(call, folder, "msal_token_cache.bin").await {
            Some(error) => error,
            None => Error::rejected(
                NAME,
                format_args!("{folder} has a profile and no token cache; run: az login"),
            ),
        })
    }

    fn client(
        &self,
        call: &CallContext<'_>,
        subscription: &Subscription,
        client_id: &str,
    ) -> Result<Client, Error> {
        let tenant_id = self.options.tenant_id.as_deref().unwrap_or(&subscription.tenant_id);
        entra::check_ids(NAME, ("the profile's tenantId", "the profile's user"), tenant_id, client_id)?;
        let mut allowed_tenants = self.options.allowed_tenants.clone();
        allowed_tenants.extend(entra::allowed_tenants_of_environment(call.host));
        Ok(Client {
            source: NAME,
            authority: subscription.authority.clone().into(),
            tenant_id: tenant_id.to_owned(),
            client_id: client_id.to_owned(),
            allowed_tenants,
        })
    }
}

impl Source for AzureCli {
    fn name(&self) -> &'static str {
        NAME
    }

    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        boxed(self.fetch_token(call, request))
    }
}

/// Redeems a refresh token. One is good for any resource and any tenant that the user is in; the old one
/// stays good, so a new one need not be kept. The CLI asks for an account, by its `home_account_id`, and for
/// what keeps a login alive; `None` asks for neither.
pub fn redeem(account: Option<&str>, refresh_token: Secret) -> Grant<'static> {
    // Routes the request to where the account lives (MSAL); home_account_id is `uid.utid`.
    let mailbox = account.and_then(|account| account.split_once('.'));
    let mailbox = mailbox.map(|(uid, utid)| ("x-anchormailbox", format!("Oid:{uid}@{utid}").into()));
    Grant {
        fields: vec![
            ("grant_type", "refresh_token".into()),
            ("client_info", "1".into()),
            ("refresh_token", refresh_token),
        ],
        scopes: if account.is_some() { Scopes::WithOfflineAccess } else { Scopes::Requested },
        headers: mailbox.into_iter().collect(),
        ..Grant::authenticated_by(&PublicClient)
    }
}

/// `az login --identity`: the CLI has nothing but a note of which identity it was.
#[maybe_async]
async fn managed_identity(
    call: &CallContext<'_>,
    request: &TokenRequest,
    identity: Option<UserAssigned>,
) -> Result<AccessToken, Error> {
    let source = managed_identity::ManagedIdentity::new(identity.map(UserAssigned::parse).transpose()?);
    source.get_token(call, request).await
}

/// Where the CLI keeps its files.
fn folder(call: &CallContext<'_>) -> Result<String, Error> {
    if let Some(folder) = host::env(call.host, "AZURE_CONFIG_DIR") {
        // It stands in messages, which have one line.
        if folder.contains(char::is_control) {
            return Err(Error::invalid(NAME, "AZURE_CONFIG_DIR has a character that no path has"));
        }
        return Ok(folder.trim_end_matches('/').to_owned());
    }
    let home = host::home(call.host).ok_or_else(|| {
        Error::unavailable(
            NAME,
            "neither AZURE_CONFIG_DIR nor HOME is set; set one of them to use a login of the Azure CLI",
        )
    })?;
    Ok(format!("{home}/.azure"))
}

/// Reads a file of the CLI; `None`: it is not there.
#[maybe_async]
async fn read_json(call: &CallContext<'_>, folder: &str, name: &str) -> Result<Option<Json>, Error> {
    let path = format!("{folder}/{name}");
    let bytes = match call.host.read_file(&path, MAX_FILE).await {
        Ok(bytes) => Body(bytes),
        Err(FileError::NoFolder) => return Err(no_access(folder)),
        Err(FileError::Missing) => return Ok(None),
        Err(error) => return Err(Error::other(NAME, format_args!("{path} {error}"))),
    };
    let json = Json::parse(&bytes.0);
    json.map(Some).ok_or_else(|| Error::other(NAME, format_args!("{path} is not JSON; run: az login")))
}

/// What to say when the CLI has encrypted a file; `None`: it has not.
#[maybe_async]
async fn encrypted(call: &CallContext<'_>, folder: &str, name: &str) -> Option<Error> {
    let bytes = call.host.read_file(&format!("{folder}/{name}"), MAX_FILE).await;
    bytes.is_ok_and(|bytes| !bytes.is_empty()).then(|| {
        let what = format_args!(
            "the token cache in {folder} is encrypted, and no component can open it; run: az config set core.encrypt_token_cache=false, then: az login"
        );
        Error::rejected(NAME, what)
    })
}

fn nobody(folder: &str) -> Error {
    Error::unavailable(
        NAME,
        format_args!("nobody is logged in: {folder}/azureProfile.json does not exist; run: az login"),
    )
}

fn no_access(folder: &str) -> Error {
    Error::unavailable(
        NAME,
        format_args!(
            "the host gives no access to {folder}; preopen it, or set {} to a saved token",
            saved_token::VARIABLE
        ),
    )
}

/// The authority of a cloud by the CLI's name for it.
fn authority_of_cloud(name: &str) -> Result<Url, Error> {
    let host = match name {
        "AzureCloud" => entra::PUBLIC_CLOUD,
        "AzureChinaCloud" => "https://login.chinacloudapi.cn",
        "AzureUSGovernment" => "https://login.microsoftonline.us",
        _ => {
            let what = format_args!(
                "the subscription is in the cloud {}, whose authority no file names; the known ones are AzureCloud, AzureChinaCloud and AzureUSGovernment",
                quote(name, &[])
            );
            return Err(Error::other(NAME, what));
        }
    };
    Url::parse_authority(host).map_err(|error| Error::other(NAME, error))
}

const NAME: &str = "azure-cli";
const CACHED: &str = "azure-cli/cached-token";
/// The Azure CLI's own client id, the same everywhere.
pub const CLI_CLIENT_ID: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
