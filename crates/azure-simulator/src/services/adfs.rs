//! Active Directory Federation Services, which an organisation runs itself ("AD FS OpenID Connect/OAuth flows and
//! application scenarios").
//!
//! It has no tenants, no versions and no regions, and instance discovery does not list it. Its clients, secrets and
//! resources are those of the first tenant.

use http::Uri;

use super::entra::endpoint_request::EndpointRequest;
use super::entra::sessions::Sessions;
use super::entra::token_endpoint;
use crate::cloud::Cloud;
use crate::incoming_request::{IncomingRequest, scheme};
use crate::reply::Reply;
use crate::service::Service;
use crate::service_name::ServiceName;
use crate::settings::Settings;
use crate::state::State;

/// The server at `https://adfs.contoso.com`.
pub struct Adfs {
    sessions: Sessions,
}

impl Adfs {
    /// A server without sessions beside those of `settings`.
    pub fn new(settings: &Settings) -> Adfs {
        Adfs { sessions: Sessions::new(settings) }
    }
}

impl Service for Adfs {
    fn name(&self) -> ServiceName {
        ServiceName::Adfs
    }

    fn is_at(&self, uri: &Uri) -> bool {
        scheme(uri) == "https" && uri.host() == Some("adfs.contoso.com")
    }

    fn origin_of(&self, path: &str) -> Option<&'static str> {
        (path == TOKEN_PATH).then_some("https://adfs.contoso.com")
    }

    fn handle(&self, state: &State, request: &IncomingRequest) -> Reply {
        let tenant = state.settings.tenants.first();
        let Some(tenant) = tenant.filter(|_| request.path() == TOKEN_PATH) else {
            return Reply::not_simulated(request);
        };
        token_endpoint::reply(&EndpointRequest {
            state,
            sessions: &self.sessions,
            http: request,
            cloud: Cloud::Public,
            tenant: &tenant.id,
        })
    }
}

const TOKEN_PATH: &str = "/adfs/oauth2/token";
