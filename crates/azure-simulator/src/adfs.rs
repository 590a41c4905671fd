//! Active Directory Federation Services, as an organisation runs it itself ("AD FS OpenID Connect/OAuth
//! flows and application scenarios").
//!
//! It has no tenants, no versions, no regions, and nobody but its owner vouches for it. Clients, secrets
//! and resources are those of the first tenant.

use http::Uri;

use super::call::{Call, scheme};
use super::entra::cloud::Cloud;
use super::entra::{Visit, token_endpoint};
use super::reply::Reply;
use super::service::Service;
use super::state::State;

/// The service at `https://adfs.contoso.com`.
pub struct Adfs;

impl Service for Adfs {
    fn name(&self) -> &'static str {
        "adfs"
    }

    fn answers_at(&self, _: &State, uri: &Uri) -> bool {
        scheme(uri) == "https" && uri.host() == Some("adfs.contoso.com")
    }

    fn home_of(&self, path: &str) -> Option<&'static str> {
        (path == TOKEN).then_some("https://adfs.contoso.com")
    }

    fn answer(&self, state: &State, call: &Call) -> Reply {
        let tenant = state.settings.tenants.first();
        match tenant.filter(|_| call.path() == TOKEN) {
            Some(tenant) => {
                token_endpoint::answer(&Visit { state, call, cloud: Cloud::Public, tenant: &tenant.id })
            }
            None => Reply::nobody_expects(call),
        }
    }
}

const TOKEN: &str = "/adfs/oauth2/token";
