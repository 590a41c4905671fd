//! What an embedder decides beside the rules: the policy, and which apps share the tokens.

use crate::hooks::provider;
use crate::order::order;
use crate::scenario::{audience, http_client};
use crate::sync_app::SyncApp;
use crate::way::Way;
use anyhow::Result;
use azure_identity_wasmtime::{HttpAuth, Policy};
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use azure_simulator::{Azure, Settings};
use bytes::Bytes;
use host_tests::async_app::AsyncApp;
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::environment::TestEnvironment;
use host_tests::network::{Network, NetworkHooks, Outcome};
use http::{HeaderMap, Request, Response};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

const RULES: &str = "https://*.blob.core.windows.net scope=https://storage.azure.com/.default";
const STORAGE: &str = "https://storage.azure.com/.default";
const BLOB: &str = "https://my.blob.core.windows.net/c/b";

/// The simulated Azure, and a service that records its requests, and challenges the first one if it is told to.
struct Service {
    azure: Azure,
    challenge: Option<&'static str>,
    seen: Mutex<Vec<Request<Bytes>>>,
}

impl Service {
    fn seen(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut *self.seen.lock().expect("the lock is not poisoned"))
    }

    fn respond(&self, request: Request<Bytes>) -> Outcome {
        let mut seen = self.seen.lock().expect("the lock is not poisoned");
        let challenge = self.challenge.filter(|_| seen.is_empty());
        seen.push(request);
        let mut response = Response::builder();
        if let Some(challenge) = challenge {
            response = response.status(401).header("www-authenticate", challenge);
        }
        Outcome::Response(response.body("ok".into()).expect("a response"))
    }
}

impl Network for Service {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(async move {
            match request.uri().host() {
                Some("169.254.169.254" | "login.microsoftonline.com") => self.azure.send(request).await,
                _ => self.respond(request),
            }
        })
    }
}

/// An embedder on a simulated machine.
struct Embedder {
    clock: Clock,
    service: Arc<Service>,
    auth: HttpAuth,
}

impl Embedder {
    async fn start(policy: Policy, env: &[(&str, &str)], challenge: Option<&'static str>) -> Result<Self> {
        let clock = Clock::simulated();
        let azure = Azure::new(clock.clone(), Settings::default());
        let service = Arc::new(Service { azure, challenge, seen: Mutex::default() });
        let mut environment = TestEnvironment::new(clock.clone(), service.clone());
        environment.env = env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let auth = HttpAuth::new(provider(&environment).await?.scoped(policy), RULES)?;
        Ok(Self { clock, service, auth })
    }

    /// The environment of an app.
    fn environment(&self) -> TestEnvironment {
        let hooks = self.auth.hooks_over(NetworkHooks(self.service.clone()));
        let network = self.service.clone();
        TestEnvironment { hooks: Some(Box::new(hooks)), ..TestEnvironment::new(self.clock.clone(), network) }
    }

    /// What an app of WASI 0.2 learns of its request.
    async fn send_from_0_2(&self, parts: &[(&str, &[&str])]) -> Result<String> {
        let hex = |text: &&str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        let line = |(name, values): &(&str, &[&str])| {
            format!("{name} {}\n", values.iter().map(hex).collect::<Vec<_>>().join(" "))
        };
        let target: [(&str, &[&str]); 3] =
            [("scheme", &["https"]), ("authority", &["my.blob.core.windows.net"]), ("path", &["/c/b"])];
        let order = target.iter().chain(parts).map(line).collect();
        SyncApp::start(self.environment()).await?.command("/raw", order).await
    }

    fn token_requests(&self) -> usize {
        self.service.azure.journal().len()
    }
}

#[tokio::test(start_paused = true)]
async fn apps_of_both_generations_share_one_token() -> Result<()> {
    let embedder = Embedder::start(Policy::unrestricted(), &[], None).await?;
    for _ in 0..2 {
        let learned = embedder.send_from_0_2(&[("method", &["GET"])]).await?;
        assert!(learned.starts_with("status: 200\n"), "{learned}");
        let app = http_client(Way::Hooks(Edition::Wasi03));
        let mut app = AsyncApp::start(app, embedder.environment()).await?;
        let response = app.handle_all(vec![order("GET", BLOB, &[])?]).await?.remove(0)?;
        assert_eq!(response.status(), 200);
    }
    let tokens: Vec<_> = embedder.service.seen().iter().map(audience).collect::<Result<_>>()?;
    assert!(tokens.len() == 4 && tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
    assert_eq!(embedder.token_requests(), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_scope_that_the_policy_does_not_allow_is_not_sent() -> Result<()> {
    let other = Policy::new().allow_scope("https://vault.azure.net/.default").allow_cae();
    let embedder = Embedder::start(other, &[], None).await?;
    let learned = embedder.send_from_0_2(&[("method", &["GET"])]).await?;
    assert!(learned.contains("the policy of this app does not allow the scope"), "{learned}");
    assert_eq!((embedder.service.seen().len(), embedder.token_requests()), (0, 0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn without_continuous_access_evaluation_in_the_policy_tokens_are_of_the_other_kind() -> Result<()> {
    let embedder = Embedder::start(Policy::new().allow_scope(STORAGE), &[], None).await?;
    let learned = embedder.send_from_0_2(&[("method", &["GET"])]).await?;
    assert!(learned.starts_with("status: 200\n"), "{learned}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_body_of_wasi_0_2_is_sent_again_with_its_trailers_after_a_challenge() -> Result<()> {
    const CLAIMS: &str = r#"Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxIn19fQ==""#;
    let principal = [
        ("AZURE_TENANT_ID", TENANT_ID),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
    ];
    let embedder = Embedder::start(Policy::unrestricted(), &principal, Some(CLAIMS)).await?;
    let body = "x".repeat(10_000);
    let parts: [(&str, &[&str]); 3] =
        [("method", &["PUT"]), ("body", &[&body]), ("trailer", &["x-sum", "1"])];
    let learned = embedder.send_from_0_2(&parts).await?;
    assert!(learned.starts_with("status: 200\n"), "{learned}");
    let seen = embedder.service.seen();
    let trailer = |request: &Request<Bytes>| request.extensions().get::<HeaderMap>()?.get("x-sum").cloned();
    let received: Vec<_> = seen.iter().map(|request| (request.body().len(), trailer(request))).collect();
    assert_eq!(received, vec![(10_000, Some("1".parse()?)); 2]);
    let tokens: Vec<_> = seen.iter().map(audience).collect::<Result<_>>()?;
    assert_ne!(tokens[0].1, tokens[1].1);
    Ok(())
}
