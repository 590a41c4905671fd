//! A cached call of the edition for WASI 0.3, beside a component that returns a constant from the same `async` function; and
//! the same while a call for another token waits for a response. The samples are taken in turn.
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
use host_tests::network::{Network, Outcome};
use host_tests::surroundings::{Disk, State, Surroundings};
use http::Request;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::Store;
use wasmtime::component::{Accessor, Component};

fn main() -> Result<()> {
    // `cargo test` runs benchmarks, too, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut constant = Instance::start(FIXED_TOKEN_0_3).await?;
        let mut cached = Instance::start(Edition::Wasi03.component()).await?;
        let mut beside = Instance::start(Edition::Wasi03.component()).await?;
        let (mut nothing, mut ours, mut while_hanging) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..SAMPLES {
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

/// An instance of a provider.
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

    /// The times of a number of calls.
    async fn calls(&mut self, while_hanging: bool) -> Result<Vec<Duration>> {
        be_patient(&mut self.store);
        let get_token = self.functions.get_token(&mut self.store)?;
        let get = async |store: &Accessor<State>, resource: &str| {
            let (token,) = get_token.call_concurrent(store, (request(resource),)).await?;
            token.ok().context("no token")
        };
        let times = self.store.run_concurrent(async |store| {
            get(store, "vault").await?;
            let mut hanging = pin!(get(store, "hanging"));
            if while_hanging {
                let started = tokio::time::timeout(Duration::from_millis(5), hanging.as_mut());
                started.await.err().context("the call for `hanging` ended")?;
            }
            let mut times = Vec::new();
            for _ in 0..CALLS {
                let started = Instant::now();
                get(store, "vault").await?;
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

/// The simulated Azure, which never responds to a request for `hanging`.
struct Hanging(Azure);

impl Network for Hanging {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(async move {
            if request.uri().to_string().contains("hanging") {
                std::future::pending::<()>().await;
            }
            self.0.send(request).await
        })
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

const SAMPLES: usize = 20;
const CALLS: usize = 2000;
