//! A storage account that lists its blobs to requests with a token.

use anyhow::Result;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The account, on loopback. Dropping it ends it.
pub struct BlobService {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl BlobService {
    /// Starts it.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(list));
                tokio::spawn(connection);
            }
        });
        Ok(Self { address, task })
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for BlobService {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn list(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let token = request.headers().get("authorization").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let has_token = token.starts_with("Bearer eyJ") && request.uri().path() == "/reports";
    let (status, body) = if has_token { (200, LIST) } else { (401, "no token") };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = http::StatusCode::from_u16(status).expect("it is a status");
    Ok(response)
}

const LIST: &str =
    "<EnumerationResults><Blobs><Blob><Name>2026.pdf</Name></Blob></Blobs></EnumerationResults>";
