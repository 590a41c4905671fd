//! Sends requests with a token, and a second time with another one if the service challenges the first and the request
//! can be repeated.

use super::authenticator::Authenticator;
use super::client::{Client, Done, Received};
use super::{body, fields, response};
use crate::types::{AccessToken, TokenRequest};
use azure_http_auth_rules::challenge::{self, Challenge};
use azure_http_auth_rules::headers;
use azure_http_auth_rules::log::Kind;
use azure_http_auth_rules::rules::{Access, Presentation};
use azure_http_auth_rules::target::request_target::Target;
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode, header};
use std::sync::Arc;
use tokio::sync::oneshot;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

/// A request of an app.
pub(super) struct Outgoing {
    /// Its target is the one that was decided on.
    pub(super) head: Parts,
    pub(super) body: WasiBody,
    pub(super) options: Option<RequestOptions>,
    pub(super) done: Done,
}

/// Sends a request with a token, and a second time with another one if the service challenges the first.
pub(super) async fn send_authenticated(
    auth: Authenticator,
    client: Client,
    access: Access,
    target: Target,
    request: Outgoing,
) -> Result<Received, Error> {
    let mut wanted = TokenRequest {
        scopes: vec![access.scope.clone()],
        tenant_id: access.tenant.clone().or_else(|| auth.tenants().get(&target.server)),
        enable_cae: access.enable_cae && auth.provider().allows_cae(),
        ..TokenRequest::default()
    };
    let token = get_token(&auth, &wanted).await.map_err(|failure| {
        let message = format!("no token for {}: {failure}", access.scope);
        auth.log(Kind::NoToken, &message);
        Error::InternalError(Some(format!("http-auth: {message}")))
    })?;
    let sender = Sender::new(client, request.head, request.options, access.presentation);
    let (body, kept) = body::keep(request.body, sender.content_length(), access.keep, auth.kept());
    let (done, is_done) = oneshot::channel();
    let received = sender.send(&token, body, done_by(is_done)).await?;
    let (mut named, mut again) = (None, None);
    if let Some(challenge) = satisfiable(&auth, &access, &received.0) {
        named = satisfy(&mut wanted, challenge);
        // Fetched even if this request cannot be sent again, so that the next one succeeds.
        let another = another_token(&auth, &wanted, &token).await;
        again = another.and_then(|another| Some((another, kept?.into_body()?)));
    }
    let Some((another, body)) = again else {
        // The client may have dropped the receiver.
        let _ = done.send(request.done);
        return response::checked(&auth, &token, received);
    };
    drop(received);
    let received = sender.send(&another, body, request.done).await?;
    if let Some(tenant) = named.filter(|_| received.0.status() != StatusCode::UNAUTHORIZED) {
        auth.tenants().insert(target.server, tenant);
    }
    response::checked(&auth, &another, received)
}

/// The challenge of a response that another token satisfies.
fn satisfiable(auth: &Authenticator, access: &Access, response: &Response<WasiBody>) -> Option<Challenge> {
    if response.status() != StatusCode::UNAUTHORIZED {
        return None;
    }
    let values = response.headers().get_all(header::WWW_AUTHENTICATE).iter().map(HeaderValue::as_bytes);
    challenge::satisfiable(values, access, &auth.settings.authorities)
}

/// Makes a request for a token satisfy a challenge, and returns the tenant that the challenge names.
fn satisfy(wanted: &mut TokenRequest, challenge: Challenge) -> Option<String> {
    match challenge {
        Challenge::Claims(claims) => {
            wanted.claims = Some(claims);
            None
        }
        Challenge::Tenant(tenant) => {
            wanted.tenant_id = Some(tenant.clone());
            Some(tenant)
        }
    }
}

/// A token for a challenge; `None`: there is no other one than the refused one.
async fn another_token(
    auth: &Authenticator,
    wanted: &TokenRequest,
    refused: &AccessToken,
) -> Option<Arc<AccessToken>> {
    let is_another = |token: &Arc<AccessToken>| token.secret() != refused.secret();
    if wanted.claims.is_some() {
        // One that came meanwhile, in most cases because another request met the same challenge.
        let stored = TokenRequest { claims: None, ..wanted.clone() };
        if let Some(stored) = get_token(auth, &stored).await.ok().filter(is_another) {
            return Some(stored);
        }
    }
    get_token(auth, wanted).await.ok().filter(is_another)
}

/// The error is a message for people, without secrets.
async fn get_token(auth: &Authenticator, wanted: &TokenRequest) -> Result<Arc<AccessToken>, String> {
    let token = auth.provider().get_token(wanted.clone()).await.map_err(|error| error.message)?;
    // `Bearer` is written before the token, and a token of another type is not one (RFC 6750, section 2.1).
    if !token.token_type.eq_ignore_ascii_case("Bearer") {
        return Err("the provider's token is not a bearer token, so it cannot be sent".to_owned());
    }
    Ok(token)
}

/// Sends a request, once or twice.
struct Sender {
    client: Client,
    /// Without credentials.
    head: Parts,
    options: Option<RequestOptions>,
    presentation: Presentation,
}

impl Sender {
    fn new(
        client: Client,
        mut head: Parts,
        options: Option<RequestOptions>,
        presentation: Presentation,
    ) -> Self {
        // That of the target that was decided on, which is there if the client asks for one.
        let host = head.headers.remove(header::HOST);
        head.headers = fields::map(&headers::forwarded(fields::list(&head.headers)));
        head.headers.extend(host.map(|host| (header::HOST, host)));
        Self { client, head, options, presentation }
    }

    fn content_length(&self) -> Option<u64> {
        headers::content_length(&fields::list(&self.head.headers))
    }

    async fn send(&self, token: &AccessToken, body: WasiBody, done: Done) -> Result<Received, Error> {
        let mut head = self.head.clone();
        let value = HeaderValue::try_from(self.presentation.value(token.secret()));
        let mut value = value.map_err(|_| Error::HttpRequestHeaderSectionSize(None))?;
        // `Debug` of the headers does not show it.
        value.set_sensitive(true);
        head.headers.insert(header::AUTHORIZATION, value);
        let request = Request::from_parts(head, body);
        let sending = self.client.lock().send_request(request, self.options, done);
        Box::into_pin(sending).await
    }
}

/// What ends when the response of the first sending was processed, if the app gets that one.
fn done_by(is_done: oneshot::Receiver<Done>) -> Done {
    Box::new(async move {
        match is_done.await {
            Ok(done) => Box::into_pin(done).await,
            Err(_) => Ok(()),
        }
    })
}
