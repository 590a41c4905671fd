//! Many credentials in one instance, as an app has that serves many tenants.

use super::benchmark_host::{BenchmarkHost, Observed};
use super::cost::resident_now;
use super::crypto::secret;
use super::token_server::TokenServer;
use anyhow::Result;
use bindings::azure::identity::types::TokenRequest;
use bindings::exports::azure::identity_credentials::credentials::Application;
use host_tests::edition::Edition;
use std::time::{Duration, Instant};
use wasmtime::Store;
use wasmtime::component::{Component, ResourceAny};

mod bindings {
    #![allow(missing_docs, reason = "generated; the WIT files have the documentation")]
    wasmtime::component::bindgen!({
        inline: "
            package tests:credentials;
            world credentials { export azure:identity-credentials/credentials@0.2.0; }
        ",
        path: ["../../wit/0.2", "../../wit/0.2/credentials"],
        world: "tests:credentials/credentials",
    });
}

/// An instance with credentials, each of which has a token.
pub struct Credentials {
    store: Store<Observed>,
    instance: bindings::Credentials,
    all: Vec<ResourceAny>,
    next: usize,
    /// The linear memory for each, in bytes.
    pub linear_memory: u64,
    /// The resident memory of this process for each, in bytes.
    pub resident_memory: u64,
}

impl Credentials {
    /// Creates credentials of as many service principals, and requests a token with each.
    ///
    /// # Errors
    /// When one returns no token.
    pub fn create(host: &BenchmarkHost, server: &TokenServer, count: usize) -> Result<Self> {
        let component = Component::from_file(host.engine(), Edition::Wasi02.component())?;
        let mut store = host.store(&secret(server))?;
        let instance = bindings::Credentials::instantiate(&mut store, &component, host.linker())?;
        let mut this =
            Self { store, instance, all: Vec::new(), next: 0, linear_memory: 0, resident_memory: 0 };
        // The first one includes what all of them share.
        this.add(0)?;
        let (linear, resident) = (this.store.data().linear_bytes() as u64, resident_now()?);
        for number in 1..count {
            this.add(number)?;
        }
        let others = (count as u64 - 1).max(1);
        this.linear_memory = (this.store.data().linear_bytes() as u64 - linear) / others;
        this.resident_memory = resident_now()?.saturating_sub(resident) / others;
        Ok(this)
    }

    /// The time of a cached call, for each credential in turn.
    ///
    /// # Errors
    /// When one returns no token.
    pub fn cached(&mut self, calls: u32) -> Result<Duration> {
        let (started, request) = (Instant::now(), request());
        for _ in 0..calls {
            self.next = (self.next + 1) % self.all.len();
            let interface = self.instance.azure_identity_credentials_credentials();
            let token =
                interface.credential().call_get_token(&mut self.store, self.all[self.next], &request)?;
            token.map_err(|error| anyhow::anyhow!(error.message))?;
        }
        Ok(started.elapsed() / calls)
    }

    fn add(&mut self, number: usize) -> Result<()> {
        let interface = self.instance.azure_identity_credentials_credentials();
        let builders = interface.credential_builder();
        let application = Application {
            tenant_id: "11111111-1111-1111-1111-111111111111".to_owned(),
            client_id: format!("00000000-0000-0000-0000-{number:012}"),
        };
        let builder = builders.call_client_secret(&mut self.store, &application, "secret")?;
        let created = builders.call_create(&mut self.store, builder)?;
        builder.resource_drop(&mut self.store)?;
        let credential = created.map_err(|error| anyhow::anyhow!(error.message))?;
        let token = interface.credential().call_get_token(&mut self.store, credential, &request())?;
        token.map_err(|error| anyhow::anyhow!(error.message))?;
        self.all.push(credential);
        Ok(())
    }
}

fn request() -> TokenRequest {
    TokenRequest {
        scopes: vec![SCOPE.to_owned()],
        tenant_id: None,
        claims: None,
        enable_cae: false,
        options: Vec::new(),
    }
}

const SCOPE: &str = "https://vault.azure.net/.default";
