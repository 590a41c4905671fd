//! The simulated Azure behind a socket.
//!
//! One address serves every service: the path of a request determines its service, so that no two services may have the
//! same path. A request with an absolute URI, as to a proxy, is one to the service at that address.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Either, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::azure::Azure;
use crate::console::{self, Answer};
use crate::incoming_request::ReachedAt;
use crate::network::{Fault, Network, Outcome};
use crate::slow_body::SlowBody;

/// Serves `azure` until `stop` completes, then closes the open connections. Every response is delayed by `delay`.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    azure: Azure,
    delay: Duration,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return Ok(()),
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                connections.spawn(serve_connection(stream, azure.clone(), delay));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves the requests of one connection.
async fn serve_connection(stream: TcpStream, azure: Azure, delay: Duration) {
    let Ok(local) = stream.local_addr() else { return };
    let reset = Arc::new(AtomicBool::new(false));
    let flag = reset.clone();
    let service = service_fn(move |request| {
        let (azure, reset) = (azure.clone(), flag.clone());
        async move {
            respond(request, local, &azure, delay).await.inspect_err(|_| reset.store(true, Ordering::Relaxed))
        }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // An error here is a fault of the settings or of the client.
    let _ = (&mut connection).await;
    if reset.load(Ordering::Relaxed) {
        // With a linger time of zero the system closes a connection with RST in place of FIN.
        let stream = connection.into_parts().io.into_inner();
        let _ = stream.set_zero_linger();
    }
}

/// The response to one request; an error resets the connection.
async fn respond(
    request: Request<Incoming>,
    local: SocketAddr,
    azure: &Azure,
    delay: Duration,
) -> Result<Answer, Reset> {
    let request = with_body(request).await.ok_or(Reset)?;
    // A request with an absolute URI is one to a service, as to a proxy.
    let is_own = request.uri().authority().is_none();
    if let Some(answer) = is_own.then(|| console::handle(azure, &request, local)).flatten() {
        return Ok(answer);
    }
    let request = to_service(request, local, azure).ok_or(Reset)?;
    tokio::time::sleep(delay).await;
    send(request, azure).await.map(|response| response.map(Either::Left))
}

/// What a simulated service responds, as a fault requires.
async fn send(request: Request<Bytes>, azure: &Azure) -> Result<Response<SlowBody>, Reset> {
    let fault = match azure.send(request).await {
        Outcome::Response(response) => return Ok(response.map(SlowBody::whole)),
        Outcome::Fault(fault) => fault,
    };
    match fault {
        Fault::Truncated { response, after } => Ok(response.map(|body| SlowBody::truncated(body, after))),
        Fault::HangMidBody { response, after } => Ok(response.map(|body| SlowBody::hanging(body, after))),
        Fault::Drip { response, chunk, every } => {
            Ok(response.map(|body| SlowBody::dripping(body, chunk, every)))
        }
        Fault::ConnectTimeout
        | Fault::HangBeforeResponse
        | Fault::ConnectTimeoutAtOnce
        | Fault::ReadTimeoutAtOnce => std::future::pending().await,
        // The connection is open already, so that none of these can happen as it does without a socket.
        Fault::Refused
        | Fault::Unroutable
        | Fault::DnsError
        | Fault::TlsError
        | Fault::Denied
        | Fault::ResetBeforeResponse => Err(Reset),
    }
}

/// The request with its body; `None` if it cannot be read.
async fn with_body(request: Request<Incoming>) -> Option<Request<Bytes>> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY_BYTES).collect().await.ok()?.to_bytes();
    Some(Request::from_parts(parts, body))
}

/// The request with an absolute URI; `None` if it has none.
fn to_service(request: Request<Bytes>, local: SocketAddr, azure: &Azure) -> Option<Request<Bytes>> {
    let (mut parts, body) = request.into_parts();
    if parts.uri.authority().is_none() {
        let host = parts.headers.get("host").and_then(|host| host.to_str().ok());
        let base = format!("http://{}", host.map_or_else(|| local.to_string(), str::to_owned));
        let origin = azure.origin_of(parts.uri.path()).unwrap_or(&base);
        let target = parts.uri.path_and_query().map_or("/", |it| it.as_str());
        parts.uri = format!("{origin}{target}").parse::<Uri>().ok()?;
        parts.extensions.insert(ReachedAt(base));
    }
    Some(Request::from_parts(parts, body))
}

/// An error that resets the connection.
#[derive(Debug)]
struct Reset;

impl std::fmt::Display for Reset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the simulator resets the connection")
    }
}

impl std::error::Error for Reset {}

/// A bound on a request body; no request to a simulated service comes near it.
const MAX_BODY_BYTES: usize = 1 << 20;
