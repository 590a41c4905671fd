//! The HTTP server of the host: `/<tenant>/…` for the apps, `/metrics` for Prometheus, `/health` for a readiness probe.

use crate::app::{Apps, status};
use anyhow::Result;
use azure_identity_wasmtime::Provider;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use prometheus::{Registry, TextEncoder};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::WasiBody;

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    routes: Arc<Routes>,
}

struct Routes {
    apps: Apps,
    provider: Provider,
    registry: Registry,
}

impl Server {
    pub async fn bind(
        address: SocketAddr,
        apps: Apps,
        provider: Provider,
        registry: Registry,
    ) -> Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener, routes: Arc::new(Routes { apps, provider, registry }) })
    }

    pub fn address(&self) -> Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Serves until `shutdown` ends; then waits for requests in flight.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) {
        let (graceful, mut shutdown) = (GracefulShutdown::new(), pin!(shutdown));
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((connection, _)) => self.serve(connection, &graceful),
                    Err(error) => eprintln!("a connection was lost: {error}"),
                },
            }
        }
        drop(self.listener);
        if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
            eprintln!("requests are cancelled, because they take longer than {GRACE:?}");
        }
    }

    fn serve(&self, connection: TcpStream, graceful: &GracefulShutdown) {
        let routes = Arc::clone(&self.routes);
        let service = service_fn(move |request| {
            let routes = Arc::clone(&routes);
            async move { Ok::<_, Infallible>(routes.respond(request).await) }
        });
        let mut http = http1::Builder::new();
        let http = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(connection), service);
        tokio::spawn(graceful.watch(http));
    }
}

impl Routes {
    async fn respond(&self, request: Request<Incoming>) -> Response<WasiBody> {
        let first =
            request.uri().path().trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
        match first.as_str() {
            "metrics" => match TextEncoder::new().encode_to_string(&self.registry.gather()) {
                Ok(metrics) => text(StatusCode::OK, metrics),
                Err(_) => status(StatusCode::INTERNAL_SERVER_ERROR),
            },
            "health" => self.health(),
            tenant => self.apps.handle(tenant, request).await.unwrap_or_else(|error| {
                eprintln!("{tenant}: {error:#}");
                status(StatusCode::INTERNAL_SERVER_ERROR)
            }),
        }
    }

    /// 503 when the last call for a token failed, with the scopes and the reasons.
    fn health(&self) -> Response<WasiBody> {
        let health = self.provider.health();
        let failing = health.tokens.iter().filter(|token| token.is_failing());
        let failing = failing.filter_map(|token| {
            Some(format!("{}: {}\n", token.scopes.join(" "), token.last_failure.as_ref()?.message))
        });
        let failing: String = failing.collect();
        let code = if failing.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        text(code, failing)
    }
}

fn text(code: StatusCode, text: String) -> Response<WasiBody> {
    status(code).map(|_| Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync())
}

/// How long requests in flight may take when the host is shut down.
const GRACE: Duration = Duration::from_secs(30);
