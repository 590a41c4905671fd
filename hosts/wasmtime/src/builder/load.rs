//! Checks the options of a provider, and loads it.

use super::ProviderBuilder;
use crate::admission::AdmissionLimits;
use crate::allowance::allowed_hosts;
use crate::engine::engine;
use crate::error::LoadError;
use crate::load::Program;
use crate::provider::Provider;
use crate::telemetry::Telemetry;
use azure_token_rules::variables::VARIABLES;
use std::ffi::OsString;
#[cfg(feature = "cranelift")]
use std::path::Path;
use wasmtime::component::Component;

impl ProviderBuilder {
    /// Loads a provider from the bytes of its component, and starts the first instance. Compiles on the current
    /// thread, for about a tenth of a second.
    ///
    /// # Errors
    /// [`LoadError::Configuration`] and [`LoadError::Folder`] when an option is invalid; any other [`LoadError`] when the
    /// component is not a provider that this crate supports, or does not start.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{Cloud, Provider};
    /// # async fn run(component: Vec<u8>) -> Result<(), Box<dyn std::error::Error>> {
    /// let provider = Provider::builder().inherit_env().allow_azure(Cloud::Public).load_bytes(&component).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "cranelift")]
    pub async fn load_bytes(mut self, component: &[u8]) -> Result<Provider, LoadError> {
        self.check()?;
        let engine = engine().map_err(LoadError::Engine)?;
        let component =
            Component::from_binary(engine, component).map_err(|source| LoadError::Malformed { source })?;
        self.finish(&component).await
    }

    /// Loads a provider from a file, as [`load_bytes`](Self::load_bytes) does from bytes.
    ///
    /// # Errors
    /// As [`load_bytes`](Self::load_bytes), and [`LoadError::Read`] when the file cannot be read.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{Cloud, Provider};
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let provider = Provider::builder().inherit_env().allow_azure(Cloud::Public).load_file("azure-identity.wasm").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "cranelift")]
    pub async fn load_file(self, path: impl AsRef<Path>) -> Result<Provider, LoadError> {
        let path = path.as_ref();
        let component =
            std::fs::read(path).map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
        self.load_bytes(&component).await
    }

    /// Loads a provider from the result of [`precompile`](crate::precompile), without compiling.
    ///
    /// # Safety
    /// The bytes are executed as machine code: they must be the unchanged result of [`precompile`](crate::precompile).
    ///
    /// # Errors
    /// As [`load_bytes`](Self::load_bytes), and [`LoadError::Malformed`] when another version of wasmtime made the bytes.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{Cloud, Provider};
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let precompiled = std::fs::read("azure-identity.cwasm")?;
    /// // SAFETY: only the build writes this file, with `precompile`.
    /// let provider = unsafe { Provider::builder().inherit_env().allow_azure(Cloud::Public).load_precompiled(&precompiled) }.await?;
    /// # Ok(())
    /// # }
    /// ```
    #[allow(unsafe_code, reason = "the caller guarantees the origin of the bytes")]
    pub async unsafe fn load_precompiled(mut self, precompiled: &[u8]) -> Result<Provider, LoadError> {
        self.check()?;
        let engine = engine().map_err(LoadError::Engine)?;
        // SAFETY: the caller guarantees what `deserialize` requires.
        let component = unsafe { Component::deserialize(engine, precompiled) };
        self.finish(&component.map_err(|source| LoadError::Malformed { source })?).await
    }

    async fn finish(mut self, component: &Component) -> Result<Provider, LoadError> {
        let (caches, program, telemetry) = (self.caches()?, Program::new(component)?, self.telemetry());
        let provider = Provider::start(program, self.environment, self.limits, caches, telemetry).await?;
        #[cfg(feature = "opentelemetry")]
        if let Some(meter) = &self.meter {
            crate::meter::observe(meter, provider.shared());
        }
        Ok(provider)
    }

    fn telemetry(&self) -> Telemetry {
        #[cfg(feature = "opentelemetry")]
        if let Some(meter) = &self.meter {
            return Telemetry::new(meter);
        }
        Telemetry::default()
    }

    fn check(&mut self) -> Result<(), LoadError> {
        let refuse = |option, what: String| Err(LoadError::Configuration { option, what });
        if self.limits.instances == 0 || self.limits.instances > MAX_INSTANCES {
            return refuse("pool_size", format!("must be 1 to {MAX_INSTANCES}"));
        }
        let AdmissionLimits { per_tenant, rate, burst, .. } = self.limits.admission;
        if per_tenant == Some(0) {
            return refuse("tenant_concurrency", "must be greater than zero".to_owned());
        }
        if rate == 0 || burst == 0 {
            return refuse("tenant_rate", "both numbers must be greater than zero".to_owned());
        }
        if self.limits.call_timeout.is_zero() {
            return refuse("call_timeout", "must be greater than zero".to_owned());
        }
        if let Some((name, _)) = self.environment.env.iter().find(|(name, _)| !is_variable(name)) {
            return refuse("env", format!("'{}' is not the name of a variable", name.escape_debug()));
        }
        if self.inherit_env {
            self.inherit()?;
        }
        #[cfg(feature = "client")]
        self.make_client()?;
        let refused = |(option, what)| LoadError::Configuration { option, what };
        let allowed = allowed_hosts(&self.allowed, &self.environment.env);
        self.environment.allowed = allowed.map_err(refused)?;
        Ok(())
    }

    fn inherit(&mut self) -> Result<(), LoadError> {
        let env = &mut self.environment.env;
        for name in VARIABLES {
            if let Some(value) = inherited(name)?
                && !env.iter().any(|(other, _)| other == name)
            {
                env.push(((*name).to_owned(), value));
            }
        }
        Ok(())
    }
}

/// A variable of this process.
fn inherited(name: &str) -> Result<Option<String>, LoadError> {
    let what = || format!("{name} is not UTF-8; correct it, or set its value with env");
    let refused = |_| LoadError::Configuration { option: "inherit_env", what: what() };
    std::env::var_os(name).map(OsString::into_string).transpose().map_err(refused)
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// Each instance reserves address space, in most cases 4 GiB.
const MAX_INSTANCES: usize = 1024;
