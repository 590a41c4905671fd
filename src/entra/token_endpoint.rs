//! Requests to the token endpoint, and instance discovery before the first of them.

use super::authority;
use super::claims;
use super::client::Client;
use super::grant::Grant;
use super::refusal;
use super::scopes::Scopes;
use crate::call_context::CallContext;
use crate::concurrency::boxed;
use crate::error::Error;
use crate::http::{Form, Request, Response};
use crate::json::Json;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::retry;
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
        self.check_authority(call).await?;
        let is_regional = grant.is_regional && !self.is_adfs();
        let base = if is_regional { self.authority.regional() } else { &*self.authority };
        let url = base.join(&self.path(&client.tenant_id, "token"));
        let mut form = Form::new(&[("client_id", self.client_id.as_str())]);
        if grant.scopes != Scopes::Omitted {
            form = form.field("scope", &grant.scopes.parameter(request));
        }
        if let Some(claims) = claims::parameter(request) {
            form = form.field("claims", &claims);
        }
        let mut fields = grant.authentication.form_fields(call, &client).await?;
        fields.extend(grant.fields.iter().cloned());
        let form = fields.iter().fold(form, |form, (name, value)| form.field(name, value.expose()));
        let post = Request::post(url, &form);
        let post = grant.headers.iter().fold(post, |post, (name, value)| post.header(name, value.clone()));
        let response = boxed(self.send(call, &post, &fields)).await?;
        TokenResponse::parse(&response.body.0, call.host.now())
            .map_err(|error| Error::other(self.source, error))
    }

    /// Makes sure that the authority is one, if need be by a request for instance discovery, before a secret
    /// is sent there. Once an authority is validated, no further request is sent. The operator of an AD FS is
    /// its authority, and instance discovery does not know it.
    ///
    /// # Errors
    /// `authentication-failed` when instance discovery does not know the authority, `transient` when it gives no
    /// response.
    #[maybe_async]
    pub async fn check_authority(&self, call: &CallContext<'_>) -> Result<(), Error> {
        let request = self.authority.instance_discovery_request().filter(|_| !self.is_adfs());
        let Some(request) = request else {
            return Ok(());
        };
        let response = boxed(self.send(call, &request, &[])).await;
        let validated = response.and_then(|response| {
            let json = Json::parse(&response.body.0);
            let is_known = json.is_some_and(|json| json.text("tenant_discovery_endpoint").is_some());
            if is_known {
                Ok(())
            } else {
                Err(Error::other(self.source, "the response to instance discovery is malformed"))
            }
        });
        validated.map_err(|mut error| {
            error.message.push_str(authority::NOT_VALIDATED);
            error
        })?;
        self.authority.mark_validated();
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
        request: &Request,
        secrets: &[(&'static str, Secret)],
    ) -> Result<Response, Error> {
        let host = request.url.authority();
        let response = retry::send(call, &retry::ENTRA, request).await;
        let response = response.map_err(|error| refusal::unreachable(self.source, host, error))?;
        if response.status == 200 {
            Ok(response)
        } else {
            Err(refusal::refused(self.source, call, host, &response, secrets))
        }
    }
}
