//! The answer of the token endpoint when all is well ("OAuth 2.0 client credentials flow" and "OAuth
//! 2.0 authorization code flow", sections "Successful response").

use serde_json::{Map, Value, json};

use super::scope::Scope;
use super::token::{AccessToken, Holder, issue_id_token};
use super::token_endpoint::TokenRequest;
use crate::jwt::base64url;
use crate::reply::Reply;
use crate::resources::Resource;
use crate::settings::{Tenant, User};

/// What a grant decided.
pub struct Granted<'a> {
    /// The tenant that issues the token.
    pub tenant: &'a Tenant,
    /// What it was asked for.
    pub scope: Scope,
    /// What it is for.
    pub resource: Resource,
    /// The user, unless the application signed in as itself.
    pub user: Option<&'a User>,
    /// Whether a new refresh token shall belong to the family.
    pub family: bool,
}

impl Granted<'_> {
    /// The answer as it goes back.
    pub fn reply(&self, request: &TokenRequest) -> Reply {
        let (state, lifetime) = (request.state(), self.lifetime(request));
        let mut body = Map::from_iter([("token_type".to_owned(), json!("Bearer"))]);
        if self.user.is_some() {
            body.insert("scope".into(), json!(self.scope.granted.join(" ")));
        }
        body.insert("expires_in".into(), json!(lifetime));
        body.insert("ext_expires_in".into(), json!(lifetime));
        if let Some(seconds) = state.settings.lifetimes.refresh_in {
            body.insert("refresh_in".into(), json!(seconds));
        }
        body.insert("access_token".into(), json!(self.access_token(request, lifetime)));
        if let Some(user) = self.user {
            body.extend(self.about_user(request, user));
        }
        let who = self.user.map_or(&request.application.client_id, |user| &user.username);
        let note = format!("token for {} as {who} in {}", self.scope.resource, self.tenant.id);
        Reply::json(200, &Value::Object(body), note).header("x-ms-request-id", &state.new_id())
    }

    fn lifetime(&self, request: &TokenRequest) -> u64 {
        let lifetimes = &request.state().settings.lifetimes;
        match self.user {
            _ if request.claims.cp1() => lifetimes.cae,
            Some(_) => lifetimes.user,
            None => lifetimes.application,
        }
    }

    fn access_token(&self, request: &TokenRequest, lifetime: u64) -> String {
        let application = &request.application;
        let (oid, holder) = match self.user {
            Some(user) => (user.oid.clone(), Holder::User { user, permissions: self.permissions() }),
            None => (application.object_id(), Holder::Application { roles: &application.roles }),
        };
        let token = AccessToken {
            tenant: self.tenant,
            cloud: request.visit.cloud,
            resource: &self.resource,
            client_id: &application.client_id,
            oid: &oid,
            holder,
            authenticated_by: request.authenticated_by,
            lifetime,
            cp1: request.claims.cp1(),
        };
        token.issue(request.state())
    }

    fn about_user(&self, request: &TokenRequest, user: &User) -> Map<String, Value> {
        let (state, client_id) = (request.state(), &request.application.client_id);
        let mut more = Map::new();
        if self.scope.offline_access {
            let token = state.issue_refresh_token(&user.oid, client_id, self.family);
            more.insert("refresh_token".into(), json!(token));
        }
        if self.family {
            more.insert("foci".into(), json!("1"));
        }
        if self.scope.openid {
            let token = issue_id_token(state, request.visit.cloud, self.tenant, client_id, user);
            more.insert("id_token".into(), json!(token));
        }
        if request.form.get("client_info") == Some("1") {
            let home = state.settings.tenant(user.tenant.as_deref()).map(|home| &home.id);
            more.insert(
                "client_info".into(),
                json!(base64url(&json!({ "uid": user.oid, "utid": home }).to_string())),
            );
        }
        more
    }

    fn permissions(&self) -> String {
        let names = self.scope.granted.iter().filter_map(|it| it.rsplit('/').next());
        names.filter(|name| *name != ".default").collect::<Vec<_>>().join(" ")
    }
}
