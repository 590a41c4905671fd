//! Configures a provider.

#[cfg(feature = "client")]
mod client;
mod limits;
mod load;
#[cfg(feature = "opentelemetry")]
mod meter;
mod network;
mod shared_cache;

use crate::allowance::Allowance;
#[cfg(feature = "client")]
use crate::client::ClientSettings;
use crate::environment::{Environment, WallClock};
use crate::pool::PoolLimits;
use crate::provider::Provider;
use crate::shared_cache::SharedCache;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi_http::WasiHttpHooks;

/// Configures a provider, and loads it.
///
/// A provider gets no variable, no folder and no host by default.
///
/// # Examples
/// ```no_run
/// # use azure_identity_wasmtime::Provider;
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let provider = Provider::builder()
///     .env("AZURE_TENANT_ID", "contoso.com")
///     .env("AZURE_CLIENT_ID", "11111111-2222-3333-4444-555555555555")
///     .env("AZURE_FEDERATED_TOKEN_FILE", "/tokens/azure")
///     .preopened_dir("/var/run/secrets/azure/tokens", "/tokens")
///     .allow_host("https://login.microsoftonline.com")
///     .load_file("azure-identity.wasm")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct ProviderBuilder {
    environment: Environment,
    allowed: Vec<Allowance>,
    inherit_env: bool,
    limits: PoolLimits,
    cache_capacity: usize,
    shared_cache: Option<SharedCache>,
    #[cfg(feature = "client")]
    client: ClientSettings,
    #[cfg(feature = "opentelemetry")]
    meter: Option<opentelemetry::metrics::Meter>,
}

impl Provider {
    /// Configures a provider, and loads it.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{Cloud, Provider};
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let provider = Provider::builder().inherit_env().allow_azure(Cloud::Public).load_file("azure-identity.wasm").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> ProviderBuilder {
        ProviderBuilder {
            environment: Environment::default(),
            allowed: Vec::new(),
            inherit_env: false,
            limits: PoolLimits::default(),
            cache_capacity: 1024,
            shared_cache: None,
            #[cfg(feature = "client")]
            client: ClientSettings::default(),
            #[cfg(feature = "opentelemetry")]
            meter: None,
        }
    }
}

impl ProviderBuilder {
    /// Sets a variable of the provider. It takes precedence over an inherited one.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().env("AZURE_CLIENT_ID", "11111111-2222-3333-4444-555555555555");
    /// ```
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.environment.env.retain(|(other, _)| *other != name);
        self.environment.env.push((name, value.into()));
        self
    }

    /// Passes those variables of this process to the provider that it reads, [`VARIABLES`](crate::VARIABLES), and no others.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().inherit_env();
    /// ```
    pub fn inherit_env(mut self) -> Self {
        self.inherit_env = true;
        self
    }

    /// Lets the provider read a folder of this machine: that of `AZURE_FEDERATED_TOKEN_FILE`, of a certificate, or of the
    /// Azure CLI. `host` is its path on this machine, `guest` the path in the provider.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder()
    ///     .preopened_dir("/var/run/secrets/azure/tokens", "/tokens")
    ///     .env("AZURE_FEDERATED_TOKEN_FILE", "/tokens/azure-identity-token");
    /// ```
    pub fn preopened_dir(mut self, host: impl Into<PathBuf>, guest: impl Into<String>) -> Self {
        self.environment.folders.push((host.into(), guest.into()));
        self
    }

    /// Sets the HTTP client of the instances, which is made once for each of them; by default one of hyper and rustls,
    /// which all instances share. It gets no requests to hosts that are not allowed.
    ///
    /// What the default client does, it has to do: verify the server of `IDENTITY_ENDPOINT` by
    /// `IDENTITY_SERVER_THUMBPRINT` on Service Fabric, follow no redirect, and use no proxy for metadata services.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// # use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};
    /// struct Offline;
    ///
    /// impl WasiHttpHooks for Offline {
    ///     fn send_request(
    ///         &mut self,
    ///         _request: http::Request<WasiBody>,
    ///         _options: Option<RequestOptions>,
    ///         _done: Done,
    ///     ) -> Box<dyn Future<Output = Result<(http::Response<WasiBody>, Done), Error>> + Send> {
    ///         Box::new(std::future::ready(Err(Error::HttpRequestDenied)))
    ///     }
    /// }
    /// type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
    ///
    /// let builder = Provider::builder().http_client(|| Offline);
    /// ```
    pub fn http_client<C: WasiHttpHooks + 'static>(
        mut self,
        make: impl Fn() -> C + Send + Sync + 'static,
    ) -> Self {
        self.environment.make_client = Some(Box::new(move |_| Box::new(make())));
        self
    }

    /// Sets the wall clock of the cache and the instances, which returns the time since the Unix epoch; the system's by
    /// default. The provider reads it once in a second of real time.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().wall_clock(|| std::time::Duration::from_secs(1_800_000_000));
    /// ```
    pub fn wall_clock(mut self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.environment.wall_clock = WallClock(Arc::new(now));
        self
    }

    /// Changes the WASI context of every instance, after all other options.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().customize_wasi(|wasi| {
    ///     wasi.inherit_stderr();
    /// });
    /// ```
    pub fn customize_wasi(mut self, customize: impl Fn(&mut WasiCtxBuilder) + Send + Sync + 'static) -> Self {
        self.environment.customize.push(Box::new(customize));
        self
    }
}
