//! Requests of an app of WASI 0.3 on a real socket: through nothing, through a component that forwards them or sets a header,
//! and through http-auth.

use super::timing::Sample;
use super::token_server::TokenServer;
use crate::guests::{HTTP_AUTH, HTTP_CLIENT, PASS_THROUGH, SETS_A_HEADER};
use anyhow::{Result, ensure};
use azure_identity_wasmtime::{HttpAuth, Policy};
use bytes::Bytes;
use host_tests::app::{plug_all, stack};
use host_tests::async_app::AsyncApp;
use host_tests::edition::Edition;
use host_tests::engine::engine;
use host_tests::environment::TestEnvironment;
use http::Request;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;
use tokio::runtime::Runtime;
use wasmtime::component::Component;

/// What stands between the app and the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// Nothing.
    Nothing,
    /// A component that forwards each request unchanged.
    PassThrough,
    /// A component that sets a header, after further steps that http-auth cannot avoid (its guest names them).
    SetsAHeader(&'static str),
    /// http-auth, whose rule forwards the request without a token.
    Pass,
    /// http-auth, whose rule sends a token that it has stored.
    HttpAuth,
    /// The same rule as hooks of the embedder's crate.
    Hooks,
}

/// The servers of a request. They are two, because http-auth refuses requests to servers of tokens.
pub struct Servers<'a> {
    /// That of tokens.
    pub tokens: &'a TokenServer,
    /// That which the app sends requests to.
    pub service: &'a TokenServer,
}

/// The time of a request to a service with a body of so many bytes; 0: it has none.
///
/// # Errors
/// When the app does not start, or a request fails.
pub fn request<'a>(
    runtime: &'a Rc<Runtime>,
    servers: &Servers<'_>,
    between: Between,
    body: usize,
) -> Result<Sample<'a>> {
    let mut app = runtime.block_on(start(servers, between))?;
    let order = order(servers.service, between, body)?;
    let mut send = move || -> Result<_> {
        let started = Instant::now();
        for _ in 0..REQUESTS {
            let responses = runtime.block_on(app.handle_all(vec![order.clone()]))?;
            let status = responses.into_iter().next().map(|it| it.map(|it| it.status().as_u16()));
            ensure!(matches!(status, Some(Ok(200))), "{between:?}: {status:?}");
        }
        Ok(started.elapsed() / REQUESTS)
    };
    // The first request of http-auth fetches the token.
    send()?;
    Ok(Box::new(send))
}

/// The runtime of the apps.
///
/// # Errors
/// When it does not start.
pub fn runtime() -> Result<Rc<Runtime>> {
    Ok(Rc::new(tokio::runtime::Builder::new_current_thread().enable_all().build()?))
}

async fn start(servers: &Servers<'_>, between: Between) -> Result<AsyncApp> {
    let rule = if between == Between::Pass { "pass" } else { "scope=https://storage.azure.com/.default" };
    let rules = format!("http://{} {rule}", servers.service.address);
    let mut env: BTreeMap<_, _> =
        servers.tokens.imds().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    env.insert("AZURE_HTTP_AUTH_RULES".to_owned(), rules.clone());
    let mut environment = TestEnvironment { env, ..TestEnvironment::real() };
    if between == Between::Hooks {
        let provider = super::apps::provider(servers.tokens, 1024).await?;
        let auth = HttpAuth::new(provider.scoped(Policy::unrestricted()), &rules)?;
        environment.hooks = Some(Box::new(auth.hooks()));
    }
    AsyncApp::start(&Component::from_binary(engine(), &app(between)?)?, environment).await
}

fn app(between: Between) -> Result<Vec<u8>> {
    let client = std::fs::read(HTTP_CLIENT)?;
    let client = match between {
        Between::Nothing | Between::Hooks => client,
        Between::PassThrough => plug_all(client, vec![std::fs::read(PASS_THROUGH)?])?,
        Between::SetsAHeader(_) => plug_all(client, vec![std::fs::read(SETS_A_HEADER)?])?,
        Between::Pass | Between::HttpAuth => {
            plug_all(client, vec![stack(&[HTTP_AUTH, Edition::Wasi03.component()])?])?
        }
    };
    // The app imports the provider of 0.2 as well, for tests.
    plug_all(client, vec![std::fs::read(Edition::Wasi02.component())?])
}

/// The command to the app.
fn order(server: &TokenServer, between: Between, body: usize) -> Result<Request<Bytes>> {
    let mut order = Request::builder()
        .method(if body > 0 { "PUT" } else { "GET" })
        .uri("http://app.example/send")
        .header("x-target", format!("http://{}/small", server.address));
    if let Between::SetsAHeader(steps) = between {
        order = order.header("x-with-x-steps", steps);
    }
    if body > 0 {
        order = order.header("x-body", body).header("x-with-content-length", body);
    }
    Ok(order.body(Bytes::new())?)
}

const REQUESTS: u32 = 20;
