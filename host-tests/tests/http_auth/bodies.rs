//! Bodies and trailers on a real connection, with and without http-auth: what the server sees is the same.

use crate::loopback;
use crate::scene::order;
use anyhow::Result;
use bytes::Bytes;
use host_tests::app::over_http_auth;
use host_tests::async_app::AsyncApp;
use host_tests::azure::{Azure, Settings, server};
use host_tests::clock::Clock;
use host_tests::engine::engine;
use host_tests::surroundings::Surroundings;
use http::{HeaderMap, Response};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use wasmtime::component::Component;

struct Wire {
    app: AsyncApp,
    server: SocketAddr,
}

impl Wire {
    async fn lay(is_authenticated: bool) -> Result<Self> {
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
        let bytes = if is_authenticated {
            over_http_auth(env!("HTTP_CLIENT_WASM"))?
        } else {
            host_tests::app::plug(env!("HTTP_CLIENT_WASM").as_ref(), host_tests::guest::PROVIDER.as_ref())?
        };
        let surroundings = Surroundings {
            env,
            arguments: Vec::new(),
            files: None,
            folders: Vec::new(),
            clock: Clock::real(),
            network: None,
        };
        Ok(Self {
            app: AsyncApp::start(&Component::from_binary(engine(), &bytes)?, surroundings).await?,
            server,
        })
    }

    async fn send(&mut self, method: &str, path: &str, orders: &[(&str, &str)]) -> Result<Response<Bytes>> {
        let target = format!("http://{}{path}", self.server);
        Ok(self.app.answer_all(vec![order(method, &target, orders)?]).await?.remove(0)?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_sees_the_body_that_the_app_sent() -> Result<()> {
    let (mut direct, mut through) = (Wire::lay(false).await?, Wire::lay(true).await?);
    for (method, orders) in [
        ("GET", &[][..]),
        ("DELETE", &[]),
        ("POST", &[]),
        ("PUT", &[]),
        ("POST", &[("x-with-content-length", "0")]),
        ("PUT", &[("x-body", "0"), ("x-with-content-length", "0")]),
        ("PUT", &[("x-body", "3"), ("x-with-content-length", "3")]),
        ("PUT", &[("x-body", "3000000"), ("x-with-content-length", "3000000")]),
        ("PUT", &[("x-body", "3")]),
        ("POST", &[("x-body", "3000000")]),
        ("PATCH", &[("x-body", "200000"), ("x-trailer", "sum")]),
        ("GET", &[("x-body", "3")]),
    ] {
        let (direct, through) =
            (direct.send(method, "/", orders).await?, through.send(method, "/", orders).await?);
        let of = |response: &Response<Bytes>| {
            response.headers()["x-authenticated"].to_str().map(ToOwned::to_owned)
        };
        assert_eq!((of(&direct)?.as_str(), of(&through)?.as_str()), ("false", "true"), "{method} {orders:?}");
        assert_eq!(direct.body(), through.body(), "{method} {orders:?}");
    }
    let empty = direct.send("PUT", "/", &[("x-body", "0")]).await?;
    assert_eq!(empty.body(), "PUT chunked 0", "the one difference: a stream with nothing in it");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_gets_the_body_and_trailers_that_the_server_sent() -> Result<()> {
    let mut through = Wire::lay(true).await?;
    let response = through.send("GET", "/trailers", &[("x-with-te", "trailers")]).await?;
    assert_eq!(response.body(), "in pieces");
    assert_eq!(response.extensions().get::<HeaderMap>().map(|it| it["x-sum"].clone()), Some("42".parse()?));
    for length in [0, 1, 65_536, 32 << 20] {
        let target = format!("http://{}/download/{length}", through.server);
        assert_eq!(through.app.count(order("GET", &target, &[])?).await?, length);
    }
    Ok(())
}
