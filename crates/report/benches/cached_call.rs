//! What a call costs that the cache answers, against a component that returns a constant through the same
//! `async` function; and the same while another call for another token hangs. In one run, each by each.
//!
//! `cargo bench -p report --bench cached_call`

use anyhow::{Context, Result};
use azure_simulator::{Azure, settings::Settings};
use bytes::Bytes;
use host_tests::bindings::TokenRequest;
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::{be_patient, engine, linker, store};
use host_tests::functions::Functions;
use host_tests::guests::FIXED_TOKEN_0_3;
use host_tests::network::{Answer, Network};
use host_tests::surroundings::{Disk, State, Surroundings};
use http::Request;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::Store;
use wasmtime::component::{Accessor, Component};

fn main() -> Result<()> {
    // `cargo test` runs benchmarks, too, with this argument missing.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut constant = Instance::start(FIXED_TOKEN_0_3).await?;
        let mut cached = Instance::start(Edition::Wasi03.component()).await?;
        let mut beside = Instance::start(Edition::Wasi03.component()).await?;
        let (mut nothing, mut ours, mut while_hanging) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            nothing.extend(constant.calls(false).await?);
            ours.extend(cached.calls(false).await?);
            while_hanging.extend(beside.calls(true).await?);
        }
        let (nothing, ours, while_hanging) = (median(nothing), median(ours), median(while_hanging));
        let ratio = ours.as_secs_f64() / nothing.as_secs_f64();
        println!("a constant: {nothing:.2?}; from the cache: {ours:.2?}, {ratio:.2} times that");
        println!("from the cache, while a call for another token hangs: {while_hanging:.2?}");
        Ok(())
    })
}

/// A provider, and what it needs.
struct Instance {
    store: Store<State>,
    functions: Functions,
    _disk: Disk,
}

impl Instance {
    async fn start(component: &str) -> Result<Self> {
        let clock = Clock::real();
        let azure = Azure::new(clock.clone(), Settings::default());
        let surroundings = Surroundings::new(clock, Arc::new(Hanging(azure)));
        let (state, disk, _output) = surroundings.furnish()?;
        let (mut store, component) = (store(state), Component::from_file(engine(), component)?);
        let instance = linker()?.instantiate_async(&mut store, &component).await?;
        Ok(Self { store, functions: Functions::new(instance, Edition::Wasi03), _disk: disk })
    }

    /// How long each of some calls took.
    async fn calls(&mut self, while_hanging: bool) -> Result<Vec<Duration>> {
        be_patient(&mut self.store);
        let get_token = self.functions.get_token(&mut self.store)?;
        let ask = async |store: &Accessor<State>, resource: &str| {
            let (token,) = get_token.call_concurrent(store, (request(resource),)).await?;
            token.ok().context("no token")
        };
        let times = self.store.run_concurrent(async |store| {
            ask(store, "vault").await?;
            let mut hanging = pin!(ask(store, "hanging"));
            if while_hanging {
                let begun = tokio::time::timeout(Duration::from_millis(5), hanging.as_mut());
                begun.await.err().context("it does not hang")?;
            }
            let mut times = Vec::new();
            for _ in 0..CALLS {
                let started = Instant::now();
                ask(store, "vault").await?;
                times.push(started.elapsed());
            }
            Ok(times)
        });
        times.await?
    }
}

fn request(resource: &str) -> TokenRequest {
    let scopes = vec![format!("https://{resource}.azure.net/.default")];
    TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false }
}

/// Azure, that never answers who asks for `hanging`.
struct Hanging(Azure);

impl Network for Hanging {
    fn answer(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(async move {
            if request.uri().to_string().contains("hanging") {
                std::future::pending::<()>().await;
            }
            self.0.answer(request).await
        })
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

const ROUNDS: usize = 20;
const CALLS: usize = 2000;
