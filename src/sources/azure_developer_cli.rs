//! Whoever is logged in to the Azure Developer CLI, by the files it keeps.
//!
//! `azd auth login` leaves a note of who it was, and for users, in a plain file on Linux and macOS, a cache of
//! MSAL (Azure/azure-dev, `cli/azd/pkg/auth`). They are read again on every cache miss and never written. On
//! Windows the cache is encrypted. Service principals and managed identities are in other sources.

use super::Source;
use super::azure_cli::{CLI_CLIENT_ID, redeem};
use crate::call_context::CallContext;
use crate::entra::{self, Client};
use crate::error::Error;
use crate::host::{self, BoxFuture, MAX_FILE, boxed};
use crate::http::Body;
use crate::json::Json;
use crate::msal_cache::{MsalCache, Owner};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::token::AccessToken;

/// The source.
#[derive(Debug)]
pub struct AzureDeveloperCli {
    /// The tenants that requests may name besides the login's own.
    pub allowed_tenants: Vec<String>,
}

impl AzureDeveloperCli {
    #[maybe_async]
    async fn fetch_token(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
    ) -> Result<AccessToken, Error> {
        let host = call.host;
        let config = read(call, "config.json").await?;
        let note = read(call, "auth.json").await?;
        let cache = MsalCache(read(call, "auth/msal/cache.json").await?);
        // It may be told to use the Azure CLI's login; an older one of its own does not count then. The value is
        // a string in its settings, read by Go's `strconv.ParseBool` (`shouldUseLegacyAuth` in manager.go).
        let delegates = config.get("auth").and_then(|auth| auth.text("useAzCliAuth"));
        let delegates = delegates.is_some_and(|yes| ["1", "t", "T", "true", "True", "TRUE"].contains(&yes));
        let user = note.get("auth").and_then(|auth| auth.get("account")?.get("currentUser"));
        let account = user.filter(|_| !delegates).and_then(|user| user.text("homeAccountId"));
        let Some((_, home)) = account.and_then(|account| account.split_once('.')) else {
            return Err(Error::unavailable(NAME, "no user is logged in; run: azd auth login"));
        };
        let account = account.unwrap_or_default();
        // It goes into a header as well.
        entra::check_ids(NAME, ("homeAccountId", "homeAccountId"), account, CLI_CLIENT_ID)?;
        let mut allowed_tenants = entra::allowed_tenants_of_environment(host);
        allowed_tenants.extend_from_slice(&self.allowed_tenants);
        let client = Client {
            source: NAME,
            authority: entra::authority_of_environment(host, NAME)?,
            tenant_id: home.to_owned(),
            client_id: CLI_CLIENT_ID.to_owned(),
            allowed_tenants,
        };
        let tenant = client.tenant_for(host, request)?;
        let owner = Owner { home_account_id: Some(account), client_id: CLI_CLIENT_ID, realms: &[tenant] };
        let source = "azure-developer-cli/cached-token";
        if let Some(token) = cache.access_token(&owner, &client.authority, request, host.now(), source) {
            return Ok(token);
        }
        let token = cache.refresh_token(account, CLI_CLIENT_ID, &client.authority);
        let gone =
            || Error::rejected(NAME, "its cache has no token of whom is logged in; run: azd auth login");
        let grant = redeem(Some(account), token.ok_or_else(gone)?);
        let response = client.request_token(call, request, &grant).await?;
        Ok(response.into_access_token("azure-developer-cli/refresh-token"))
    }
}

impl Source for AzureDeveloperCli {
    fn name(&self) -> &'static str {
        NAME
    }

    #[maybe_async]
    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        boxed(async move { self.fetch_token(call, request).await })
    }
}

/// Reads a file of its folder; nothing, if it is not there. What a path is made of stands in no message.
#[maybe_async]
#[inline(never)]
async fn read(call: &CallContext<'_>, name: &str) -> Result<Json, Error> {
    let folder = host::env(call.host, "AZD_CONFIG_DIR");
    let Some(folder) = folder.or_else(|| Some(format!("{}/.azd", host::home(call.host)?))) else {
        return Ok(Json::Null);
    };
    let bytes = match call.host.read_file(&format!("{folder}/{name}"), MAX_FILE).await {
        Ok(bytes) => Body(bytes),
        Err(error) if error.is_absence() => return Ok(Json::Null),
        Err(error) => return Err(Error::other(NAME, format_args!("its {name} {error}"))),
    };
    let json = Json::parse(&bytes.0);
    json.ok_or_else(|| Error::other(NAME, format_args!("its {name} is not JSON; run: azd auth login")))
}

/// The name in messages and tokens.
pub const NAME: &str = "azure-developer-cli";
