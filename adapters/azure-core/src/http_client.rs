//! HTTP over `wasi:http`.

use crate::executor::Wait;
use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request, Transport};
use std::sync::Arc;
use std::time::Duration;
use wasip2::clocks::monotonic_clock;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{FutureIncomingResponse, IncomingResponse, OutgoingRequest, RequestOptions};
use wasip2::io::poll::Pollable;

mod error;
mod request;
mod request_body;
mod response;

use request::Plan;

/// How long to wait for each step of a request. What takes longer is an error of the kind
/// [`ErrorKind::Connection`] or [`ErrorKind::Io`], which the SDK retries.
///
/// The host is told; hosts may ignore it, so the client watches its own clock as well. There is no limit for
/// a request as a whole: an answer may take as long as it keeps coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection.
    pub connect: Duration,
    /// From then to the first byte of the answer. Some hosts count the sending of the body in, so it has to
    /// be long enough for that.
    pub first_byte: Duration,
    /// Without any progress, in either direction.
    pub between_bytes: Duration,
}

impl Default for Timeouts {
    /// Those of the SDK's own client: 20 s to connect, 60 s for everything else.
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self { connect: Duration::from_secs(20), first_byte: minute, between_bytes: minute }
    }
}

/// Sends the SDK's requests over `wasi:http/outgoing-handler`.
///
/// - Bodies stream, in both directions. A body that broke off is an error, never a short answer.
/// - Redirects are not followed; they come back as they are.
/// - An answer that comes before the request's body is sent ends the sending.
/// - Header values that are not UTF-8 are left out; of a header that comes several times the values are
///   joined with commas.
/// - Nothing is decompressed, and nothing is asked for in compressed form.
///
/// The first request installs the [`runtime`](crate::runtime) that retries need.
#[derive(Clone, Debug, Default)]
pub struct WasiHttpClient {
    timeouts: Timeouts,
}

impl WasiHttpClient {
    /// A client that waits so long.
    pub fn new(timeouts: Timeouts) -> Self {
        Self { timeouts }
    }
}

impl From<WasiHttpClient> for Transport {
    /// What [`ClientOptions`](azure_core::http::ClientOptions) want to have.
    fn from(client: WasiHttpClient) -> Self {
        Transport::new(Arc::new(client))
    }
}

#[async_trait]
impl HttpClient for WasiHttpClient {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        // Before anything can fail, because what fails is tried again after a sleep.
        crate::runtime::install();
        let plan = Plan::of(request)?;
        let outgoing = plan.outgoing()?;
        let body = if plan.has_body {
            Some(outgoing.body().map_err(|()| plan.impossible("its body cannot be sent"))?)
        } else {
            None
        };
        let answer = self.hand_over(outgoing, &plan)?;
        if let Some(body) = body {
            let content: Body = request.body().clone();
            request_body::send(body, content, &answer, self.timeouts.between_bytes).await?;
        }
        let response = self.receive(answer, &plan).await?;
        response::read(response, &plan, self.timeouts.between_bytes)
    }
}

impl WasiHttpClient {
    fn hand_over(
        &self,
        outgoing: OutgoingRequest,
        plan: &Plan,
    ) -> azure_core::Result<FutureIncomingResponse> {
        let options = RequestOptions::new();
        // A host that does not know a timeout refuses it; our own clock counts all the same.
        let _ = options.set_connect_timeout(Some(nanoseconds(self.timeouts.connect)));
        let _ = options.set_first_byte_timeout(Some(nanoseconds(self.timeouts.first_byte)));
        let _ = options.set_between_bytes_timeout(Some(nanoseconds(self.timeouts.between_bytes)));
        outgoing_handler::handle(outgoing, Some(options)).map_err(|code| error::of(&code, plan.authority()))
    }

    async fn receive(
        &self,
        answer: FutureIncomingResponse,
        plan: &Plan,
    ) -> azure_core::Result<IncomingResponse> {
        let patience = self.timeouts.connect.saturating_add(self.timeouts.first_byte);
        Wait::for_first_of([answer.subscribe(), timer(patience)]).await;
        match answer.get() {
            Some(Ok(Ok(response))) => Ok(response),
            Some(Ok(Err(code))) => Err(error::of(&code, plan.authority())),
            Some(Err(())) | None => {
                let message = format!("{} did not answer in time", plan.authority());
                Err(Error::with_message(ErrorKind::Io, message))
            }
        }
    }
}

fn timer(duration: Duration) -> Pollable {
    monotonic_clock::subscribe_duration(nanoseconds(duration))
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
