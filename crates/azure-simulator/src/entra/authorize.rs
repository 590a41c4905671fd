//! `GET /{tenant}/oauth2/v2.0/authorize`: where a browser is sent to sign in ("OAuth 2.0 authorization
//! code flow", section "Request an authorization code").
//!
//! The user is signed in already and agrees to everything, so the browser is sent on at once. A refusal,
//! which the real service shows as a page, is the JSON document of the token endpoint here.

use super::error::EntraError;
use super::scope::Scope;
use super::sign_ins::Code;
use super::tenant::{self, Addressed};
use super::{Visit, application, scope};
use crate::call::duplicate;
use crate::reply::Reply;
use crate::settings::{Application, User};

/// Answers a browser.
pub fn answer(visit: &Visit) -> Reply {
    sign_in(visit).unwrap_or_else(|error| error.reply(visit))
}

fn sign_in(visit: &Visit) -> Result<Reply, EntraError> {
    if let Some(name) = duplicate(&visit.call.query) {
        return Err(EntraError::duplicate_parameter(name));
    }
    let required = |name| visit.call.parameter(name).ok_or_else(|| EntraError::missing_parameter(name));
    let tenant = tenant::addressed(visit)?;
    let client = application::find(&visit.state.settings, tenant, required("client_id")?)?;
    let redirect_uri = required("redirect_uri")?;
    if !client.redirect_uris.iter().any(|it| is_registered(it, redirect_uri)) {
        return Err(EntraError::redirect_uri_not_registered(redirect_uri, &client.client_id));
    }
    if required("response_type")? != "code" {
        return Err(EntraError::malformed_request());
    }
    let scope = scope::of_user(required("scope")?)?;
    let challenge = visit.call.parameter("code_challenge");
    if challenge.is_some() && visit.call.parameter("code_challenge_method") != Some("S256") {
        return Err(EntraError::malformed_request());
    }
    let user = user(visit, tenant).ok_or_else(EntraError::wrong_password)?;
    let code = issue(visit, &client, user, scope, challenge);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("code", &code);
    visit.call.parameter("state").into_iter().for_each(|state| _ = query.append_pair("state", state));
    let question = if redirect_uri.contains('?') { '&' } else { '?' };
    let location = format!("{redirect_uri}{question}{}", query.finish());
    let note = format!("{} signed in to {}", user.username, client.client_id);
    Ok(Reply::text(302, "text/html", "", note).header("location", &location))
}

fn issue(visit: &Visit, client: &Application, user: &User, scope: Scope, pkce: Option<&str>) -> String {
    let code = format!("1.code~of+user/{}", visit.state.new_id());
    visit.state.remember("authorization code", &code);
    visit.state.sign_ins.begin(Code {
        code: code.clone(),
        client_id: client.client_id.clone(),
        oid: user.oid.clone(),
        scope,
        redirect_uri: visit.call.parameter("redirect_uri").unwrap_or_default().to_owned(),
        challenge: pkce.map(str::to_owned),
        ends_on: visit.state.now() + 600,
        redeemed: false,
    });
    code
}

/// Who sits at the browser: whom the app hints at, or the first user of the tenant.
fn user<'a>(visit: &Visit<'a>, tenant: Addressed) -> Option<&'a User> {
    let (settings, hint) = (&visit.state.settings, visit.call.parameter("login_hint"));
    settings.users.iter().find(|user| {
        let is_here = match tenant {
            Addressed::One(tenant) => settings.is_home(tenant, user.tenant.as_deref()),
            Addressed::HomeOfUser => true,
        };
        is_here && hint.is_none_or(|hint| user.username.eq_ignore_ascii_case(hint))
    })
}

/// Letter by letter, but a port of loopback is whichever was free (RFC 8252, section 7.3).
fn is_registered(registered: &str, wanted: &str) -> bool {
    let port_apart = |text: &str| {
        let url = url::Url::parse(text).ok()?;
        let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        is_loopback.then(|| (url.host_str().map(str::to_owned), url.path().to_owned()))
    };
    registered == wanted || port_apart(wanted).is_some_and(|it| port_apart(registered) == Some(it))
}
