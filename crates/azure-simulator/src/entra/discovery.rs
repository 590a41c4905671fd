//! What Microsoft Entra ID says about itself: OpenID Connect Discovery 1.0, instance discovery, keys.

use serde_json::{Value, json};

use super::Visit;
use super::cloud::Cloud;
use super::error::EntraError;
use super::tenant::{self, Addressed};
use crate::jwt;
use crate::reply::Reply;

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`.
///
/// The addresses in it point to where the document was asked for, so that whoever follows them stays
/// in the simulation; the issuer is the real one, because that is what tokens say.
pub fn openid_configuration(visit: &Visit) -> Reply {
    let tenant = match tenant::addressed(visit) {
        Ok(Addressed::One(tenant)) => tenant.id.as_str(),
        Ok(Addressed::HomeOfUser) => "{tenantid}",
        Err(error) => return error.called("invalid_tenant").reply(visit),
    };
    let (base, name) = (&visit.call.base, if tenant == "{tenantid}" { visit.tenant } else { tenant });
    let (region, graph) = visit.cloud.region_and_graph();
    let document = json!({
        "token_endpoint": format!("{base}/{name}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/{name}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": visit.cloud.v2_issuer(tenant),
        "authorization_endpoint": format!("{base}/{name}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/{name}/oauth2/v2.0/devicecode"),
        "end_session_endpoint": format!("{base}/{name}/oauth2/v2.0/logout"),
        "tenant_region_scope": region,
        "cloud_instance_name": visit.cloud.login_host().trim_start_matches("login."),
        "cloud_graph_host_name": graph,
        "msgraph_host": graph,
    });
    Reply::json(200, &document, format!("openid-configuration of {name}"))
}

/// `GET /common/discovery/instance`: which sign-in hosts belong together.
pub fn instances(visit: &Visit) -> Reply {
    let endpoint = visit.call.parameter("authorization_endpoint").and_then(|it| url::Url::parse(it).ok());
    let host = endpoint.as_ref().and_then(|it| it.host_str());
    if !host.is_some_and(Cloud::vouches_for) {
        return EntraError::unknown_instance().reply(visit);
    }
    let tenant = endpoint.as_ref().and_then(|it| it.path_segments()?.next()).unwrap_or("common");
    let document = json!({
        "tenant_discovery_endpoint": format!("{}/{tenant}/v2.0/.well-known/openid-configuration", visit.call.base),
        "api-version": "1.1",
        "metadata": [
            instance("login.microsoftonline.com", "login.windows.net",
                &["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"]),
            instance("login.partner.microsoftonline.cn", "login.partner.microsoftonline.cn",
                &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"]),
            instance("login.microsoftonline.us", "login.microsoftonline.us",
                &["login.microsoftonline.us", "login.usgovcloudapi.net"]),
            instance("login-us.microsoftonline.com", "login-us.microsoftonline.com",
                &["login-us.microsoftonline.com"]),
        ],
    });
    Reply::json(200, &document, "instance discovery")
}

/// `GET /{tenant}/discovery/v2.0/keys`.
pub fn keys(visit: &Visit) -> Reply {
    match tenant::addressed(visit) {
        Ok(_) => Reply::json(200, &jwt::public_keys(), "signing keys"),
        Err(error) => error.reply(visit),
    }
}

fn instance(network: &str, cache: &str, aliases: &[&str]) -> Value {
    json!({ "preferred_network": network, "preferred_cache": cache, "aliases": aliases })
}
