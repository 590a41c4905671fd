//! Requests to the token endpoint, and instance discovery before the first of them.

use super::authority;
use super::claims;
use super::client::Client;
use super::client_authentication::FormFields;
use super::grant::Grant;
use super::refusal;
use super::scopes::Scopes;
use crate::call_context::CallContext;
use crate::concurrency::boxed;
use crate::error::Error;
use crate::http::{Form, Request, Response, Url};
use crate::json::Json;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::retry::{self, Attempts};
use crate::throttling::Unthrottled;
use crate::token::Secret;
use crate::token_response::TokenResponse;

impl Client {
    /// Sends a token request.
    ///
    /// # Errors
    /// `invalid-argument` for a tenant that is not allowed, `transient`, `authentication-failed` with the `AADSTS` codes
    /// and claims, or `other` for a malformed response.
    #[maybe_async]
    pub async fn fetch_token(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
        grant: &Grant<'_>,
    ) -> Result<TokenResponse, Error> {
        // The client in the tenant of this request, which is the one that an assertion has to name.
        let tenant_id = self.tenant_for(call.host, request)?.clone();
        let client = Self { tenant_id, ..self.clone() };
        let unthrottled = Unthrottled::check(call, self.source, client.kind_of_request(request, grant))?;
        self.check_authority(call).await?;
        let (response, fields) = boxed(client.send_grant(call, request, grant)).await?;
        let host = self.base(grant).authority();
        let response = self.accept(call, host, response, &fields);
        let response = response.inspect_err(|error| unthrottled.note(error))?;
        let parsed = TokenResponse::parse(&response.body.0, call.host.now());
        let mut parsed =
            parsed.map_err(|error| refusal::malformed(self.source, call, host, &response, &fields, error))?;
        client.describe(&mut parsed.details);
        Ok(parsed)
    }

    /// Sends the request for a grant, each attempt with a client authentication that is valid for it. Returns the
    /// response, and the fields of the form that the last attempt had besides those of the caller's request.
    #[maybe_async]
    async fn send_grant(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
        grant: &Grant<'_>,
    ) -> Result<(Response, FormFields), Error> {
        let url = self.url_of(grant);
        let mut authentication = grant.authentication.form_fields(call, self).await?;
        let mut attempts = Attempts::new(retry::ENTRA, grant.repetition);
        loop {
            let fields = [authentication.as_slice(), &grant.fields].concat();
            let mut form = self.form(request, grant);
            if let Some(claims) = claims::parameter(request) {
                form = form.field("claims", &claims);
            }
            let form = fields.iter().fold(form, |form, (name, value)| form.field(name, value.expose()));
            let post = identified(call, Request::post(url.clone(), &form));
            let post =
                grant.headers.iter().fold(post, |post, (name, value)| post.header(name, value.clone()));
            let outcome = attempts.send(call, &post).await;
            if !attempts.wait(call, &outcome).await {
                return outcome.map(|response| (response, fields)).map_err(|error| {
                    let mut lost = refusal::lost(self.source, call, url.authority(), error, grant.repetition);
                    lost.message.push_str(self.authority.remedy(error));
                    lost
                });
            }
            if grant.authentication.is_for_one_attempt() {
                authentication = grant.authentication.form_fields(call, self).await?;
            }
        }
    }

    /// What identifies a kind of request for [`Unthrottled`]. Of the user it has the code, the refresh token, the name or
    /// the assertion.
    fn kind_of_request(&self, request: &TokenRequest, grant: &Grant<'_>) -> String {
        let form = self.form(request, grant);
        let form = grant.fields.iter().fold(form, |form, (name, value)| form.field(name, value.expose()));
        format!("{} {}", self.url_of(grant), form.into_encoded().expose())
    }

    /// The fields of the form that are no secret, but for the claims: who asks, and for what.
    fn form(&self, request: &TokenRequest, grant: &Grant<'_>) -> Form {
        let form = Form::new(&[("client_id", self.client_id.as_str())]);
        match grant.scopes {
            Scopes::Omitted => form,
            scopes => form.field("scope", &scopes.parameter(request)),
        }
    }

    fn url_of(&self, grant: &Grant<'_>) -> Url {
        self.base(grant).join(&self.path(&self.tenant_id, "token"))
    }

    /// The authority, or its region's, that serves the grant.
    fn base(&self, grant: &Grant<'_>) -> &Url {
        if grant.is_regional && !self.is_adfs() { self.authority.regional() } else { &self.authority }
    }

