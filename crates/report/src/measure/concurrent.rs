//! The edition for WASI 0.3, whose functions are `async`: a cached call, alone and among others at once.

use super::answering::Answering;
use super::lab::surroundings;
use anyhow::{Context, Result};
use futures_util::future::{OptionFuture, try_join_all};
use host_tests::bindings::TokenRequest;
use host_tests::edition::Edition;
use host_tests::engine::{be_patient, engine, linker, store};
use host_tests::functions::Functions;
use std::pin::pin;
use std::time::{Duration, Instant};
use wasmtime::component::Component;

/// How long each of `callers` calls takes that are made at once, all for the same scope, whose token the
/// provider at `path` has.
///
/// # Errors
/// When it gives no token.
pub fn cached(path: &str, server: &Answering, scope: &str, callers: usize) -> Result<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(median_of(path, server, scope, callers, None))
}

/// How long a call for `scope` takes, whose token the provider at `path` has, while another for another token
/// waits for a service that does not answer.
///
/// # Errors
/// When it gives no token, or the other call comes to an end.
pub fn cached_beside_hanging(path: &str, server: &Answering, scope: &str) -> Result<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(median_of(path, server, scope, 1, Some("https://hanging.azure.net/.default")))
}

async fn median_of(
    path: &str,
    server: &Answering,
    scope: &str,
    callers: usize,
    hanging: Option<&str>,
) -> Result<Duration> {
    let (state, _disk, _output) = surroundings(&server.imds()).furnish()?;
    let (mut store, component) = (store(state), Component::from_file(engine(), path)?);
    let instance = linker()?.instantiate_async(&mut store, &component).await?;
    be_patient(&mut store);
    let get_token = Functions::new(instance, Edition::Wasi03).get_token(&mut store)?;
    let times = store.run_concurrent(async |store| {
        let ask = async |scope: &str| {
            let (token,) = get_token.call_concurrent(store, (request(scope),)).await?;
            token.ok().context("no token")
        };
        ask(scope).await?;
        let mut other = pin!(OptionFuture::from(hanging.map(&ask)));
        if hanging.is_some() {
            let begun = tokio::time::timeout(Duration::from_millis(50), other.as_mut());
            begun.await.err().context("it does not hang")?;
        }
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let rounds = (CALLS / callers).max(1);
            let started = Instant::now();
            for _ in 0..rounds {
                try_join_all((0..callers).map(|_| ask(scope))).await?;
            }
            times.push(started.elapsed() / u32::try_from(rounds * callers)?);
        }
        times.sort_unstable();
        anyhow::Ok(times[ROUNDS / 2])
    });
    times.await?
}

fn request(scope: &str) -> TokenRequest {
    TokenRequest { scopes: vec![scope.to_owned()], tenant_id: None, claims: None, enable_cae: false }
}

const ROUNDS: usize = 31;
const CALLS: usize = 1000;
