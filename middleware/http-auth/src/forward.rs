//! Forwards requests with a token, their body and trailers unchanged; and a second time with another token, if the
//! service challenges the first and the request can be repeated.

use crate::bindings::wasi::http::client;
use crate::bindings::wasi::http::types::{
    ErrorCode, Fields, Method, Request, RequestOptions, Response, Scheme,
};
use crate::host::{ImportedProvider, Instance};
use crate::prelude::*;
use crate::token_store::{Token, TokenKey, TokenRequest};
use alloc::format;
use alloc::rc::Rc;
use azure_http_auth_rules::challenge::{self, Challenge};
use azure_http_auth_rules::headers::{self, Header};
use azure_http_auth_rules::log::Kind;
use azure_http_auth_rules::rules::Access;
use azure_http_auth_rules::settings::Settings;
use azure_http_auth_rules::target;
use azure_http_auth_rules::target::request_target::Target;
use body::{Body, Framing, Kept};
use response::checked;

mod body;
mod copying;
mod response;
mod transfer;

/// A request of the app, without its body.
pub struct Outgoing {
    method: Method,
    /// The method's name.
    pub method_name: String,
    /// The scheme's name; `None`: none was set.
    pub scheme_name: Option<String>,
    /// The authority; `None`: none was set.
    pub authority: Option<String>,
    /// The path with the query; `None`: none was set.
    pub path_with_query: Option<String>,
    /// The headers.
    pub headers: Vec<Header>,
    options: Option<RequestOptions>,
}

impl Outgoing {
    /// Reads a request without its body.
    pub fn read(request: &Request) -> Self {
        let (method, scheme) = (request.get_method(), request.get_scheme());
        Self {
            method_name: name_of(&method).to_owned(),
            method,
            scheme_name: scheme.map(|scheme| match scheme {
                Scheme::Http => "http".to_owned(),
                Scheme::Https => "https".to_owned(),
                Scheme::Other(name) => name,
            }),
            authority: request.get_authority(),
            path_with_query: request.get_path_with_query(),
            headers: request.get_headers().copy_all(),
            // A copy: the original ends with the request.
            options: request.get_options().map(|options| options.clone()),
        }
    }

    /// Builds the request that is sent: to the target that was decided on, with a token and a body.
    fn build_request(
        &mut self,
        (access, target): (&Access, &Target),
        token: &Token,
        body: Body,
        kept: &Kept,
    ) -> Result<Request, ErrorCode> {
        let value = access.presentation.value(&token.secret);
        self.headers.push(("authorization".to_owned(), value.into_bytes()));
        let fields = Fields::from_list(&self.headers);
        self.headers.pop();
        let fields = fields.map_err(|_| ErrorCode::HttpRequestHeaderSectionSize(None))?;
        let options = self.options.as_ref().map(RequestOptions::clone);
        let (request, is_sent) = Request::new(fields, body.contents, body.trailers, options);
        if let Some(sent) = body.sent {
            kept.report(sent, is_sent);
        }
        if !matches!(self.method, Method::Get) {
            // GET is the method of a new request. This one came from a request, so another request accepts it.
            request.set_method(&self.method).map_err(|()| ErrorCode::HttpRequestMethodInvalid)?;
        }
        set_target(&request, target)?;
        Ok(request)
    }
}

/// Makes a request go to the target that was decided on, and to no other that a host could read from the app's texts.
///
/// # Errors
/// When the host allows no such path, e.g. `*`.
pub fn set_target(request: &Request, target: &Target) -> Result<(), ErrorCode> {
    let refused = |()| ErrorCode::HttpRequestUriInvalid;
    let scheme = match target.scheme() {
        target::Scheme::Http => Scheme::Http,
        target::Scheme::Https => Scheme::Https,
    };
    request.set_scheme(Some(&scheme)).map_err(refused)?;
    request.set_authority(Some(&target.authority())).map_err(refused)?;
    request.set_path_with_query(Some(target.path_with_query())).map_err(refused)
}

/// Sends a request with a token, and a second time with another one if the service challenges the first.
pub async fn send_authenticated(
    instance: &Instance,
    settings: &Settings,
    (access, target): (&Access, Target),
    mut outgoing: Outgoing,
    request: Request,
) -> Result<Response, ErrorCode> {
    let key = TokenKey {
        scope: access.scope.clone(),
        tenant: access.tenant.clone().or_else(|| instance.tenants.get(&target.server)),
        enable_cae: access.enable_cae,
    };
    let mut wanted = TokenRequest { key, claims: None };
    let token = get_token(instance, &wanted).await?;
    let framing = Framing {
        length: headers::content_length(&outgoing.headers),
        has_no_trailers: headers::has_no_trailers(&outgoing.method_name, &outgoing.headers),
    };
    outgoing.headers = headers::forwarded(core::mem::take(&mut outgoing.headers));
    let (body, kept) = Body::of(request, framing, access.keep).await;
    let response = client::send(outgoing.build_request((access, &target), &token, body, &kept)?).await?;
    let headers = response.get_headers().copy_all();
    if response.get_status_code() != 401 {
        return checked(instance, &token, &outgoing.headers, response, &headers);
    }
    let values = headers::values(&headers, "www-authenticate");
    let mut named = None;
    match challenge::satisfiable(values, access, &settings.authorities) {
        None => {
            // The token may have ended by the service's clock. The provider, which has a monotonic clock as well, decides.
            instance.tokens.remove(&wanted.key, &token);
            return checked(instance, &token, &outgoing.headers, response, &headers);
        }
        Some(Challenge::Claims(claims)) => wanted.claims = Some(claims),
        Some(Challenge::Tenant(tenant)) => {
            named = Some(tenant.clone());
            wanted.key.tenant = Some(tenant);
        }
    }
    // Fetched even if this request cannot be sent again, so that the next one succeeds.
    let another = instance.tokens.get(&ImportedProvider, &wanted, Some(&token)).await;
    let another = another.ok().filter(|another| another.secret != token.secret && kept.can_be_sent());
    let body = if another.is_some() { kept.into_body().await } else { None };
    let (Some(another), Some(body)) = (another, body) else {
        return checked(instance, &token, &outgoing.headers, response, &headers);
    };
    drop(response);
    let again = outgoing.build_request((access, &target), &another, body, &Kept::Nothing)?;
    let response = client::send(again).await?;
    if let Some(tenant) = named.filter(|_| response.get_status_code() != 401) {
        instance.tenants.insert(target.server, tenant);
    }
    let headers = response.get_headers().copy_all();
    checked(instance, &another, &outgoing.headers, response, &headers)
}

async fn get_token(instance: &Instance, request: &TokenRequest) -> Result<Rc<Token>, ErrorCode> {
    instance.tokens.get(&ImportedProvider, request, None).await.map_err(|failure| {
        let message = format!("no token for {}: {failure}", request.key.scope);
        instance.log(Kind::NoToken, &message);
        ErrorCode::InternalError(Some(format!("http-auth: {message}")))
    })
}

fn name_of(method: &Method) -> &str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(name) => name,
    }
}
