//! The app on a real connection, for tests and the benchmark.

use crate::order::order;
use crate::way::Way;
use crate::{hooks, loopback};
use anyhow::Result;
use azure_simulator::{Azure, Settings, server};
use bytes::Bytes;
use host_tests::app::{over_http_auth, plug_all};
use host_tests::async_app::AsyncApp;
use host_tests::clock::Clock;
use host_tests::engine::engine;
use host_tests::environment::TestEnvironment;
use host_tests::guest::PROVIDER;
use http::Response;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use wasmtime::component::Component;

/// An app and a server in this process, connected by a socket.
pub struct Connection {
    pub app: AsyncApp,
    pub server: SocketAddr,
    #[allow(dead_code, reason = "used by tests only")]
    pub azure: Azure,
}

/// The component between the app and the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Middleware {
    /// No component.
    None,
    /// A component that forwards each request unchanged.
    #[allow(dead_code, reason = "used by the benchmark only")]
    PassThrough,
    /// A component that sets a header on each request.
    #[allow(dead_code, reason = "used by the benchmark only")]
    SetsAHeader,
    /// http-auth.
    HttpAuth(Way),
}

impl Middleware {
    fn app(self) -> Result<Vec<u8>> {
        let app = env!("HTTP_CLIENT_WASM");
        let plugged = |plugs: &[&str]| {
            plug_all(std::fs::read(app)?, plugs.iter().map(std::fs::read).collect::<Result<_, _>>()?)
        };
        match self {
            Self::None | Self::HttpAuth(Way::Hooks(_)) => plugged(&[PROVIDER]),
            Self::PassThrough => plugged(&[env!("PASS_THROUGH_WASM"), PROVIDER]),
            Self::SetsAHeader => plugged(&[env!("SETS_A_HEADER_WASM"), PROVIDER]),
            Self::HttpAuth(Way::Composed(edition)) => over_http_auth(app, edition),
        }
    }
}

impl Connection {
    /// Starts the server and the app, with `middleware` between them.
    pub async fn open(middleware: Middleware) -> Result<Self> {
        Self::open_for(middleware, &[], "").await
    }

    /// As [`open`](Self::open), with rules for other servers and the settings of the simulated Azure as TOML.
    pub async fn open_for(middleware: Middleware, others: &[SocketAddr], settings: &str) -> Result<Self> {
        let server = loopback::serve().await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let identity = listener.local_addr()?;
        let azure = Azure::new(Clock::real(), toml::from_str::<Settings>(settings)?);
        tokio::spawn(server::serve(listener, azure.clone(), Duration::ZERO, std::future::pending()));
        let rules = others
            .iter()
            .chain([&server])
            .map(|server| format!("http://{server} scope=https://storage.azure.com/.default\n"));
        let env = BTreeMap::from([
            ("AZURE_POD_IDENTITY_AUTHORITY_HOST".to_owned(), format!("http://{identity}")),
            ("AZURE_HTTP_AUTH_RULES".to_owned(), rules.collect()),
        ]);
        let bytes = middleware.app()?;
        let mut environment = TestEnvironment { env, ..TestEnvironment::real() };
        if let Middleware::HttpAuth(Way::Hooks(_)) = middleware {
            let auth = hooks::auth(&environment).await?.map_err(anyhow::Error::msg)?;
            environment.hooks = Some(Box::new(auth.hooks()));
        }
        Ok(Self {
            app: AsyncApp::start(&Component::from_binary(engine(), &bytes)?, environment).await?,
            server,
            azure,
        })
    }

    /// Makes the app send a request to `path` of the server, and returns the response that the app received.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        orders: &[(&str, &str)],
    ) -> Result<Response<Bytes>> {
        let target = format!("http://{}{path}", self.server);
        Ok(self.app.handle_all(vec![order(method, &target, orders)?]).await?.remove(0)?)
    }
}
