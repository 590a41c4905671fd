//! Microsoft Entra ID: the sign-in hosts of three clouds and of their regions.
//!
//! `ENDPOINTS` lists what is simulated. [`token_endpoint`] has the list of grants and the order of the checks.

use http::Uri;

use crate::cloud::Cloud;
use crate::incoming_request::{IncomingRequest, scheme};
use crate::reply::Reply;
use crate::service::Service;
use crate::service_name::ServiceName;
use crate::settings::Settings;
use crate::state::State;
use endpoint_request::EndpointRequest;
use sessions::Sessions;

mod application;
mod authorization_code;
mod authorize;
mod certificate_assertion;
mod claims;
mod client_authentication;
mod client_credential;
mod client_credentials;
mod device_code;
mod discovery;
pub mod endpoint_request;
mod error;
mod federated_assertion;
mod form;
mod grant;
mod on_behalf_of;
mod password;
mod refresh_token;
mod scope;
pub mod sessions;
mod sign_in_page;
mod tenant;
pub mod token_endpoint;
mod token_response;
mod user_error;

/// Microsoft Entra ID at `https://login.microsoftonline.com` and the other sign-in hosts.
pub struct Entra {
    sessions: Sessions,
}

/// Handles the requests to one endpoint.
type Endpoint = fn(&EndpointRequest) -> Reply;

/// The endpoints: the path behind the tenant, and the function that handles it.
const ENDPOINTS: &[(&str, Endpoint)] = &[
    ("oauth2/v2.0/authorize", authorize::reply),
    ("oauth2/v2.0/devicecode", device_code::reply),
    ("oauth2/v2.0/token", token_endpoint::reply),
    ("v2.0/.well-known/openid-configuration", discovery::openid_configuration),
    ("discovery/instance", discovery::instances),
    ("discovery/v2.0/keys", discovery::keys),
];

impl Entra {
    /// Microsoft Entra ID without sessions beside those of `settings`.
    pub fn new(settings: &Settings) -> Entra {
        Entra { sessions: Sessions::new(settings) }
    }
}

impl Service for Entra {
    fn name(&self) -> ServiceName {
        ServiceName::Entra
    }

    fn is_at(&self, uri: &Uri) -> bool {
        let is_tls = scheme(uri) == "https" && matches!(uri.port_u16(), None | Some(443));
        is_tls && uri.host().and_then(Cloud::at).is_some()
    }

    fn origin_of(&self, path: &str) -> Option<&'static str> {
        let (_, endpoint) = split(path)?;
        let is_known =
            ENDPOINTS.iter().any(|(known, _)| *known == endpoint) || endpoint.starts_with("oauth2/");
        is_known.then_some("https://login.microsoftonline.com")
    }

    fn handle(&self, state: &State, request: &IncomingRequest) -> Reply {
        let host = request.uri.host();
        let (Some(cloud), Some((tenant, path))) = (host.and_then(Cloud::at), split(request.path())) else {
            return Reply::not_simulated(request);
        };
        // A regional host serves the client credentials grant only.
        let client_credentials = ("grant_type".to_owned(), "client_credentials".to_owned());
        if host.and_then(Cloud::in_region).is_some() && !request.form().contains(&client_credentials) {
            return Reply::not_simulated(request);
        }
        let sessions = &self.sessions;
        match ENDPOINTS.iter().find(|(endpoint, _)| *endpoint == path) {
            Some((_, reply)) => reply(&EndpointRequest { state, sessions, http: request, cloud, tenant }),
            None => Reply::not_simulated(request),
        }
    }
}

/// The tenant and the rest of a path.
fn split(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix('/')?.split_once('/')
}
