//! The component's export: what an app imports to send requests.

#![expect(unsafe_code, reason = "the export macro makes functions for the host")]

use crate::bindings::exports::wasi::http::client::Guest;
use crate::bindings::wasi::http::client;
use crate::bindings::wasi::http::types::{ErrorCode, Request, Response};
use crate::forward::{self, Outgoing};
use crate::host::instance;
use azure_http_auth_rules::log::Kind;
use azure_http_auth_rules::refusal::RequestHead;
use azure_http_auth_rules::settings::Decision;

struct Middleware;
crate::bindings::export!(Middleware with_types_in crate::bindings);

impl Guest for Middleware {
    async fn send(request: Request) -> Result<Response, ErrorCode> {
        let instance = instance();
        let settings = instance.settings.as_ref().map_err(|error| {
            instance.log(Kind::Setting, error);
            ErrorCode::ConfigurationError
        })?;
        let outgoing = Outgoing::read(&request);
        let head = RequestHead {
            method: &outgoing.method_name,
            scheme: outgoing.scheme_name.as_deref(),
            authority: outgoing.authority.as_deref(),
            path_with_query: outgoing.path_with_query.as_deref(),
            headers: &outgoing.headers,
        };
        match settings.decide(&head) {
            Ok(Decision::Pass(target)) => {
                forward::set_target(&request, &target)?;
                client::send(request).await
            }
            Ok(Decision::Authenticate(access, target)) => {
                forward::send_authenticated(instance, settings, (access, target), outgoing, request).await
            }
            Err(refusal) => {
                instance.log(Kind::from(&refusal), &refusal);
                Err(ErrorCode::HttpRequestDenied)
            }
        }
    }
}
