//! An app over http-auth, on a virtual machine with a managed identity, and services that take its requests.

use crate::order::order;
use anyhow::{Context, Result};
use azure_simulator::jwt;
use azure_simulator::{Azure, Settings};
use bytes::Bytes;
use host_tests::app::over_http_auth;
use host_tests::async_app::{AsyncApp, ErrorCode};
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::engine;
use host_tests::network::{Network, Outcome};
use host_tests::secrets;
use host_tests::surroundings::Surroundings;
use http::{Request, Response};
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex};
use wasmtime::component::Component;

/// The app, and all there is around it.
pub struct Scene {
    pub clock: Clock,
    pub azure: Azure,
    pub services: Arc<Services>,
    pub app: AsyncApp,
}

/// Whoever is neither the simulated Azure nor in this machine. Keeps what it is sent.
pub struct Services {
    azure: Azure,
    answers: Box<Answers>,
    seen: Mutex<Vec<Request<Bytes>>>,
}

type Answers = dyn Fn(&Request<Bytes>) -> Outcome + Send + Sync;

/// The app that does what tests tell it to, composed once for each edition.
static HTTP_CLIENT: LazyLock<[Component; 2]> = LazyLock::new(|| {
    [Edition::Wasi02, Edition::Wasi03]
        .map(|edition| compose(env!("HTTP_CLIENT_WASM"), edition).expect("it can be composed"))
});

/// An app over http-auth over an edition of the provider.
pub fn compose(app: &str, edition: Edition) -> Result<Component> {
    Ok(Component::from_binary(engine(), &over_http_auth(app, edition)?)?)
}

impl Scene {
    /// Over an edition of the provider, with variables, an Azure as `toml` says, and services that answer as told.
    pub async fn set(
        edition: Edition,
        variables: &[(&str, &str)],
        toml: &str,
        answers: impl Fn(&Request<Bytes>) -> Outcome + Send + Sync + 'static,
    ) -> Result<Self> {
        let [older, newer] = &*HTTP_CLIENT;
        let app = if edition == Edition::Wasi03 { newer } else { older };
        Self::with_app(app, variables, toml, answers).await
    }

    /// The same for another app.
    pub async fn with_app(
        app: &Component,
        variables: &[(&str, &str)],
        toml: &str,
        answers: impl Fn(&Request<Bytes>) -> Outcome + Send + Sync + 'static,
    ) -> Result<Self> {
        let clock = Clock::simulated();
        let azure = Azure::new(clock.clone(), toml::from_str::<Settings>(toml)?);
        let services =
            Arc::new(Services { azure: azure.clone(), answers: Box::new(answers), seen: Mutex::default() });
        let mut surroundings = Surroundings::new(clock.clone(), services.clone());
        surroundings.env = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let app = AsyncApp::start(app, surroundings).await?;
        Ok(Self { clock, azure, services, app })
    }

    /// With no variables, and services that are content with everything.
    pub async fn plain(edition: Edition) -> Result<Self> {
        Self::set(edition, &[], "", |_| ok()).await
    }

    /// Lets the app send a request to `target`.
    pub async fn send(
        &mut self,
        method: &str,
        target: &str,
        orders: &[(&str, &str)],
    ) -> Result<Result<Response<Bytes>, ErrorCode>> {
        Ok(self.app.answer_all(vec![order(method, target, orders)?]).await?.remove(0))
    }

    /// What the services were sent since the last look.
    pub fn seen(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut *self.services.seen.lock().expect("nobody panicked"))
    }

    /// How many requests for tokens there were.
    pub fn token_requests(&self) -> usize {
        self.azure.journal().iter().filter(|entry| entry.service_name() == "imds").count()
    }

    /// No token and no secret stands in what was printed.
    pub fn assert_silent(&self) {
        let seen = [("the log".to_owned(), self.app.output())];
        assert_eq!(secrets::find(&self.azure.secrets(), &seen), Vec::<String>::new());
    }
}

impl Network for Services {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(async move {
            match request.uri().host() {
                Some("169.254.169.254" | "login.microsoftonline.com" | "contoso.vault.azure.net") => {
                    self.azure.send(request).await
                }
                _ => {
                    let answer = (self.answers)(&request);
                    self.seen.lock().expect("nobody panicked").push(request);
                    answer
                }
            }
        })
    }
}

/// An answer that says nothing.
pub fn ok() -> Outcome {
    Outcome::Response(Response::new(Bytes::from_static(b"ok")))
}

/// What a request's token is for, and the token.
pub fn audience(request: &Request<Bytes>) -> Result<(String, String)> {
    let mut values = request.headers().get_all("authorization").iter();
    let value = values.next().context("it is not authenticated")?.to_str()?;
    anyhow::ensure!(values.next().is_none(), "it is authenticated twice");
    let token =
        value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("type%3Daad%26ver%3D1.0%26sig%3D"));
    let token = token.context("it is authenticated in a way of its own")?;
    let claims = jwt::verify(token).context("nobody signed its token")?;
    Ok((claims["aud"].as_str().unwrap_or_default().to_owned(), token.to_owned()))
}
