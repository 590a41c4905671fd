//! HTTP over `wasi:http`.

use crate::executor::Wait;
use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request, Transport};
use std::sync::Arc;
use std::time::Duration;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{FutureIncomingResponse, IncomingResponse, OutgoingRequest, RequestOptions};

mod error;
mod request;
mod request_body;
mod response;
mod timer;

use request::RequestPlan;
use timer::{nanoseconds, timer};

/// The timeout of each step of a request. A step that takes longer is an error of the kind [`ErrorKind::Connection`] or
/// [`ErrorKind::Io`], which the SDK retries.
///
/// The host receives the timeouts, but may ignore them, so the client measures the time as well. There is no timeout for
/// a request as a whole: a response may take any time while it makes progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection is established.
    pub connect: Duration,
    /// From the connection to the first byte of the response. Some hosts include the time to send the body, so this
    /// must be long enough for that.
    pub first_byte: Duration,
    /// Without progress of the body, in either direction.
    pub between_bytes: Duration,
}

impl Default for Timeouts {
    /// The timeouts of the SDK's own client: 20 s for the connection, 60 s for the other steps.
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self { connect: Duration::from_secs(20), first_byte: minute, between_bytes: minute }
    }
}

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
        if let Some(body) = body {
            let content: Body = request.body().clone();
            request_body::send(body, content, &future, self.timeouts.between_bytes).await?;
        }
        let response = self.receive(future, &plan).await?;
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
        let _ = options.set_first_byte_timeout(Some(nanoseconds(self.timeouts.first_byte)));
        let _ = options.set_between_bytes_timeout(Some(nanoseconds(self.timeouts.between_bytes)));
        outgoing_handler::handle(outgoing, Some(options)).map_err(|code| error::map(&code, plan.authority()))
    }

    async fn receive(
        &self,
        future: FutureIncomingResponse,
        plan: &RequestPlan,
    ) -> azure_core::Result<IncomingResponse> {
        let timeout = self.timeouts.connect.saturating_add(self.timeouts.first_byte);
        Wait::for_first_of([future.subscribe(), timer(timeout)]).await;
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
