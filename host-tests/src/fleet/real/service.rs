//! The simulated Azure behind a socket, with a clock that can be set forward.

use crate::clock::Clock;
use crate::fleet::upstream::{key_of, resource};
use anyhow::{Context, Result};
use azure_simulator::{Azure, Settings, server};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// The service. Dropping it ends it.
pub struct Service {
    azure: Azure,
    address: SocketAddr,
    /// The clock of its tokens.
    pub clock: Clock,
    _runtime: Runtime,
}

impl Service {
    /// Starts a service whose responses take `delay`, and that of the first request `first` longer.
    pub fn start(keys: usize, delay: Duration, first: Duration) -> Result<Self> {
        let fault =
            format!("faults = [{{ service = 'imds', times = 1, delay = '{}ms' }}]", first.as_millis());
        let mut settings: Settings = fault.parse().context("the settings are a constant")?;
        settings.resources = (0..keys).map(resource).collect();
        settings.lifetimes.managed_identity = 2 * REFRESH_IN;
        settings.lifetimes.refresh_in = Some(REFRESH_IN);
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let (address, clock) = (listener.local_addr()?, Clock::real());
        let azure = Azure::new(clock.clone(), settings);
        runtime.spawn(server::serve(listener, azure.clone(), delay, std::future::pending()));
        Ok(Self { azure, address, clock, _runtime: runtime })
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The numbers of requests so far, by key.
    pub fn requests(&self) -> BTreeMap<usize, u64> {
        let mut requests = BTreeMap::new();
        for entry in self.azure.journal() {
            let query = entry.uri.split_once('?').map(|(_, query)| query.as_bytes()).unwrap_or_default();
            let asked = url::form_urlencoded::parse(query).find(|(name, _)| name == "resource");
            if let Some(key) = asked.and_then(|(_, resource)| key_of(&resource)) {
                *requests.entry(key).or_default() += 1;
            }
        }
        requests
    }
}

/// After how many seconds the service asks to renew a token.
pub const REFRESH_IN: u64 = 3600;
