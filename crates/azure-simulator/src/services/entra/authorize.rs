//! `GET /{tenant}/oauth2/v2.0/authorize`: an authorization request in the browser ("OAuth 2.0 authorization code flow",
//! section "Request an authorization code").
//!
//! The user is signed in already. A browser gets a page that asks for consent; any other client is redirected to the app at
//! once, as if the user had consented. An error, which the real service shows as a page, is the JSON document of the token
//! endpoint here.

use super::endpoint_request::EndpointRequest;
use super::error::EntraError;
use super::scope::Scope;
use super::sessions::AuthorizationCode;
use super::tenant::{self, TenantInPath};
use super::{application, scope, sign_in_page};
use crate::incoming_request::duplicate_name;
use crate::reply::Reply;
use crate::settings::{Application, User};

/// Handles an authorization request.
pub fn reply(request: &EndpointRequest) -> Reply {
    sign_in(request).unwrap_or_else(|error| request.error_reply(&error))
}

fn sign_in(request: &EndpointRequest) -> Result<Reply, EntraError> {
    if let Some(name) = duplicate_name(&request.http.query) {
        return Err(EntraError::duplicate_parameter(name));
    }
    let required = |name| request.http.parameter(name).ok_or_else(|| EntraError::missing_parameter(name));
    let tenant = tenant::in_path(request)?;
    let client = application::find(&request.state.settings, tenant, required("client_id")?)?;
    let redirect_uri = required("redirect_uri")?;
    if !client.redirect_uris.iter().any(|it| is_registered(it, redirect_uri)) {
        return Err(EntraError::redirect_uri_not_registered(redirect_uri, &client.client_id));
    }
    if required("response_type")? != "code" {
        return Err(EntraError::malformed_request());
    }
    let scope = scope::of_user(required("scope")?)?;
    let challenge = request.http.parameter("code_challenge");
    if challenge.is_some() && request.http.parameter("code_challenge_method") != Some("S256") {
        return Err(EntraError::malformed_request());
    }
    let user = user(request, tenant).ok_or_else(EntraError::wrong_password)?;
    let code = issue_code(request, &client, user, scope, challenge);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("code", &code);
    if let Some(state) = request.http.parameter("state") {
        query.append_pair("state", state);
    }
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    let location = format!("{redirect_uri}{separator}{}", query.finish());
    if sign_in_page::is_wanted(request.http) {
        return Ok(sign_in_page::reply(request.http, &client, &user.username, &location));
    }
    let note = format!("{} signed in to {}", user.username, client.client_id);
    Ok(Reply::text(302, "text/html", "", note).header("location", &location))
}

fn issue_code(
    request: &EndpointRequest,
    client: &Application,
    user: &User,
    scope: Scope,
    challenge: Option<&str>,
) -> String {
    let code = format!("1.code~of+user/{}", request.state.new_id());
    request.state.add_secret("authorization code", &code);
    request.sessions.add_code(AuthorizationCode {
        code: code.clone(),
        client_id: client.client_id.clone(),
        oid: user.oid.clone(),
        scope,
        redirect_uri: request.http.parameter("redirect_uri").unwrap_or_default().to_owned(),
        challenge: challenge.map(str::to_owned),
        expires_on: request.state.now() + 600,
        redeemed: false,
    });
    code
}

/// The user who signs in: the one of `login_hint`, or the first user of the tenant.
fn user<'a>(request: &EndpointRequest<'a>, tenant: TenantInPath) -> Option<&'a User> {
    let (settings, hint) = (&request.state.settings, request.http.parameter("login_hint"));
    settings.users.iter().find(|user| {
        let is_in_tenant = match tenant {
            TenantInPath::One(tenant) => settings.is_home(tenant, user.tenant.as_deref()),
            TenantInPath::HomeOfUser => true,
        };
        is_in_tenant && hint.is_none_or(|hint| user.username.eq_ignore_ascii_case(hint))
    })
}

/// Whether two redirect URIs are equal; the port of a loopback address is not compared (RFC 8252, section 7.3).
fn is_registered(registered: &str, requested: &str) -> bool {
    let without_port = |text: &str| {
        let url = url::Url::parse(text).ok()?;
        let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        is_loopback.then(|| (url.host_str().map(str::to_owned), url.path().to_owned()))
    };
    registered == requested || without_port(requested).is_some_and(|it| without_port(registered) == Some(it))
}
