//! The hooks: what wasmtime calls for each request of an app.

use super::authenticator::Authenticator;
use super::client::{Client, Done, Received};
use super::{fields, forward};
use azure_http_auth_rules::log::Kind;
use azure_http_auth_rules::refusal::{Refusal, RequestHead};
use azure_http_auth_rules::rules::Access;
use azure_http_auth_rules::settings::Decision;
use azure_http_auth_rules::target::request_target::Target;
use http::request::Parts;
use http::uri::Scheme;
use http::{HeaderName, Request};
use std::fmt;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
#[cfg(feature = "p3")]
use wasmtime_wasi_http::p3::bindings::http::types as p3;
use wasmtime_wasi_http::{Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks};

/// The hooks of one app instance, which authenticate its requests over WASI 0.2 and 0.3 alike. They are made by
/// [`HttpAuth::hooks`](crate::HttpAuth::hooks), and belong into the field `hooks` of [`WasiHttpCtxView`](wasmtime_wasi_http::WasiHttpCtxView).
pub struct HttpAuthHooks {
    auth: Authenticator,
    client: Client,
}

impl HttpAuthHooks {
    pub(super) fn new(auth: Authenticator, client: Box<dyn WasiHttpHooks>) -> Self {
        Self { auth, client: Client::new(client) }
    }
}

impl fmt::Debug for HttpAuthHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAuthHooks").field("auth", &self.auth).finish_non_exhaustive()
    }
}

impl WasiHttpHooks for HttpAuthHooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        done: Done,
    ) -> Sent {
        let (mut head, body) = request.into_parts();
        let (access, target) = match decide(&self.auth, &head) {
            Ok(decision) => decision,
            Err(refusal) => {
                self.auth.log(Kind::from(&refusal), &refusal);
                return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
            }
        };
        if let Err(error) = self.client.set_target(&mut head, &target) {
            return Box::new(std::future::ready(Err(error)));
        }
        let Some(access) = access else {
            tracing::debug!(server = %target.server, "a request is sent without a token");
            return self.client.lock().send_request(Request::from_parts(head, body), options, done);
        };
        tracing::debug!(server = %target.server, scope = access.scope, "a request is authenticated");
        let request = forward::Outgoing { head, body, options, done };
        Box::new(forward::send_authenticated(self.auth.clone(), self.client.clone(), access, target, request))
    }

    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        self.client.lock().is_forbidden_header(name)
    }

    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        self.client.lock().forbidden_header_filter()
    }

    /// The rules know `http` and `https`, in any case of their letters, and refuse others.
    fn is_supported_scheme(&mut self, _: &Scheme) -> bool {
        true
    }

    fn set_host_header(&mut self) -> bool {
        self.client.lock().set_host_header()
    }

    fn default_scheme(&mut self) -> Option<Scheme> {
        self.client.lock().default_scheme()
    }

    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize {
        self.client.lock().p2_outgoing_body_buffer_chunks()
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        self.client.lock().p2_outgoing_body_chunk_size()
    }

    fn p2_error_from_hyper(&mut self, error: &hyper::Error) -> ErrorCode {
        self.client.lock().p2_error_from_hyper(error)
    }

    fn p2_error_from_connect(&mut self, error: &std::io::Error) -> ErrorCode {
        self.client.lock().p2_error_from_connect(error)
    }

    fn p2_error_from_tls(&mut self, error: &std::io::Error) -> ErrorCode {
        self.client.lock().p2_error_from_tls(error)
    }

    #[cfg(feature = "p3")]
    fn p3_outgoing_body_chunk_size(&mut self) -> usize {
        self.client.lock().p3_outgoing_body_chunk_size()
    }

    #[cfg(feature = "p3")]
    fn p3_error_from_hyper(&mut self, error: &hyper::Error) -> p3::ErrorCode {
        self.client.lock().p3_error_from_hyper(error)
    }

    #[cfg(feature = "p3")]
    fn p3_error_from_connect(&mut self, error: &std::io::Error) -> p3::ErrorCode {
        self.client.lock().p3_error_from_connect(error)
    }

    #[cfg(feature = "p3")]
    fn p3_error_from_tls(&mut self, error: &std::io::Error) -> p3::ErrorCode {
        self.client.lock().p3_error_from_tls(error)
    }
}

/// The access of a request that is authenticated, and where it is sent.
fn decide(auth: &Authenticator, head: &Parts) -> Result<(Option<Access>, Target), Refusal> {
    let headers = fields::list(&head.headers);
    let head = RequestHead {
        method: head.method.as_str(),
        scheme: head.uri.scheme_str(),
        authority: head.uri.authority().map(|authority| authority.as_str()),
        path_with_query: head.uri.path_and_query().map(|path| path.as_str()),
        headers: &headers,
    };
    Ok(match auth.settings.decide(&head)? {
        Decision::Pass(target) => (None, target),
        Decision::Authenticate(access, target) => (Some(access.clone()), target),
    })
}

type Sent = Box<dyn Future<Output = Result<Received, Error>> + Send>;
