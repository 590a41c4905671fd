//! The app on a real connection. The benchmark uses it, too.

use crate::loopback;
use crate::order::order;
use anyhow::Result;
use azure_simulator::{Azure, Settings, server};
use bytes::Bytes;
use host_tests::app::{over_http_auth, plug_all};
use host_tests::async_app::AsyncApp;
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::engine;
use host_tests::guest::PROVIDER;
use host_tests::surroundings::Surroundings;
use http::Response;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use wasmtime::component::Component;

/// An app and a server, each in this process, and a socket between them.
pub struct Wire {
    pub app: AsyncApp,
    pub server: SocketAddr,
}

/// What stands between the app and the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// The host alone.
    Nothing,
    /// A component that hands each request on as it is.
    #[allow(dead_code, reason = "the benchmark's alone")]
    PassThrough,
    /// A component that sets a header on each request, and does nothing else.
    #[allow(dead_code, reason = "the benchmark's alone")]
    SetsAHeader,
    /// http-auth over an edition of the provider.
    HttpAuth(Edition),
}

impl Between {
    fn app(self) -> Result<Vec<u8>> {
        let app = env!("HTTP_CLIENT_WASM");
        let plugged = |plugs: &[&str]| {
            plug_all(std::fs::read(app)?, plugs.iter().map(std::fs::read).collect::<Result<_, _>>()?)
        };
        match self {
            Self::Nothing => plugged(&[PROVIDER]),
            Self::PassThrough => plugged(&[env!("PASS_THROUGH_WASM"), PROVIDER]),
            Self::SetsAHeader => plugged(&[env!("SETS_A_HEADER_WASM"), PROVIDER]),
            Self::HttpAuth(edition) => over_http_auth(app, edition),
        }
    }
}

impl Wire {
    /// With this under the app.
    pub async fn lay(between: Between) -> Result<Self> {
        let server = loopback::serve().await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let identity = listener.local_addr()?;
        let azure = Azure::new(Clock::real(), Settings::default());
        tokio::spawn(server::serve(listener, azure, Duration::ZERO, std::future::pending()));
        let env = BTreeMap::from([
            ("AZURE_POD_IDENTITY_AUTHORITY_HOST".to_owned(), format!("http://{identity}")),
            (
                "AZURE_HTTP_AUTH_RULES".to_owned(),
                format!("http://{server} scope=https://storage.azure.com/.default"),
            ),
        ]);
        let bytes = between.app()?;
        let surroundings = Surroundings { env, ..Surroundings::real() };
        Ok(Self {
            app: AsyncApp::start(&Component::from_binary(engine(), &bytes)?, surroundings).await?,
            server,
        })
    }

    /// Lets the app send a request to `path` of the server.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        orders: &[(&str, &str)],
    ) -> Result<Response<Bytes>> {
        let target = format!("http://{}{path}", self.server);
        Ok(self.app.answer_all(vec![order(method, &target, orders)?]).await?.remove(0)?)
    }
}
