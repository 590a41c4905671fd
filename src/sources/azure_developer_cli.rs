//! The login of the Azure Developer CLI, from its files.
//!
//! `azd auth login` writes the account's id and, for users on Linux and macOS, a cache of MSAL in a plain
//! file (Azure/azure-dev, `cli/azd/pkg/auth`). They are read again on every cache miss and never written. On
//! Windows the cache is encrypted. Logins of service principals and managed identities are not read; other
//! sources are for those.

use super::developer_login::{CachedToken, allowed_tenants, authority_of_cloud, renewed};
use crate::call_context::CallContext;
use crate::entra::authority::Authority;
use crate::entra::{self, Client, Grant};
use crate::error::{Error, quote};
use crate::host::{self, Host, MAX_FILE, path};
use crate::http::{Body, Url};
use crate::identifiers::{ClientId, IdentifierError, TenantId};
use crate::json::Json;
use crate::msal_cache::{MsalCache, Owner};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::source::Source;
use crate::token::AccessToken;

/// The login to use; by default the one that the CLI uses by default.
#[derive(Debug, Default)]
pub struct Options {
    /// The tenant; `None`: the user's home tenant.
    pub tenant_id: Option<TenantId>,
    /// The tenants that requests may name besides that.
    pub allowed_tenants: Vec<String>,
}

/// The source.
#[derive(Debug)]
pub struct AzureDeveloperCli {
    options: Options,
}

impl AzureDeveloperCli {
    /// The login that the options choose.
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    /// The client that redeems the tokens of a user with this home tenant.
    fn client(&self, host: &dyn Host, config: &Json, home_tenant: &str) -> Result<Client, Error> {
        let Options { tenant_id, allowed_tenants: allowed } = &self.options;
        let tenant_id = match tenant_id {
            Some(tenant_id) => tenant_id.clone(),
            None => TenantId::parse(home_tenant).map_err(malformed)?,
        };
        let allowed_tenants = allowed_tenants(host, allowed, self.options.tenant_id.is_some());
        let (authority, client_id) = (authority(host, config)?, ClientId::azure_cli());
        Ok(Client { source: NAME, authority, tenant_id, client_id, allowed_tenants })
    }
}

#[maybe_async(AFIT)]
impl Source for AzureDeveloperCli {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        let host = call.host;
        let config = read(call, "config.json").await?;
        let login = read(call, "auth.json").await?;
        let cache = MsalCache(read(call, "auth/msal/cache.json").await?);
        let account =
            account(&config, &login).and_then(|account| Some((account, account.split_once('.')?.1)));
        let Some((account, home_tenant)) = account else {
            return Err(Error::not_configured(NAME, "no user is logged in; run: azd auth login"));
        };
        // The account is put into a header; it has the characters of a tenant id.
        TenantId::parse(account).map_err(malformed)?;
        let client = self.client(host, &config, home_tenant)?;
        let tenant = client.tenant_for(host, request)?;
        let realms = &[tenant.as_str()];
        let owner = Owner { home_account_id: Some(account), client_id: &client.client_id, realms };
        let source = "azure-developer-cli/cached-token";
        let cached = cache.access_token(&owner, &client.authority, request, host.now(), source);
        match CachedToken::new(cached, call) {
            CachedToken::Fresh(token) => Ok(token),
            CachedToken::Due(cached, call) => {
                renewed(redeem(&call, request, &client, &cache, account).await, cached)
            }
        }
    }
}

/// Redeems the refresh token of an account.
#[maybe_async]
async fn redeem(
    call: &CallContext<'_>,
    request: &TokenRequest,
    client: &Client,
    cache: &MsalCache,
    account: &str,
) -> Result<AccessToken, Error> {
    let token = cache.refresh_token(account, &client.client_id, &client.authority).ok_or_else(|| {
        Error::authentication_failed(
            NAME,
            "its cache has no refresh token of the logged-in user; run: azd auth login",
        )
    })?;
    let grant = Grant::refresh_token(Some(account), token);
    let response = client.fetch_token(call, request, &grant).await?;
    Ok(response.into_access_token("azure-developer-cli/refresh-token"))
}

/// The authority of the cloud that `azd config set cloud.name` has chosen, else of the environment.
fn authority(host: &dyn Host, config: &Json) -> Result<Authority, Error> {
    let name = config.get("cloud").and_then(|cloud| cloud.non_empty_text("name"));
    let Some(name) = name else { return entra::authority_of_environment(host, NAME) };
    let authority = authority_of_cloud(name).and_then(|authority| Url::parse_authority(authority).ok());
    authority.map(Authority::from).ok_or_else(|| {
        let what = format_args!(
            "its config.json names the cloud {}, which is not one of azd's; run: azd config set cloud.name AzureCloud, AzureChinaCloud or AzureUSGovernment",
            quote(name, &[])
        );
        Error::other(NAME, what)
    })
}

fn malformed(error: IdentifierError) -> Error {
    Error::invalid_argument(NAME, format_args!("homeAccountId {error}"))
}

/// The `home_account_id` of the logged-in user; `None`: no user is logged in.
fn account<'a>(config: &Json, login: &'a Json) -> Option<&'a str> {
    // With this setting azd uses the login of the Azure CLI, and an older login of its own does not count.
    // The value is a string, which Go's `strconv.ParseBool` parses (`shouldUseLegacyAuth` in manager.go).
    let delegates = config.get("auth").and_then(|auth| auth.text("useAzCliAuth"));
    let delegates = delegates.is_some_and(|value| ["1", "t", "T", "true", "True", "TRUE"].contains(&value));
    let user = login.get("auth")?.get("account")?.get("currentUser").filter(|_| !delegates)?;
    user.text("homeAccountId")
}

/// Reads a file of its folder; `null`, if it does not exist or is empty. No message has the path, which can hold a secret
/// of the environment.
#[maybe_async]
#[inline(never)]
async fn read(call: &CallContext<'_>, name: &str) -> Result<Json, Error> {
    let folder = host::env(call.host, "AZD_CONFIG_DIR");
    let Some(folder) = folder.or_else(|| Some(path::join(&host::home(call.host)?, ".azd"))) else {
        return Err(Error::not_configured(
            NAME,
            "none of AZD_CONFIG_DIR, HOME and USERPROFILE is set; set one of them to use a login of the Azure Developer CLI",
        ));
    };
    let bytes = match call.host.read_file(&path::join(&folder, name), MAX_FILE).await {
        Ok(bytes) => Body(bytes),
        Err(error) if error.is_absence() => return Ok(Json::NULL),
        Err(error) => return Err(Error::other(NAME, format_args!("its {name} {error}"))),
    };
    if Json::is_blank(&bytes.0) {
        return Ok(Json::NULL);
    }
    let json = Json::parse(&bytes.0);
    json.ok_or_else(|| Error::other(NAME, format_args!("its {name} is not JSON; run: azd auth login")))
}

/// The name in messages and tokens.
pub const NAME: &str = "azure-developer-cli";
