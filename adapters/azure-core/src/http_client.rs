//! HTTP over `wasi:http`.

use crate::reactor::Wait;
use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request, Transport};
use std::sync::Arc;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{FutureIncomingResponse, IncomingResponse, OutgoingRequest, RequestOptions};

mod error;
mod request;
mod request_body;
mod response;
mod timeouts;
mod timer;

use request::RequestPlan;
pub use timeouts::Timeouts;
use timer::{nanoseconds, timer};

/// Sends the SDK's requests over `wasi:http/outgoing-handler`.
///
/// - Bodies are streamed in both directions. A truncated body is an error, never a short response.
/// - Redirects are not followed; they are returned to the caller.
/// - A response that arrives before the request's body is complete ends the sending.
/// - Header values that are not UTF-8 are omitted; the values of a repeated header are joined with commas.
/// - Nothing is decompressed, and no compressed response is requested.
///
/// The first request installs the [`runtime`](crate::runtime) that retries need.
#[derive(Clone, Debug, Default)]
pub struct WasiHttpClient {
    timeouts: Timeouts,
}

impl WasiHttpClient {
    /// A client with these timeouts.
    pub fn new(timeouts: Timeouts) -> Self {
        Self { timeouts }
    }
}

impl From<WasiHttpClient> for Transport {
    /// The transport for [`ClientOptions`](azure_core::http::ClientOptions).
    fn from(client: WasiHttpClient) -> Self {
        Transport::new(Arc::new(client))
    }
}

#[async_trait]
impl HttpClient for WasiHttpClient {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        // First, because a failure is retried after a sleep, which needs the runtime.
        crate::runtime::install();
        let plan = RequestPlan::new(request)?;
        let outgoing = plan.build()?;
        let body = if plan.has_body {
            Some(outgoing.body().map_err(|()| plan.malformed("its body cannot be sent"))?)
        } else {
            None
        };
        let future = self.send(outgoing, &plan)?;
        let mut sent = 0;
        if let Some(body) = body {
            let content: Body = request.body().clone();
            sent = request_body::send(body, content, &future, &self.timeouts).await?;
        }
        let response = self.receive(future, sent, &plan).await?;
        response::read(response, &plan, self.timeouts.between_bytes)
    }
}

impl WasiHttpClient {
    fn send(
        &self,
        outgoing: OutgoingRequest,
        plan: &RequestPlan,
    ) -> azure_core::Result<FutureIncomingResponse> {
        let options = RequestOptions::new();
        // A host that does not support a timeout refuses it; the client measures the time anyway.
        let _ = options.set_connect_timeout(Some(nanoseconds(self.timeouts.connect)));
        let _ = options
            .set_first_byte_timeout(Some(nanoseconds(self.timeouts.first_byte_of_host(plan.has_body))));
        let _ = options.set_between_bytes_timeout(Some(nanoseconds(self.timeouts.between_bytes)));
        outgoing_handler::handle(outgoing, Some(options)).map_err(|code| error::map(&code, plan.authority()))
    }

    async fn receive(
        &self,
        future: FutureIncomingResponse,
        sent: u64,
        plan: &RequestPlan,
    ) -> azure_core::Result<IncomingResponse> {
        Wait::for_first_of([future.subscribe(), timer(self.timeouts.first_byte_after(sent))]).await;
        match future.get() {
            Some(Ok(Ok(response))) => Ok(response),
            Some(Ok(Err(code))) => Err(error::map(&code, plan.authority())),
            Some(Err(())) | None => {
                let message = format!("{} did not respond in time", plan.authority());
                Err(Error::with_message(ErrorKind::Io, message))
            }
        }
    }
}
