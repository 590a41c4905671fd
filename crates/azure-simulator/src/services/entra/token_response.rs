//! The successful response of the token endpoint ("OAuth 2.0 client credentials flow" and "OAuth 2.0 authorization code
//! flow", sections "Successful response").

use serde_json::{Map, Value, json};

use super::grant::{Granted, TokenRequest};
use crate::jwt::base64url;
use crate::reply::Reply;
use crate::settings::User;
use crate::token::{AccessToken, Subject, issue_id_token};

/// Issues the tokens that were granted.
pub fn token_response(granted: &Granted, request: &TokenRequest) -> Reply {
    let (state, lifetime) = (request.state(), lifetime(granted, request));
    let mut body = Map::from_iter([("token_type".to_owned(), json!("Bearer"))]);
    if granted.user.is_some() {
        body.insert("scope".into(), json!(granted.scope.granted.join(" ")));
    }
    body.insert("expires_in".into(), json!(lifetime));
    body.insert("ext_expires_in".into(), json!(lifetime));
    if let Some(seconds) = state.settings.lifetimes.refresh_in {
        body.insert("refresh_in".into(), json!(seconds));
    }
    body.insert("access_token".into(), json!(access_token(granted, request, lifetime)));
    if let Some(user) = granted.user {
        body.extend(user_members(granted, request, user));
    }
    let subject = granted.user.map_or(&request.application.client_id, |user| &user.username);
    let note = format!("token for {} as {subject} in {}", granted.scope.resource, granted.tenant.id);
    Reply::json(200, &Value::Object(body), note).header("x-ms-request-id", &state.new_id())
}

/// In seconds.
fn lifetime(granted: &Granted, request: &TokenRequest) -> u64 {
    let lifetimes = &request.state().settings.lifetimes;
    match granted.user {
        _ if request.claims.cp1() => lifetimes.cae,
        Some(_) => lifetimes.user,
        None => lifetimes.application,
    }
}

fn access_token(granted: &Granted, request: &TokenRequest, lifetime: u64) -> String {
    let application = &request.application;
    let (oid, subject) = match granted.user {
        Some(user) => (user.oid.clone(), Subject::User { user, permissions: permissions(granted) }),
        None => (application.object_id(), Subject::Application { roles: &application.roles }),
    };
    let token = AccessToken {
        tenant: granted.tenant,
        cloud: request.endpoint.cloud,
        resource: &granted.resource,
        client_id: &application.client_id,
        oid: &oid,
        subject,
        appidacr: request.appidacr,
        lifetime,
        cp1: request.claims.cp1(),
    };
    token.issue(request.state())
}

/// The members that only a response about a user has.
fn user_members(granted: &Granted, request: &TokenRequest, user: &User) -> Map<String, Value> {
    let (state, client_id) = (request.state(), &request.application.client_id);
    let mut members = Map::new();
    if granted.scope.offline_access {
        let sessions = request.endpoint.sessions;
        let token = sessions.issue_refresh_token(state, &user.oid, client_id, granted.family);
        members.insert("refresh_token".into(), json!(token));
    }
    if granted.family {
        members.insert("foci".into(), json!("1"));
    }
    if granted.scope.openid {
        let token = issue_id_token(state, request.endpoint.cloud, granted.tenant, client_id, user);
        members.insert("id_token".into(), json!(token));
    }
    if request.form.get("client_info") == Some("1") {
        let home = state.settings.tenant(user.tenant.as_deref()).map(|home| &home.id);
        let client_info = json!({ "uid": user.oid, "utid": home }).to_string();
        members.insert("client_info".into(), json!(base64url(client_info)));
    }
    members
}

/// The delegated permissions without the resource, separated by spaces.
fn permissions(granted: &Granted) -> String {
    let names = granted.scope.granted.iter().filter_map(|it| it.rsplit('/').next());
    names.filter(|name| *name != ".default").collect::<Vec<_>>().join(" ")
}
