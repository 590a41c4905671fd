//! The connection below TLS: directly to the server, or through a proxy's tunnel (RFC 9110, section 9.3.6, CONNECT).

use super::https_proxy::{HttpsProxy, ProxyError};
use futures_util::TryFutureExt;
use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Intercept;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::net::TcpStream;
use tower_service::Service;

/// Connects to the server of a request.
#[derive(Clone)]
pub(crate) struct Route {
    direct: HttpConnector,
    through: Option<Through>,
}

/// A proxy, and how its own certificate is verified when its URL starts with `https://`.
#[derive(Clone)]
pub(crate) struct Through {
    pub(crate) proxy: Arc<HttpsProxy>,
    pub(crate) tls: Arc<ClientConfig>,
}

impl Route {
    /// Connects through the proxy, if there is one and the server is to be reached through it.
    pub(crate) fn new(through: Option<Through>) -> Self {
        let mut direct = HttpConnector::new();
        direct.enforce_http(false);
        direct.set_nodelay(true);
        Self { direct, through }
    }

    fn tunnel(&self, through: &Through, intercept: &Intercept, destination: Uri) -> Connecting {
        let to_proxy = HttpsConnector::from((self.direct.clone(), Arc::clone(&through.tls)));
        let mut tunnel = Tunnel::new(intercept.uri().clone(), to_proxy);
        if let Some(credentials) = intercept.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        let authority = intercept.uri().authority().map(ToString::to_string).unwrap_or_default();
        let failed = |source| ProxyError { authority, source: Box::new(source) }.into();
        Box::pin(tunnel.call(destination).map_err(failed))
    }
}

impl Service<Uri> for Route {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Connecting;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.direct.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let through = self.through.as_ref();
        let intercepted = through.and_then(|it| Some((it, it.proxy.intercept(&destination)?)));
        if let Some((through, intercept)) = intercepted {
            return self.tunnel(through, &intercept, destination);
        }
        Box::pin(self.direct.call(destination).map_ok(MaybeHttpsStream::Http).map_err(Into::into))
    }
}

type Connecting = Pin<
    Box<
        dyn Future<
                Output = Result<
                    MaybeHttpsStream<TokioIo<TcpStream>>,
                    Box<dyn std::error::Error + Send + Sync>,
                >,
            > + Send,
    >,
>;
