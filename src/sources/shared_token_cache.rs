//! An account from the token cache that Microsoft's developer tools share (azure-identity's
//! `SharedTokenCacheCredential`).
//!
//! Visual Studio, Azure PowerShell, and every program that turns on persistent caching in an Azure Identity
//! library write their tokens to this cache. Most systems keep it encrypted or in a keyring, which no
//! component can read. On Linux without a keyring (containers, WSL, SSH) it is a plain file. It is read again
//! on every cache miss and never written.

use crate::call_context::CallContext;
use crate::entra::{Client, ClientOptions, Grant};
use crate::error::{Error, ErrorKind};
use crate::host::{self, Host, MAX_FILE};
use crate::http::Body;
use crate::identifiers::{ClientId, TenantId};
use crate::json::Json;
use crate::msal_cache::{MsalCache, Owner};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::source::Source;
use crate::token::{AccessToken, Secret};

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

    /// The token of the cache for the request.
    fn look_up(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
        client: &Client,
        cache: &MsalCache,
    ) -> Result<Found, Error> {
        let tenant = client.tenant_for(call.host, request)?;
        let account = self.choose(call.host, cache.family(&client.authority))?;
        let home = account.split_once('.').map_or("", |(_, home)| home);
        // A token for `organizations` is in the cache under the user's home tenant as well.
        let realms = &[tenant.as_str(), home];
        let realms =
            if *tenant == TenantId::organizations() { realms } else { realms.get(..1).unwrap_or_default() };
        let owner = Owner { home_account_id: Some(account), client_id: &client.client_id, realms };
        let source = "shared-token-cache/cached-token";
        if let Some(token) = cache.access_token(&owner, &client.authority, request, call.host.now(), source) {
            return Ok(Found::AccessToken(token));
        }
        let refresh_token = cache.refresh_token(account, &client.client_id, &client.authority);
        refresh_token.map(Found::RefreshToken).ok_or_else(no_account)
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

enum Found {
    AccessToken(AccessToken),
    RefreshToken(Secret),
}

#[maybe_async(AFIT)]
impl Source for SharedTokenCache {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        let options = self.options.client.with_tenants_of_environment(call.host);
        let client = options.client(call.host, NAME, TenantId::organizations(), ClientId::azure_cli())?;
        let client = &client;
        let cache = read(call, request.enable_cae()).await?;
        let refresh_token = match self.look_up(call, request, client, &cache)? {
            Found::AccessToken(token) => return Ok(token),
            Found::RefreshToken(token) => token,
        };
        drop(cache);
        match client.fetch_token(call, request, &Grant::refresh_token(None, refresh_token)).await {
            Ok(response) => Ok(response.into_access_token("shared-token-cache/refresh-token")),
            Err(mut error) => {
                // The cache may hold an account that a tool left there years ago, which must not keep a chain
                // from the next source (azure-identity for Python goes on as well). A refusal with claims is
                // an account in use, and a chain that has settled on this source stays with it.
                if call.probing && error.kind == ErrorKind::AuthenticationFailed && error.claims.is_none() {
                    error.kind = ErrorKind::NotConfigured;
                }
                Err(error)
            }
        }
    }
}

/// Reads the cache. Tokens for callers that can answer a claims challenge are in a file of their own; older
/// tools had one file for all.
#[maybe_async]
async fn read(call: &CallContext<'_>, enable_cae: bool) -> Result<MsalCache, Error> {
    let home = host::home(call.host);
    let home = home.ok_or_else(|| {
        Error::not_configured(
            NAME,
            "HOME is not set; set it to use the token cache of Microsoft's developer tools",
        )
    })?;
    let own = if enable_cae { ".cae" } else { ".nocae" };
    let mut is_in_keyring = false;
    for folder in FOLDERS {
        for suffix in [own, ""] {
            let path = format!("{home}/{folder}/msal.cache{suffix}");
            let bytes = match call.host.read_file(&path, MAX_FILE).await {
                Ok(bytes) => Body(bytes),
                Err(error) if error.is_absence() => continue,
                Err(error) => return Err(Error::other(NAME, format_args!("{path} {error}"))),
            };
            // MSAL writes such a file when the tokens are in a keyring.
            if matches!(bytes.0.as_slice(), b"" | b"{}") {
                is_in_keyring = true;
                continue;
            }
            let json = Json::parse(&bytes.0);
            let what =
                format_args!("{path} is not JSON: it is broken or encrypted; remove it or exclude {NAME}")
                    .to_string();
            return json.map(MsalCache).ok_or_else(|| Error::other(NAME, what));
        }
    }
    Err(Error::not_configured(NAME, if is_in_keyring { IN_KEYRING } else { MISSING }))
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
const MISSING: &str = "there is no token cache of Microsoft's developer tools in ~/.IdentityService that the host gives access to";
const IN_KEYRING: &str =
    "the token cache of Microsoft's developer tools is in the system's keyring, which no component can open";
