//! The metadata of Microsoft Entra ID: OpenID Connect Discovery 1.0, instance discovery, signing keys.

use serde_json::{Value, json};

use super::endpoint_request::EndpointRequest;
use super::error::EntraError;
use super::tenant::{self, TenantInPath};
use crate::cloud::Cloud;
use crate::jwt;
use crate::reply::Reply;

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`.
///
/// The addresses in it are those at which the caller reached the simulation; the issuer is the real one, as in the
/// tokens.
pub fn openid_configuration(request: &EndpointRequest) -> Reply {
    let tenant = match tenant::in_path(request) {
        Ok(TenantInPath::One(tenant)) => tenant.id.as_str(),
        Ok(TenantInPath::HomeOfUser) => "{tenantid}",
        Err(error) => return request.error_reply(&error.with_error("invalid_tenant")),
    };
    let (base, name) = (&request.http.base_url, if tenant == "{tenantid}" { request.tenant } else { tenant });
    let (region, graph) = request.cloud.region_and_graph();
    let document = json!({
        "token_endpoint": format!("{base}/{name}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/{name}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": request.cloud.v2_issuer(tenant),
        "authorization_endpoint": format!("{base}/{name}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/{name}/oauth2/v2.0/devicecode"),
        "end_session_endpoint": format!("{base}/{name}/oauth2/v2.0/logout"),
        "tenant_region_scope": region,
        "cloud_instance_name": request.cloud.login_host().trim_start_matches("login."),
        "cloud_graph_host_name": graph,
        "msgraph_host": graph,
    });
    Reply::json(200, &document, format!("openid-configuration of {name}"))
}

/// `GET /common/discovery/instance`: which sign-in hosts are aliases of one cloud.
pub fn instances(request: &EndpointRequest) -> Reply {
    let endpoint = request.http.parameter("authorization_endpoint").and_then(|it| url::Url::parse(it).ok());
    let host = endpoint.as_ref().and_then(|it| it.host_str());
    if !host.is_some_and(Cloud::is_public_instance) {
        return request.error_reply(&EntraError::unknown_instance());
    }
    let tenant = endpoint.as_ref().and_then(|it| it.path_segments()?.next()).unwrap_or("common");
    let document = json!({
        "tenant_discovery_endpoint": format!("{}/{tenant}/v2.0/.well-known/openid-configuration", request.http.base_url),
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
pub fn keys(request: &EndpointRequest) -> Reply {
    match tenant::in_path(request) {
        Ok(_) => Reply::json(200, &jwt::public_keys(), "signing keys"),
        Err(error) => request.error_reply(&error),
    }
}

fn instance(network: &str, cache: &str, aliases: &[&str]) -> Value {
    json!({ "preferred_network": network, "preferred_cache": cache, "aliases": aliases })
}
