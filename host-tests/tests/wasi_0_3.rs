//! WASI 0.3 in the test host, with the same network and clock as WASI 0.2.

use anyhow::Result;
use azure_simulator::Azure;
use azure_simulator::settings::Settings;
use bytes::Bytes;
use host_tests::async_app::{AsyncApp, ErrorCode};
use host_tests::clock::{Clock, EPOCH};
use host_tests::engine::engine;
use host_tests::environment::TestEnvironment;
use host_tests::network::{Fault, Network, Outcome};
use http::{Request, Response};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::Component;

async fn app(clock: Clock, network: impl Network + 'static) -> Result<AsyncApp> {
    let component = Component::from_file(engine(), env!("WASI_0_3_WASM"))?;
    AsyncApp::start(&component, TestEnvironment::new(clock, Arc::new(network))).await
}

#[tokio::test(start_paused = true)]
async fn requests_reach_the_simulated_azure() -> Result<()> {
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), Settings::default());
    let mut app = app(clock, azure.clone()).await?;
    let address = "https://login.microsoftonline.com/common/discovery/instance?api-version=1.1";
    let response = app.get(&format!("/fetch?{address}")).await??;
    let journal = azure.journal();
    assert_eq!(journal.len(), 1, "{journal:?}");
    assert_eq!(journal[0].status, Some(response.status().as_u16()));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_day_passes_at_once_on_a_paused_clock() -> Result<()> {
    let clock = Clock::simulated();
    let mut app = app(clock.clone(), Echo).await?;
    let response = app.get("/sleep?86400").await??;
    assert_eq!(response.body(), &format!("{EPOCH} {}", EPOCH + 86_400));
    assert_eq!(clock.elapsed().as_secs(), 86_400);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_instance_handles_a_hundred_concurrent_requests() -> Result<()> {
    let clock = Clock::simulated();
    let mut app = app(clock.clone(), Echo).await?;
    let requests = (0..100).map(|number| {
        Request::get(format!("http://app.example/fetch?http://service.example/{number}")).body(Bytes::new())
    });
    let responses = app.handle_all(requests.collect::<Result<_, _>>()?).await?;
    for (number, response) in responses.into_iter().enumerate() {
        assert_eq!(response?.body(), &format!("http://service.example/{number}"));
    }
    assert_eq!(clock.elapsed(), Duration::from_secs(1), "the requests wait for a second concurrently");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_simulated_fault_has_the_error_code_of_a_real_one() -> Result<()> {
    let mut app = app(Clock::simulated(), Echo).await?;
    let error = app.get("/fetch?http://refused.example/").await?.expect_err("the connection is refused");
    assert!(matches!(error, ErrorCode::ConnectionRefused), "{error:?}");
    Ok(())
}

/// Responds after a second, with the address of the request.
struct Echo;

impl Network for Echo {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(async move {
            if request.uri().host() == Some("refused.example") {
                return Outcome::Fault(Fault::Refused);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            Outcome::Response(Response::new(Bytes::from(request.uri().to_string())))
        })
    }
}
