//! An account from the token cache that Microsoft's developer tools share (azure-identity's
//! `SharedTokenCacheCredential`).
//!
//! Visual Studio, Azure PowerShell, and every program that turns on persistent caching in an Azure Identity
//! library write their tokens to this cache. Most systems keep it encrypted or in a keyring, which no
//! component can read. On Linux without a keyring (containers, WSL, SSH) it is a plain file. It is read again
//! on every cache miss and never written.

use super::developer_login::{CachedToken, allowed_tenants, renewed};
use crate::call_context::CallContext;
use crate::entra::{Client, ClientOptions, Grant};
use crate::error::Error;
use crate::host::{self, Host, MAX_FILE, path};
use crate::http::Body;
use crate::identifiers::{ClientId, TenantId};
use crate::json::Json;
use crate::msal_cache::{MsalCache, Owner};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::source::Source;
use crate::token::AccessToken;

/// The account to use; by default the only one in the cache.
#[derive(Debug, Default)]
pub struct Options {
    /// The user's name; `None`: `AZURE_USERNAME`.
    pub username: Option<String>,
    /// The id of the user's home tenant; `None`: `AZURE_TENANT_ID`.
    pub tenant_id: Option<String>,
    /// MSAL's id of the account, instead of name and tenant; `None`: they choose it.
    pub home_account_id: Option<String>,
    /// The settings of the client that redeems refresh tokens.
    pub client: ClientOptions,
}

/// The source.
#[derive(Debug)]
pub struct SharedTokenCache {
    options: Options,
}

impl SharedTokenCache {
    /// The account that the options choose.
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    /// The client that redeems refresh tokens. Its tenant, `organizations`, is no tenant of its own, so a request
    /// may name any tenant unless the caller allows some only.
    fn client(&self, host: &dyn Host) -> Result<Client, Error> {
        let options = &self.options.client;
        let allowed_tenants = allowed_tenants(host, &options.allowed_tenants, false);
        let options = ClientOptions { allowed_tenants, ..options.clone() };
        options.client(host, NAME, TenantId::organizations(), ClientId::azure_cli())
    }

    /// The account of the request, and the token of the cache for it.
    fn look_up<'a>(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
        client: &Client,
        cache: &'a MsalCache,
    ) -> Result<Found<'a>, Error> {
        let tenant = client.tenant_for(call.host, request)?;
        let account = self.choose(call.host, cache.family(&client.authority))?;
        let home = account.split_once('.').map_or("", |(_, home)| home);
        // A token for `organizations` is in the cache under the user's home tenant as well.
        let realms = &[tenant.as_str(), home];
        let realms =
            if *tenant == TenantId::organizations() { realms } else { realms.get(..1).unwrap_or_default() };
        let owner = Owner { home_account_id: Some(account), client_id: &client.client_id, realms };
        let source = "shared-token-cache/cached-token";
        let cached = cache.access_token(&owner, &client.authority, request, call.host.now(), source);
        Ok(Found { account, cached })
    }

    /// The one account that the options and the environment choose.
    fn choose<'a>(&self, host: &dyn Host, mut accounts: Vec<(&'a str, &'a str)>) -> Result<&'a str, Error> {
        if accounts.is_empty() {
            return Err(no_account());
        }
        let username = self.options.username.clone().or_else(|| host::env(host, "AZURE_USERNAME"));
        let tenant_id = self.options.tenant_id.clone().or_else(|| host::env(host, "AZURE_TENANT_ID"));
        accounts.retain(|(id, name)| {
            if let Some(account) = &self.options.home_account_id {
                return account == id;
            }
            let matches = |wanted: &Option<String>, it: Option<&str>| {
                wanted
                    .as_ref()
                    .is_none_or(|wanted| it.is_some_and(|it| it.eq_ignore_ascii_case(wanted.trim())))
            };
            matches(&username, Some(name)) && matches(&tenant_id, id.split_once('.').map(|(_, home)| home))
        });
        match accounts.as_slice() {
            [(id, _)] => Ok(id),
            [] => Err(Error::not_configured(
                NAME,
                "the cache has accounts, and none of them is the one that is wanted; check AZURE_USERNAME and AZURE_TENANT_ID",
            )),
            several => Err(Error::not_configured(
                NAME,
                format_args!(
                    "the cache has {} accounts; set AZURE_USERNAME, or AZURE_TENANT_ID, or both to choose one",
                    several.len()
                ),
            )),
        }
    }
}

