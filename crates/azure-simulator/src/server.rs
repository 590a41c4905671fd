//! The simulated Azure behind a socket, for real runtimes and other people's tests.
//!
//! One address serves every fake: a request is taken to the fake that owns its path, so no two fakes
//! may own the same. A request that names another host, as one to a proxy does, goes to that host's fake.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::call::ReachedAt;
use super::{Azure, service};
use crate::network::{Answer, Fault, Network};
use body::SlowBody;

pub mod body;

/// Serves `azure` until `stop` is ready, then drops the connections that are still open.
///
/// Every answer is held back by `delay`.
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
                connections.spawn(converse(stream, azure.clone(), delay));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Answers the requests of one connection.
async fn converse(stream: TcpStream, azure: Azure, delay: Duration) {
    let Ok(local) = stream.local_addr() else { return };
    let reset = Arc::new(AtomicBool::new(false));
    let flag = reset.clone();
    let service = service_fn(move |request| {
        let (azure, reset) = (azure.clone(), flag.clone());
        async move {
            answer(request, local, &azure, delay).await.inspect_err(|_| reset.store(true, Ordering::Relaxed))
        }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let _ = (&mut connection).await; // what goes wrong here goes wrong by order, or with the client
    if reset.load(Ordering::Relaxed) {
        // Without lingering, closing sends RST instead of FIN.
        let stream = connection.into_parts().io.into_inner();
        let _ = stream.set_zero_linger();
    }
}

/// Answers one request; an error resets the connection.
async fn answer(
    request: Request<Incoming>,
    local: SocketAddr,
    azure: &Azure,
    delay: Duration,
) -> Result<Response<SlowBody>, Reset> {
    let request = whole(request, local).await.ok_or(Reset)?;
    tokio::time::sleep(delay).await;
    let fault = match azure.answer(request).await {
        Answer::Response(response) => return Ok(response.map(SlowBody::whole)),
        Answer::Fault(fault) => fault,
    };
    match fault {
        Fault::Truncated { response, after } => Ok(response.map(|body| SlowBody::cut(body, after))),
        Fault::HangMidBody { response, after } => Ok(response.map(|body| SlowBody::stuck(body, after))),
        Fault::Drip { response, chunk, every } => {
            Ok(response.map(|body| SlowBody::dripping(body, chunk, every)))
        }
        Fault::ConnectTimeout
        | Fault::HangBeforeResponse
        | Fault::ConnectTimeoutAtOnce
        | Fault::ReadTimeoutAtOnce => std::future::pending().await,
        // A socket that is open already can do no better than these.
        Fault::Refused
        | Fault::Unroutable
        | Fault::DnsError
        | Fault::TlsError
        | Fault::Denied
        | Fault::ResetBeforeResponse => Err(Reset),
    }
}

/// The request with its body, addressed to where it belongs; `None` if it cannot be read.
async fn whole(request: Request<Incoming>, local: SocketAddr) -> Option<Request<Bytes>> {
    let (mut parts, body) = request.into_parts();
    let body = Limited::new(body, MOST_BYTES).collect().await.ok()?.to_bytes();
    if parts.uri.authority().is_none() {
        let host = parts.headers.get("host").and_then(|host| host.to_str().ok());
        let base = format!("http://{}", host.map_or_else(|| local.to_string(), str::to_owned));
        let home = service::home_of(parts.uri.path()).unwrap_or(&base);
        let rest = parts.uri.path_and_query().map_or("/", |it| it.as_str());
        parts.uri = format!("{home}{rest}").parse::<Uri>().ok()?;
        parts.extensions.insert(ReachedAt(base));
    }
    Some(Request::from_parts(parts, body))
}

/// The order to reset a connection.
#[derive(Debug)]
struct Reset;

impl std::fmt::Display for Reset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is to be reset")
    }
}

impl std::error::Error for Reset {}

/// No request to Azure that is simulated here comes near.
const MOST_BYTES: usize = 1 << 20;
