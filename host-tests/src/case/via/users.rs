//! Credentials of users, and of services that act for them.

use super::Made;
use super::options::Options;
use crate::bindings::credentials::{AzureCliOptions, SharedTokenCacheOptions};
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