    /// Makes sure that the authority is one, if need be by a request for instance discovery, before a secret
    /// is sent there. An authority is validated once in an instance, for all of its credentials. The operator of an AD FS is
    /// its authority, and instance discovery does not know it.
    ///
    /// # Errors
    /// `authentication-failed` when instance discovery does not know the authority, `transient` when it gives no
    /// response.
    #[maybe_async]
    pub async fn check_authority(&self, call: &CallContext<'_>) -> Result<(), Error> {
        let request = self.authority.instance_discovery_request().filter(|_| !self.is_adfs());
        let (host, validated) = (self.authority.authority(), &call.host.instance().validated_authorities);
        let Some(request) = request.filter(|_| !validated.contain(host)) else {
            return Ok(());
        };
        let _guard = validated.discovery.lock().await;
        // Another call may have asked in the meantime.
        if validated.contain(host) {
            return Ok(());
        }
        let response = boxed(self.send(call, request, &[])).await;
        let checked = response.and_then(|response| {
            let json = Json::parse(&response.body.0);
            let is_known = json.is_some_and(|json| json.text("tenant_discovery_endpoint").is_some());
            if is_known {
                Ok(())
            } else {
                Err(self.malformed(call, &response, "to instance discovery is malformed"))
            }
        });
        checked.map_err(|mut error| {
            error.message.push_str(authority::NOT_VALIDATED);
            error
        })?;
        validated.add(host);
        Ok(())
    }

    /// Sends a request. A response with another status than 200 is an error, whose message repeats none of
    /// `secrets`, the form's fields.
    ///
    /// # Errors
    /// As [`fetch_token`](Self::fetch_token).
    #[maybe_async]
    pub async fn send(
        &self,
        call: &CallContext<'_>,
        request: Request,
        secrets: &[(&'static str, Secret)],
    ) -> Result<Response, Error> {
        let body = request.body.as_ref().map_or("", Secret::expose);
        let unthrottled = Unthrottled::check(call, self.source, format!("{} {body}", request.url))?;
        let request = identified(call, request);
        let host = request.url.authority();
        let response = retry::send(call, &retry::ENTRA, &request).await;
        let response = response.map_err(|error| refusal::unreachable(self.source, call, host, error))?;
        self.accept(call, host, response, secrets).inspect_err(|error| unthrottled.note(error))
    }

    /// The error for a response to a request without secrets, which has the status 200 and is not as expected.
    pub fn malformed(&self, call: &CallContext<'_>, response: &Response, what: &str) -> Error {
        refusal::malformed(self.source, call, self.authority.authority(), response, &[], what)
    }

    /// The response, if its status is 200.
    fn accept(
        &self,
        call: &CallContext<'_>,
        host: &str,
        response: Response,
        secrets: &[(&'static str, Secret)],
    ) -> Result<Response, Error> {
        if response.status == 200 {
            Ok(response)
        } else {
            Err(refusal::refused(self.source, call, host, &response, secrets))
        }
    }
}

/// Adds the id by which the logs of Microsoft Entra find the call (MSAL; "correlation id").
fn identified(call: &CallContext<'_>, request: Request) -> Request {
    request.header("client-request-id", call.request_id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::run;
    use crate::entra::client_authentication::PublicClient;
    use crate::host::fake::FakeHost;
    use crate::http::Body;
    use crate::identifiers::{ClientId, Scope, TenantId};
    use futures_util::future::join;

    fn client(authority: &str) -> Client {
        Client {
            source: "test",
            authority: Url::parse_authority(authority).expect("an authority").into(),
            tenant_id: TenantId::parse("t").expect("a tenant"),
            client_id: ClientId::parse("client").expect("a client id"),
            allowed_tenants: Vec::new(),
        }
    }

    fn token() -> Response {
        let body = br#"{"tenant_discovery_endpoint": "x", "access_token": "AT", "expires_in": 60}"#;
        Response { status: 200, headers: Vec::new(), body: Body(body.to_vec()) }
    }

    #[test]
    fn the_wait_of_one_user_is_not_that_of_another() {
        let headers = vec![("retry-after".to_owned(), "300".to_owned())];
        let throttled = Response { status: 429, headers, body: Body(Vec::new()) };
        let host = FakeHost::new().respond(Ok(token()));
        host.responses.borrow_mut().push_back(Ok(throttled));
        let (client, call) = (client("login.microsoftonline.com"), CallContext::new(&host));
        let request = TokenRequest::for_scope(Scope::parse("s").expect("a scope"));
        let mut outcomes = Vec::new();
        for user in ["one", "other", "one", "other"] {
            let fields = vec![("assertion", user.into())];
            let grant = Grant { fields, ..Grant::authenticated_by(&PublicClient) };
            let outcome = run(client.fetch_token(&call, &request, &grant));
            outcomes.push((user, outcome.is_ok(), host.request_count()));
        }
        assert_eq!(outcomes, [("one", false, 1), ("other", true, 2), ("one", false, 2), ("other", true, 3)]);
    }

    #[test]
    fn concurrent_calls_of_two_clients_validate_an_authority_once() {
        let host = FakeHost::new().slow().respond(Ok(token()));
        let (one, other) = (client("https://login.example"), client("https://login.example"));
        let call = CallContext::new(&host);
        let request = TokenRequest::for_scope(Scope::parse("s").expect("a scope"));
        let grant = Grant::authenticated_by(&PublicClient);
        let both = join(one.fetch_token(&call, &request, &grant), other.fetch_token(&call, &request, &grant));
        let (one, other) = run(both);
        assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
        let requests = host.requests.borrow();
        let discoveries = requests.iter().filter(|request| request.url.contains("/discovery/")).count();
        assert_eq!((discoveries, requests.len()), (1, 3));
    }
}
