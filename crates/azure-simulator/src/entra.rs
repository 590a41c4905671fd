//! Microsoft Entra ID: the hosts people sign in at, in three clouds and their regions.
//!
//! What can be asked is in `ENDPOINTS`. The token endpoint is where the work is; see
//! [`token_endpoint`] for its order of checks and its list of grants.

use http::Uri;

use super::call::{Call, scheme};
use super::reply::Reply;
use super::service::Service;
use super::state::State;
use cloud::Cloud;

pub mod application;
pub mod authorization_code;
pub mod authorize;
pub mod certificate_assertion;
pub mod claims;
pub mod client_authentication;
pub mod client_credentials;
pub mod cloud;
pub mod device_code;
pub mod discovery;
pub mod error;
pub mod federated_credential;
pub mod form;
pub mod on_behalf_of;
pub mod password;
pub mod refresh_token;
pub mod scope;
pub mod sign_ins;
pub mod success;
pub mod tenant;
pub mod token;
pub mod token_endpoint;

/// Microsoft Entra ID at `https://login.microsoftonline.com` and its like.
pub struct Entra;

/// A request to one of the endpoints.
pub struct Visit<'a> {
    /// What all fakes share.
    pub state: &'a State,
    /// The request.
    pub call: &'a Call,
    /// The cloud whose host was asked.
    pub cloud: Cloud,
    /// The first segment of the path: a tenant id, a domain name, `common`, …
    pub tenant: &'a str,
}

/// Who answers at an endpoint.
type Endpoint = fn(&Visit) -> Reply;

/// THE LIST of endpoints: the path after the tenant, and who answers there.
const ENDPOINTS: &[(&str, Endpoint)] = &[
    ("oauth2/v2.0/authorize", authorize::answer),
    ("oauth2/v2.0/devicecode", device_code::answer),
    ("oauth2/v2.0/token", token_endpoint::answer),
    ("v2.0/.well-known/openid-configuration", discovery::openid_configuration),
    ("discovery/instance", discovery::instances),
    ("discovery/v2.0/keys", discovery::keys),
];

impl Service for Entra {
    fn name(&self) -> &'static str {
        "entra"
    }

    fn answers_at(&self, _: &State, uri: &Uri) -> bool {
        let secure = scheme(uri) == "https" && matches!(uri.port_u16(), None | Some(443));
        secure && uri.host().and_then(Cloud::at).is_some()
    }

    fn home_of(&self, path: &str) -> Option<&'static str> {
        let (_, rest) = split(path)?;
        let known = ENDPOINTS.iter().any(|(endpoint, _)| *endpoint == rest) || rest.starts_with("oauth2/");
        known.then_some("https://login.microsoftonline.com")
    }

    fn answer(&self, state: &State, call: &Call) -> Reply {
        let (cloud, place) = (call.uri.host().and_then(Cloud::at), split(call.path()));
        let (Some(cloud), Some((tenant, rest))) = (cloud, place) else { return Reply::nobody_expects(call) };
        // A region serves applications alone.
        let for_application = ("grant_type".to_owned(), "client_credentials".to_owned());
        if call.uri.host().and_then(Cloud::in_region).is_some() && !call.form().contains(&for_application) {
            return Reply::nobody_expects(call);
        }
        match ENDPOINTS.iter().find(|(endpoint, _)| *endpoint == rest) {
            Some((_, answer)) => answer(&Visit { state, call, cloud, tenant }),
            None => Reply::nobody_expects(call),
        }
    }
}

fn split(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix('/')?.split_once('/')
}
