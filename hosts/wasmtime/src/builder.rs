//! Configures a provider.

#[cfg(feature = "client")]
mod client;
mod load;
#[cfg(feature = "opentelemetry")]
mod meter;
mod network;

use crate::allowance::Allowance;
#[cfg(feature = "client")]
use crate::client::ClientSettings;
use crate::environment::{Environment, WallClock};
use crate::pool::PoolLimits;
use crate::provider::Provider;
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
        let limits = PoolLimits {
            instances: 8,
            queue_timeout: Duration::from_secs(30),
            // Longer than the 120 s after which the provider itself ends a call with an error that names the cause.
            call_timeout: Duration::from_secs(150),
        };
        ProviderBuilder {
            environment: Environment::default(),
            allowed: Vec::new(),
            inherit_env: false,
            limits,
            cache_capacity: 1024,
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

    /// Sets the number of instances, at most, and so of concurrent calls; 8 by default, 1 to 1,024. Instances start
    /// when they are needed and stay.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().pool_size(2);
    /// ```
    pub fn pool_size(mut self, instances: usize) -> Self {
        self.limits.instances = instances;
        self
    }

    /// Sets how long a request waits for an instance when all are busy, before it fails as `transient`; 30 s by
    /// default. A request that the cache answers does not wait.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().queue_timeout(std::time::Duration::from_secs(5));
    /// ```
    pub fn queue_timeout(mut self, timeout: Duration) -> Self {
        self.limits.queue_timeout = timeout;
        self
    }

    /// Sets how long a call into an instance may take before the instance is replaced; 150 s by default, and more than
    /// zero. The provider itself ends a call after 120 s.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().call_timeout(std::time::Duration::from_secs(60));
    /// ```
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.limits.call_timeout = timeout;
        self
    }

    /// Sets the size of each memory of an instance, at most, in bytes; 64 MiB by default. An instance that requests more
    /// is replaced.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().memory_limit(32 << 20);
    /// ```
    pub fn memory_limit(mut self, bytes: usize) -> Self {
        self.environment.memory_limit = bytes;
        self
    }

    /// Sets the number of tokens that are cached, at most; 1,024 by default, each 1 to 4 KiB. With 0 none is cached.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().cache_capacity(16);
    /// ```
    pub fn cache_capacity(mut self, tokens: usize) -> Self {
        self.cache_capacity = tokens;
        self
    }

    /// Sets the wall clock of the cache and the instances, which returns the time since the Unix epoch; the system's by
    /// default.
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
