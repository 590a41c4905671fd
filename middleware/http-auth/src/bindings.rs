//! The interfaces on both sides, and what the component exports.

#![expect(unsafe_code, reason = "what `generate!` and `export!` write")]
#![allow(missing_docs, reason = "written by a macro; the WIT has the words")]

use crate::forward::{self, Outgoing};
use crate::host::instance;
use crate::refuse;
use crate::settings::Decision;
use wasi::http::client;
use wasi::http::types::{ErrorCode, Request, Response};

#[cfg(not(feature = "async-provider"))]
wit_bindgen::generate!({
    path: ["../../wit", "../../wit/0.2", "wit/0.2"],
    world: "azure:http-auth/http-auth",
    generate_all,
});

#[cfg(feature = "async-provider")]
wit_bindgen::generate!({
    path: ["../../wit", "../../wit/0.3", "wit/0.3"],
    world: "azure:http-auth/http-auth",
    generate_all,
});

struct Middleware;
export!(Middleware);

impl exports::wasi::http::client::Guest for Middleware {
    async fn send(request: Request) -> Result<Response, ErrorCode> {
        let instance = instance();
        let settings = instance.settings.as_ref().map_err(|error| {
            instance.tell(error);
            ErrorCode::ConfigurationError
        })?;
        let outgoing = Outgoing::read(&request);
        let asked = refuse::Request {
            method: &outgoing.method_name,
            scheme: outgoing.scheme_name.as_deref(),
            authority: outgoing.authority.as_deref(),
            path_with_query: outgoing.path_with_query.as_deref(),
            host_headers: &outgoing.host_headers,
        };
        match settings.decide(&asked) {
            Ok(Decision::Pass) => client::send(request).await,
            Ok(Decision::Authenticate(access, server)) => {
                forward::authenticated(instance, settings, (access, server), outgoing, request).await
            }
            Err(refusal) => {
                instance.tell(&refusal);
                Err(ErrorCode::HttpRequestDenied)
            }
        }
    }
}
