//! What can be said about a provider before it is loaded.

use crate::VARIABLES;
use crate::engine::engine;
use crate::error::LoadError;
use crate::load::Program;
use crate::outgoing::AllowedHost;
use crate::pool::PoolLimits;
use crate::provider::Provider;
use crate::surroundings::{Surroundings, WallClock};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::Component;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi_http::WasiHttpHooks;

/// Says what a provider may have, and loads it. Whatever is not said is not given: no variable, no folder.
/// Only requests may go anywhere, until [`allow_host`](Self::allow_host) is called.
#[must_use]
pub struct ProviderBuilder {
    surroundings: Surroundings,
    allowed: Vec<String>,
    inherit_env: bool,
    limits: PoolLimits,
    cache_capacity: usize,
}

impl ProviderBuilder {
    pub(crate) fn new() -> Self {
        let limits = PoolLimits {
            instances: 8,
            queue_timeout: Duration::from_secs(30),
            // The provider's own calls end after 120 s; it explains better what took so long.
            call_timeout: Duration::from_secs(150),
        };
        let surroundings = Surroundings::default();
        Self { surroundings, allowed: Vec::new(), inherit_env: false, limits, cache_capacity: 1024 }
    }

    /// Sets a variable of the provider, e.g. `AZURE_CLIENT_ID`. Goes before an inherited one.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.surroundings.env.retain(|(other, _)| *other != name);
        self.surroundings.env.push((name, value.into()));
        self
    }

    /// Hands over those variables of this process that the provider reads, [`VARIABLES`], and no others.
    pub fn inherit_env(mut self) -> Self {
        self.inherit_env = true;
        self
    }

    /// Lets the provider read a folder of this machine, `guest` being what it calls it: that of
    /// `AZURE_FEDERATED_TOKEN_FILE`, of a certificate, of the Azure CLI.
    pub fn preopened_dir(mut self, host: impl Into<PathBuf>, guest: impl Into<String>) -> Self {
        self.surroundings.folders.push((host.into(), guest.into()));
        self
    }

    /// Lets the provider send requests to a host, e.g. `https://login.microsoftonline.com`,
    /// `http://169.254.169.254` or `https://*.login.microsoft.com`, and to no other that is not named, too.
    /// A request to another one fails as `unreachable`, or, for what nothing configured, `unavailable`.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.allowed.push(host.into());
        self
    }

    /// The HTTP client of the instances, made once for each; wasmtime's own by default. Requests to hosts
    /// that are not allowed do not reach it.
    pub fn http_client<C: WasiHttpHooks + 'static>(
        mut self,
        make: impl Fn() -> C + Send + Sync + 'static,
    ) -> Self {
        self.surroundings.make_client = Box::new(move || Box::new(make()));
        self
    }

    /// How many instances there may be, and with it how many requests that no cache answers can run at
    /// once; 8 by default. Instances start when they are needed and stay.
    pub fn pool_size(mut self, instances: usize) -> Self {
        self.limits.instances = instances;
        self
    }

    /// How long a request waits for an instance when all are busy, before it is `unreachable`; 30 s by
    /// default. An answer from the cache never waits.
    pub fn queue_timeout(mut self, timeout: Duration) -> Self {
        self.limits.queue_timeout = timeout;
        self
    }

    /// How long a call into an instance may take before the instance is replaced; 150 s by default. The
    /// provider itself gives up after 120 s.
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.limits.call_timeout = timeout;
        self
    }

    /// How much memory an instance may have, in bytes; 64 MiB by default.
    pub fn memory_limit(mut self, bytes: usize) -> Self {
        self.surroundings.memory_limit = bytes;
        self
    }

    /// How many tokens are kept; 1,024 by default, each 1 to 4 KiB; 0: none.
    pub fn cache_capacity(mut self, tokens: usize) -> Self {
        self.cache_capacity = tokens;
        self
    }

    /// The time of day since the Unix epoch, for the cache and for the instances; the system's by default.
    pub fn wall_clock(mut self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.surroundings.wall_clock = WallClock(Arc::new(now));
        self
    }

    /// Changes the WASI context of every instance, after everything else: another monotonic clock, for one.
    pub fn customize_wasi(mut self, customize: impl Fn(&mut WasiCtxBuilder) + Send + Sync + 'static) -> Self {
        self.surroundings.customize.push(Box::new(customize));
        self
    }

    /// Loads a provider from the bytes of its component, and starts the first instance. Compiles on the
    /// current thread, for about a tenth of a second.
    ///
    /// # Errors
    /// When the configuration makes no sense, or the component is not a provider that this crate fits.
    pub async fn load(mut self, component: &[u8]) -> Result<Provider, LoadError> {
        self.check()?;
        let engine = engine().map_err(LoadError::Engine)?;
        let component =
            Component::from_binary(engine, component).map_err(|source| LoadError::Malformed { source })?;
        self.finish(&component).await
    }

    /// As [`load`](Self::load), from a file.
    ///
    /// # Errors
    /// As [`load`](Self::load), and when the file cannot be read.
    pub async fn load_file(self, path: impl AsRef<Path>) -> Result<Provider, LoadError> {
        let path = path.as_ref();
        let component =
            std::fs::read(path).map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
        self.load(&component).await
    }

    /// As [`load`](Self::load), from what [`precompile`](crate::precompile) made, in no time.
    ///
    /// # Safety
    /// The bytes are machine code, and are run as such: they must come from [`precompile`](crate::precompile)
    /// and from nobody who could change them.
    ///
    /// # Errors
    /// As [`load`](Self::load), and when another version of wasmtime made them.
    #[allow(unsafe_code, reason = "whoever calls this vouches for the bytes")]
    pub async unsafe fn load_precompiled(mut self, precompiled: &[u8]) -> Result<Provider, LoadError> {
        self.check()?;
        let engine = engine().map_err(LoadError::Engine)?;
        // SAFETY: the caller promises what `deserialize` asks for.
        let component = unsafe { Component::deserialize(engine, precompiled) };
        self.finish(&component.map_err(|source| LoadError::Malformed { source })?).await
    }

    async fn finish(self, component: &Component) -> Result<Provider, LoadError> {
        Provider::start(Program::new(component)?, self.surroundings, self.limits, self.cache_capacity).await
    }

    fn check(&mut self) -> Result<(), LoadError> {
        let refuse = |option, what: String| Err(LoadError::Configuration { option, what });
        if self.limits.instances == 0 || self.limits.instances > MAX_INSTANCES {
            return refuse("pool_size", format!("must be 1 to {MAX_INSTANCES}"));
        }
        if self.limits.call_timeout.is_zero() {
            return refuse("call_timeout", "must be more than nothing".to_owned());
        }
        if let Some((name, _)) = self.surroundings.env.iter().find(|(name, _)| !is_variable(name)) {
            return refuse("env", format!("'{}' is no name of a variable", name.escape_debug()));
        }
        if !self.allowed.is_empty() {
            let hosts = self.allowed.iter().map(|host| AllowedHost::parse(host));
            let hosts: Result<Arc<[_]>, _> = hosts.collect();
            let refused = |what| LoadError::Configuration { option: "allow_host", what };
            self.surroundings.allowed = Some(hosts.map_err(refused)?);
        }
        if self.inherit_env { self.inherit() } else { Ok(()) }
    }

    fn inherit(&mut self) -> Result<(), LoadError> {
        let env = &mut self.surroundings.env;
        for name in VARIABLES {
            let Some(value) = std::env::var_os(name) else { continue };
            let Some(value) = value.to_str() else {
                let what = format!("{name} is not UTF-8; correct it, or give its value with env");
                return Err(LoadError::Configuration { option: "inherit_env", what });
            };
            if !env.iter().any(|(given, _)| given == name) {
                env.push(((*name).to_owned(), value.to_owned()));
            }
        }
        Ok(())
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// Each reserves address space, 4 GiB as a rule.
const MAX_INSTANCES: usize = 1024;
