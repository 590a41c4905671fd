//! Many tokens in one cache: that of the component, and that of the embedder's crate.

use super::apps::provider;
use super::benchmark_host::{BenchmarkHost, Instance, TokenRequest, request};
use super::timing::scopes;
use super::token_server::TokenServer;
use anyhow::Result;
use azure_identity_wasmtime::Provider;
use host_tests::edition::Edition;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// The cache of an instance of the component, with a token of each scope.
pub struct InComponent {
    instance: Instance,
    requests: Vec<TokenRequest>,
    next: usize,
}

impl InComponent {
    /// Requests a token of each of so many scopes.
    ///
    /// # Errors
    /// When there is none.
    pub fn fill(host: &BenchmarkHost, server: &TokenServer, count: usize) -> Result<Self> {
        let instance = host.provider(Edition::Wasi02.component())?.start(&server.imds())?;
        let requests = scopes(count).iter().map(|scope| request(scope)).collect();
        let mut this = Self { instance, requests, next: 0 };
        this.call(u32::try_from(count)?)?;
        Ok(this)
    }

    /// The time of a call, for each scope in turn.
    ///
    /// # Errors
    /// When there is no token.
    pub fn call(&mut self, calls: u32) -> Result<Duration> {
        let started = Instant::now();
        for _ in 0..calls {
            self.instance.get_token(&self.requests[self.next])?;
            self.next = (self.next + 1) % self.requests.len();
        }
        Ok(started.elapsed() / calls)
    }
}

/// The cache of the embedder's crate, with a token of each scope.
pub struct InEmbedder {
    runtime: Runtime,
    provider: Provider,
    scopes: Vec<String>,
    next: usize,
}

impl InEmbedder {
    /// Requests a token of each of so many scopes, from a provider that caches as many.
    ///
    /// # Errors
    /// When there is none.
    pub fn fill(server: &TokenServer, count: usize) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let provider = runtime.block_on(provider(server, count.max(1024)))?;
        let mut this = Self { runtime, provider, scopes: scopes(count), next: 0 };
        this.call(u32::try_from(count)?)?;
        Ok(this)
    }

    /// The time of a call, for each scope in turn.
    ///
    /// # Errors
    /// When there is no token.
    pub fn call(&mut self, calls: u32) -> Result<Duration> {
        let (provider, scopes, mut next) = (&self.provider, &self.scopes, self.next);
        let started = Instant::now();
        self.runtime.block_on(async {
            for _ in 0..calls {
                provider.get_token(azure_identity_wasmtime::TokenRequest::new(&scopes[next])).await?;
                next = (next + 1) % scopes.len();
            }
            anyhow::Ok(())
        })?;
        self.next = next;
        Ok(started.elapsed() / calls)
    }
}
