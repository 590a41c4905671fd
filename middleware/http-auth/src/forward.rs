//! A request goes on: with a token, with its body and trailers as they come, and once more if the service wants
//! another token and nothing of the request is lost yet.

use crate::bindings::wasi::http::client;
use crate::bindings::wasi::http::types::{
    ErrorCode, Fields, Method, Request, RequestOptions, Response, Scheme,
};
use crate::challenge::{self, Challenge};
use crate::headers::{self, Header};
use crate::host::{Instance, Plugged};
use crate::prelude::*;
use crate::rules::{Access, Presentation};
use crate::settings::Settings;
use crate::target::Server;
use crate::tokens::{Token, Want};
use alloc::rc::Rc;
use body::{Body, Contents};

mod body;

/// What is read of a request before its body.
pub struct Outgoing {
    method: Method,
    /// The method's name.
    pub method_name: String,
    /// The scheme's name; `None`: none was set.
    pub scheme_name: Option<String>,
    scheme: Option<Scheme>,
    /// The authority; `None`: none was set.
    pub authority: Option<String>,
    /// The path with the query; `None`: none was set.
    pub path_with_query: Option<String>,
    /// The `host` headers.
    pub host_headers: Vec<Vec<u8>>,
    headers: Vec<Header>,
    options: Option<RequestOptions>,
}

impl Outgoing {
    /// Reads a request; its body stays where it is.
    pub fn read(request: &Request) -> Self {
        let (method, scheme) = (request.get_method(), request.get_scheme());
        let headers = request.get_headers().copy_all();
        Self {
            method_name: name_of(&method).to_owned(),
            method,
            scheme_name: scheme.as_ref().map(|scheme| match scheme {
                Scheme::Http => "http".to_owned(),
                Scheme::Https => "https".to_owned(),
                Scheme::Other(name) => name.clone(),
            }),
            scheme,
            authority: request.get_authority(),
            path_with_query: request.get_path_with_query(),
            host_headers: headers::values(&headers, "host").map(<[u8]>::to_vec).collect(),
            headers,
            // The copy outlives the request that the original belongs to.
            options: request.get_options().map(|options| options.clone()),
        }
    }

    /// The same request with a token and a body.
    fn with(&mut self, access: &Access, token: &Token, body: Body) -> Result<Request, ErrorCode> {
        let secret = token.secret.as_str();
        let value = match access.presentation {
            Presentation::Bearer => ["Bearer ", secret].concat(),
            Presentation::Cosmos => ["type%3Daad%26ver%3D1.0%26sig%3D", secret].concat(),
        };
        self.headers.push(("authorization".to_owned(), value.into_bytes()));
        let fields = Fields::from_list(&self.headers);
        self.headers.pop();
        let fields = fields.map_err(|_| ErrorCode::HttpRequestHeaderSectionSize(None))?;
        let options = self.options.as_ref().map(RequestOptions::clone);
        let (contents, trailers, sent) = body.into_parts();
        let (request, is_sent) = Request::new(fields, contents, trailers, options);
        if let Some(sent) = sent {
            sent.follows(is_sent);
        }
        // These came out of a request, so another takes them.
        let refused = |()| ErrorCode::HttpRequestUriInvalid;
        if !matches!(self.method, Method::Get) {
            // Otherwise it is what a new request has.
            request.set_method(&self.method).map_err(refused)?;
        }
        request.set_scheme(Some(self.scheme.as_ref().unwrap_or(&Scheme::Https))).map_err(refused)?;
        request.set_authority(self.authority.as_deref()).map_err(refused)?;
        request.set_path_with_query(self.path_with_query.as_deref()).map_err(refused)?;
        Ok(request)
    }
}

/// Sends a request with a token, and once more if the service asks for another one.
pub async fn authenticated(
    instance: &Instance,
    settings: &Settings,
    (access, server): (&Access, Server),
    mut outgoing: Outgoing,
    request: Request,
) -> Result<Response, ErrorCode> {
    let mut want = Want {
        scope: access.scope.clone(),
        tenant: access.tenant.clone().or_else(|| instance.tenants.of(&server)),
        enable_cae: access.enable_cae,
        claims: None,
    };
    let token = token(instance, &want, None).await?;
    let length = headers::content_length(&outgoing.headers);
    // A body can be kept, its trailers cannot.
    let has_trailers = headers::values(&outgoing.headers, "trailer").next().is_some();
    outgoing.headers = headers::forwarded(core::mem::take(&mut outgoing.headers));
    let (body, kept) = Contents::of(request, length, access.keep).await;
    let kept = kept.filter(|_| !has_trailers);
    let response = client::send(outgoing.with(access, &token, body)?).await?;
    if response.get_status_code() != 401 {
        return checked(instance, &token, response);
    }
    let answer = response.get_headers().copy_all();
    let values = headers::values(&answer, "www-authenticate");
    let mut named = None;
    match challenge::answerable(values, access, &settings.authorities) {
        None => {
            // It may have ended, by another clock than ours; the provider is asked, which has two.
            instance.tokens.forget(&want, &token);
            return checked(instance, &token, response);
        }
        Some(Challenge::Claims(claims)) => want.claims = Some(claims),
        Some(Challenge::Tenant(tenant)) => {
            named = Some(tenant.clone());
            want.tenant = Some(tenant);
        }
    }
    // Asked for even if this request cannot be sent again: the next one must not fail for the same reason.
    let another = instance.tokens.get(&Plugged, &want, Some(&token)).await;
    match (another, kept) {
        (Ok(another), Some(kept)) if another.secret != token.secret => {
            drop(response);
            let again = outgoing.with(access, &another, kept.into_body())?;
            let response = client::send(again).await?;
            if let Some(tenant) = named.filter(|_| response.get_status_code() != 401) {
                instance.tenants.learn(server, tenant);
            }
            checked(instance, &another, response)
        }
        _ => checked(instance, &token, response),
    }
}

async fn token(
    instance: &Instance,
    want: &Want,
    refused: Option<&Rc<Token>>,
) -> Result<Rc<Token>, ErrorCode> {
    instance.tokens.get(&Plugged, want, refused).await.map_err(|failure| {
        let message = format!("no token for {}: {failure}", want.scope);
        instance.tell(&message);
        ErrorCode::InternalError(Some(format!("http-auth: {message}")))
    })
}

/// The response, unless its headers carry the token back to the app: a server that echoes.
fn checked(instance: &Instance, token: &Token, response: Response) -> Result<Response, ErrorCode> {
    if headers::hold(&response.get_headers().copy_all(), token.secret.as_bytes()) {
        instance.tell(&"an answer is withheld: its headers hold the token that was sent");
        return Err(ErrorCode::HttpResponseHeaderSectionSize(None));
    }
    Ok(response)
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
