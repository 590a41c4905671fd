//! Cached calls of the edition for WASI 0.3, whose functions are `async`: one at a time, and many at once.

use super::benchmark_host::environment;
use super::timing;
use super::token_server::TokenServer;
use anyhow::{Context, Result};
use futures_util::future::{OptionFuture, try_join_all};
use host_tests::bindings::TokenRequest;
use host_tests::edition::Edition;
use host_tests::engine::{engine, linker, reset_epoch_deadline, store};
use host_tests::functions::Functions;
use std::pin::pin;
use std::time::{Duration, Instant};
use wasmtime::component::Component;

/// The time of a cached call when `callers` calls for the same scope run at once.
///
/// # Errors
/// When the provider at `path` returns no token.
pub fn cached(path: &str, server: &TokenServer, scope: &str, callers: usize) -> Result<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(time_of(path, server, scope, callers, None))
}

/// The time of a cached call while a call for another token waits for a service that does not respond.
///
/// # Errors
/// When the provider at `path` returns no token, or the other call ends.
pub fn cached_beside_hanging(path: &str, server: &TokenServer, scope: &str) -> Result<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(time_of(path, server, scope, 1, Some("https://hanging.azure.net/.default")))
}

async fn time_of(
    path: &str,
    server: &TokenServer,
    scope: &str,
    callers: usize,
    hanging: Option<&str>,
) -> Result<Duration> {
    let (state, _disk, _output) = environment(&server.imds()).into_state()?;
    let (mut store, component) = (store(state), Component::from_file(engine(), path)?);
    let instance = linker()?.instantiate_async(&mut store, &component).await?;
    reset_epoch_deadline(&mut store);
    let get_token = Functions::new(instance, Edition::Wasi03).get_token(&mut store)?;
    let times = store.run_concurrent(async |store| {
        let get = async |scope: &str| {
            let (token,) = get_token.call_concurrent(store, (request(scope),)).await?;
            token.ok().context("no token")
        };
        get(scope).await?;
        let mut other = pin!(OptionFuture::from(hanging.map(&get)));
        if hanging.is_some() {
            let started = tokio::time::timeout(Duration::from_millis(50), other.as_mut());
            started.await.err().context("the call for `hanging` ended")?;
        }
        let mut times = Vec::with_capacity(SAMPLES);
        for _ in 0..SAMPLES {
            let repeats = (CALLS / callers).max(1);
            let started = Instant::now();
            for _ in 0..repeats {
                try_join_all((0..callers).map(|_| get(scope))).await?;
            }
            times.push(started.elapsed() / u32::try_from(repeats * callers)?);
        }
        anyhow::Ok(timing::first_decile(times))
    });
    times.await?
}

fn request(scope: &str) -> TokenRequest {
    TokenRequest {
        scopes: vec![scope.to_owned()],
        tenant_id: None,
        claims: None,
        enable_cae: false,
        options: Vec::new(),
    }
}

const SAMPLES: usize = 31;
const CALLS: usize = 1000;
