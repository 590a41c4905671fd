//! A call that is served from the cache, compared with a component that returns a constant from the same `async`
//! function; and the same call while a call for another token hangs.
//!
//! `cargo bench -p report --bench cached_call`

use anyhow::{Context, Result};
use azure_simulator::{Azure, settings::Settings};
use bytes::Bytes;
use criterion::Criterion;
use host_tests::bindings::TokenRequest;
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::{engine, linker, reset_epoch_deadline, store};
use host_tests::environment::{Disk, State, TestEnvironment};
use host_tests::functions::Functions;
use host_tests::network::{Network, Outcome};
use http::Request;
use report::guests::FIXED_TOKEN_0_3;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::Store;
use wasmtime::component::{Accessor, Component};

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut criterion = Criterion::default().configure_from_args();
    let ours = Edition::Wasi03.component();
    for (name, component, while_hanging) in [
        ("a constant", FIXED_TOKEN_0_3, false),
        ("from the cache", ours, false),
        ("from the cache, while a call for another token hangs", ours, true),
    ] {
        let mut instance = runtime.block_on(Instance::start(component))?;
        let mut failure = None;
        criterion.benchmark_group("cached call").bench_function(name, |bencher| {
            bencher.iter_custom(|iterations| {
                let elapsed = runtime.block_on(instance.time(iterations, while_hanging));
                elapsed.unwrap_or_else(|error| {
                    failure = Some(error);
                    Duration::ZERO
                })
            });
        });
        failure.map_or(Ok(()), Err)?;
    }
    criterion.final_summary();
    Ok(())
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
        let environment = TestEnvironment::new(clock, Arc::new(Hanging(azure)));
        let (state, disk, _output) = environment.into_state()?;
        let (mut store, component) = (store(state), Component::from_file(engine(), component)?);
        let instance = linker()?.instantiate_async(&mut store, &component).await?;
        Ok(Self { store, functions: Functions::new(instance, Edition::Wasi03), _disk: disk })
    }

    /// The duration of `calls` calls in sequence.
    async fn time(&mut self, calls: u64, while_hanging: bool) -> Result<Duration> {
        reset_epoch_deadline(&mut self.store);
        let get_token = self.functions.get_token(&mut self.store)?;
        let call = async |store: &Accessor<State>, resource: &str| {
            let (token,) = get_token.call_concurrent(store, (build_request(resource),)).await?;
            token.ok().context("no token")
        };
        let elapsed = self.store.run_concurrent(async |store| {
            call(store, "vault").await?;
            let mut hanging = pin!(call(store, "hanging"));
            if while_hanging {
                let begun = tokio::time::timeout(Duration::from_millis(5), hanging.as_mut());
                begun.await.err().context("the call does not hang")?;
            }
            let started = Instant::now();
            for _ in 0..calls {
                call(store, "vault").await?;
            }
            Ok(started.elapsed())
        });
        elapsed.await?
    }
}

fn build_request(resource: &str) -> TokenRequest {
    let scopes = vec![format!("https://{resource}.azure.net/.default")];
    TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false, options: Vec::new() }
}

/// The simulated Azure, which never responds to requests for `hanging`.
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