struct Found<'a> {
    account: &'a str,
    cached: Option<AccessToken>,
}

#[maybe_async(AFIT)]
impl Source for SharedTokenCache {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        let client = self.client(call.host)?;
        let cache = read(call, request.enable_cae()).await?;
        let Found { account, cached } = self.look_up(call, request, &client, &cache)?;
        let (cached, call) = match CachedToken::new(cached, call) {
            CachedToken::Fresh(token) => return Ok(token),
            CachedToken::Due(cached, call) => (cached, call),
        };
        let refresh_token = cache.refresh_token(account, &client.client_id, &client.authority);
        let refresh_token = refresh_token.ok_or_else(no_account);
        let new = match refresh_token {
            Ok(token) => client.fetch_token(&call, request, &Grant::refresh_token(None, token)).await,
            Err(error) => Err(error),
        };
        renewed(new.map(|token| token.into_access_token("shared-token-cache/refresh-token")), cached)
    }
}

/// Reads the cache. Tokens for callers that can answer a claims challenge are in a file of their own; older
/// tools had one file for all.
#[maybe_async]
async fn read(call: &CallContext<'_>, enable_cae: bool) -> Result<MsalCache, Error> {
    let folders = folders(call.host)?;
    let own = if enable_cae { ".cae" } else { ".nocae" };
    let mut absence = MISSING;
    for folder in folders {
        for suffix in [own, ""] {
            let path = path::join(&folder, &format!("msal.cache{suffix}"));
            let bytes = match call.host.read_file(&path, MAX_FILE).await {
                Ok(bytes) => Body(bytes),
                Err(error) if error.is_absence() => continue,
                Err(error) => return Err(Error::other(NAME, format_args!("{path} {error}"))),
            };
            // MSAL writes such a file when the tokens are in a keyring.
            if matches!(bytes.0.as_slice(), b"" | b"{}") {
                absence = IN_KEYRING;
                continue;
            }
            if bytes.0.starts_with(DPAPI) {
                absence = ENCRYPTED;
                continue;
            }
            let json = Json::parse(&bytes.0);
            let what =
                format_args!("{path} is not JSON: it is broken or encrypted; remove it or exclude {NAME}")
                    .to_string();
            return json.map(MsalCache).ok_or_else(|| Error::other(NAME, what));
        }
    }
    Err(Error::not_configured(NAME, absence))
}

/// The folders where the cache may be.
fn folders(host: &dyn Host) -> Result<Vec<String>, Error> {
    let in_home =
        host::home(host).into_iter().flat_map(|home| FOLDERS.map(|folder| path::join(&home, folder)));
    let in_windows = host::env(host, "LOCALAPPDATA").map(|folder| path::join(&folder, FOLDER_ON_WINDOWS));
    let folders: Vec<String> = in_windows.into_iter().chain(in_home).collect();
    if folders.is_empty() {
        return Err(Error::not_configured(
            NAME,
            "none of HOME, USERPROFILE and LOCALAPPDATA is set; set one of them to use the token cache of Microsoft's developer tools",
        ));
    }
    Ok(folders)
}

fn no_account() -> Error {
    Error::not_configured(
        NAME,
        "the cache has no account with a refresh token for all of Microsoft's tools (family_id 1); sign in with one of them",
    )
}

/// The name of this source.
pub const NAME: &str = "shared-token-cache";
/// The folders below the home folder: of Python, Node.js and Java, and of .NET.
const FOLDERS: [&str; 2] = [".IdentityService", ".local/share/.IdentityService"];
/// The folder below `LOCALAPPDATA`.
const FOLDER_ON_WINDOWS: &str = ".IdentityService";
/// The first bytes of what Windows encrypts for a user (`CryptProtectData`): version and provider.
const DPAPI: &[u8] = &[1, 0, 0, 0, 0xd0, 0x8c, 0x9d, 0xdf];
const ENCRYPTED: &str =
    "Windows has encrypted the token cache of Microsoft's developer tools, and no component can open it";
const MISSING: &str = "there is no token cache of Microsoft's developer tools in ~/.IdentityService that the host gives access to";
const IN_KEYRING: &str =
    "the token cache of Microsoft's developer tools is in the system's keyring, which no component can open";
