//! A scenario: an app composed with http-auth on a virtual machine with a managed identity, and the services that
//! receive its requests.

use crate::order::order;
use crate::way::Way;
use crate::{hooks, trace};
use anyhow::{Context, Result};
use azure_simulator::jwt;
use azure_simulator::{Azure, Settings};
use bytes::Bytes;
use host_tests::app::{over_http_auth, plug_all};
use host_tests::async_app::{AsyncApp, ErrorCode};
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::engine;
use host_tests::environment::TestEnvironment;
use host_tests::guest::PROVIDER;
use host_tests::network::{Network, NetworkHooks, Outcome};
use host_tests::secrets;
use http::request::Parts;
use http::{Request, Response};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use wasmtime::component::Component;

/// The app and its environment.
pub struct Scenario {
    way: Way,
    pub clock: Clock,
    pub azure: Azure,
    pub services: Arc<Services>,
    pub app: AsyncApp,
}

/// The services outside the simulated Azure. They record the requests that they receive.
pub struct Services {
    azure: Azure,
    respond: Box<Respond>,
    seen: Mutex<Vec<Request<Bytes>>>,
    /// The number of requests with a body that are answered before it is read.
    early: AtomicUsize,
}

/// The settings of a simulated Azure with a second tenant, in which the application may get tokens.
pub const TWO_TENANTS: &str = "
    [[tenants]]
    id = 'aaaabbbb-0000-cccc-1111-dddd2222eeee'
    [[tenants]]
    id = '99999999-0000-cccc-1111-dddd2222eeee'
    [[applications]]
    client-id = '00001111-aaaa-2222-bbbb-3333cccc4444'
    multi-tenant = true
    secrets = ['s3cr3t~+/=&%x']
";

/// The rules of a scenario that has none of its own.
const USE_ALL: (&str, &str) = ("AZURE_HTTP_AUTH_RULES", "use all-data-plane");

type Respond = dyn Fn(&Request<Bytes>) -> Outcome + Send + Sync;

/// The app that executes commands of tests, once for each way.
static HTTP_CLIENT: LazyLock<[Component; 3]> = LazyLock::new(|| {
    [Way::Composed(Edition::Wasi02), Way::Composed(Edition::Wasi03), Way::Hooks(Edition::Wasi03)]
        .map(|way| compose(env!("HTTP_CLIENT_WASM"), way).expect("it can be composed"))
});

/// The app that executes commands of tests.
pub fn http_client(way: Way) -> &'static Component {
    let [older, newer, alone] = &*HTTP_CLIENT;
    match way {
        Way::Composed(Edition::Wasi03) => newer,
        Way::Composed(_) => older,
        Way::Hooks(_) => alone,
    }
}

/// An app composed with http-auth and an edition of the provider; or, for the hooks, with nothing that it needs not itself.
pub fn compose(app: &str, way: Way) -> Result<Component> {
    let composed = match way {
        Way::Composed(edition) => over_http_auth(app, edition)?,
        Way::Hooks(_) => {
            let app = std::fs::read(app)?;
            // Only apps of tests import the provider's interface themselves; composing any other app with it fails.
            plug_all(app.clone(), vec![std::fs::read(PROVIDER)?]).unwrap_or(app)
        }
    };
    Ok(Component::from_binary(engine(), &composed)?)
}

impl Scenario {
    /// The app that executes commands of tests, with environment variables, the settings of the simulated Azure as TOML,
    /// and the responses of the services. Every service of the data plane is used, unless the variables have rules.
    pub async fn new(
        way: Way,
        variables: &[(&str, &str)],
        toml: &str,
        respond: impl Fn(&Request<Bytes>) -> Outcome + Send + Sync + 'static,
    ) -> Result<Self> {
        Self::with_app(way, http_client(way), variables, toml, respond).await
    }

    /// As [`new`](Self::new), for another app.
    pub async fn with_app(
        way: Way,
        app: &Component,
        variables: &[(&str, &str)],
        toml: &str,
        respond: impl Fn(&Request<Bytes>) -> Outcome + Send + Sync + 'static,
    ) -> Result<Self> {
        let clock = Clock::simulated();
        let azure = Azure::new(clock.clone(), toml::from_str::<Settings>(toml)?);
        let services = Arc::new(Services {
            azure: azure.clone(),
            respond: Box::new(respond),
            seen: Mutex::default(),
            early: AtomicUsize::new(0),
        });
        let mut environment = TestEnvironment::new(clock.clone(), services.clone());
        let variables = [USE_ALL].iter().chain(variables);
        environment.env = variables.map(|(name, value)| ((*name).into(), (*value).into())).collect();
        if let Way::Hooks(_) = way {
            trace::begin();
            let auth = hooks::auth(&environment).await?.map_err(anyhow::Error::msg)?;
            environment.hooks = Some(Box::new(auth.hooks_over(NetworkHooks(services.clone()))));
        }
        let app = AsyncApp::start(app, environment).await?;
        Ok(Self { way, clock, azure, services, app })
    }

    /// Without variables of its own, and with services that accept every request.
    pub async fn plain(way: Way) -> Result<Self> {
        Self::new(way, &[], "", |_| ok()).await
    }

    /// Makes the app send a request to `target`.
    pub async fn send(
        &mut self,
        method: &str,
        target: &str,
        orders: &[(&str, &str)],
    ) -> Result<Result<Response<Bytes>, ErrorCode>> {
        Ok(self.app.handle_all(vec![order(method, target, orders)?]).await?.remove(0))
    }

    /// The requests that the services received since the last call of this function.
    pub fn seen(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut *self.services.seen.lock().expect("the lock is not poisoned"))
    }

    /// Makes the services answer the next request with a body before they read it.
    pub fn answer_early(&self) {
        self.services.early.store(1, Ordering::SeqCst);
    }

    /// The number of requests for tokens.
    pub fn token_requests(&self) -> usize {
        self.azure.journal().iter().filter(|entry| entry.service_name() == "imds").count()
    }

    /// The log of http-auth.
    pub fn log(&self) -> String {
        if let Way::Hooks(_) = self.way { trace::log() } else { self.app.output() }
    }

    /// Asserts that the log contains no token and no secret.
    pub fn assert_silent(&self) {
        let seen = [("the log".to_owned(), self.app.output()), ("the trace".to_owned(), trace::all())];
        assert_eq!(secrets::find(&self.azure.secrets(), &seen), Vec::<String>::new());
    }
}

impl Network for Services {
    fn reads_body(&self, head: &Parts) -> bool {
        let decrement = |early: usize| early.checked_sub(1);
        head.method != "PUT"
            || self.early.fetch_update(Ordering::SeqCst, Ordering::SeqCst, decrement).is_err()
    }

    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(async move {
            match request.uri().host() {
                Some("169.254.169.254" | "login.microsoftonline.com" | "contoso.vault.azure.net") => {
                    self.azure.send(request).await
                }
                _ => {
                    let response = (self.respond)(&request);
                    self.seen.lock().expect("the lock is not poisoned").push(request);
                    response
                }
            }
        })
    }
}

/// A successful response.
pub fn ok() -> Outcome {
    Outcome::Response(Response::new(Bytes::from_static(b"ok")))
}

/// The audience of a request's token, and the token.
pub fn audience(request: &Request<Bytes>) -> Result<(String, String)> {
    let mut values = request.headers().get_all("authorization").iter();
    let value = values.next().context("the request is not authenticated")?.to_str()?;
    anyhow::ensure!(values.next().is_none(), "the request has two authorization headers");
    let token =
        value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("type%3Daad%26ver%3D1.0%26sig%3D"));
    let token = token.context("the request has an unknown authorization scheme")?;
    let claims = jwt::verify(token).context("the token has no valid signature")?;
    Ok((claims["aud"].as_str().unwrap_or_default().to_owned(), token.to_owned()))
}
