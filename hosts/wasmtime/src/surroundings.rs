//! What every instance of a provider finds around it.

use crate::error::LoadError;
use crate::instance::{Limits, State};
use crate::outgoing::{AllowedHost, DefaultClient, MakeClient, Outgoing};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{FsPerms, HostWallClock, WasiCtxBuilder};
use wasmtime_wasi_http::WasiHttpCtx;

/// The variables that the provider reads, all of them; [`inherit_env`](crate::ProviderBuilder::inherit_env)
/// hands over these and no others.
pub const VARIABLES: &[&str] = &[
    "AZD_CONFIG_DIR",
    "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
    "AZURE_AUTHORITY_HOST",
    "AZURE_CLIENT_CERTIFICATE",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
    "AZURE_CLI_SAVED_TOKEN",
    "AZURE_CONFIG_DIR",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH",
    "AZURE_KUBERNETES_TOKEN_PROXY",
    "AZURE_PASSWORD",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "AZURE_REGIONAL_AUTHORITY_NAME",
    "AZURE_TENANT_ID",
    "AZURE_TOKEN_CREDENTIALS",
    "AZURE_USERNAME",
    "DEFAULT_IDENTITY_CLIENT_ID",
    "HOME",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "REGION_NAME",
    "SYSTEM_OIDCREQUESTURI",
    "USERPROFILE",
];

/// What every instance finds around it. Has no `Debug`: the environment holds secrets.
pub(crate) struct Surroundings {
    pub(crate) env: Vec<(String, String)>,
    /// On this machine, and as the provider calls it.
    pub(crate) folders: Vec<(PathBuf, String)>,
    /// `None`: all are allowed.
    pub(crate) allowed: Option<Arc<[AllowedHost]>>,
    pub(crate) make_client: Box<MakeClient>,
    pub(crate) wall_clock: WallClock,
    pub(crate) customize: Vec<Box<Customize>>,
    /// In bytes.
    pub(crate) memory_limit: usize,
}

/// Changes the WASI context of an instance.
pub(crate) type Customize = dyn Fn(&mut WasiCtxBuilder) + Send + Sync;

impl Default for Surroundings {
    fn default() -> Self {
        Self {
            env: Vec::new(),
            folders: Vec::new(),
            allowed: None,
            make_client: Box::new(|| Box::new(DefaultClient)),
            wall_clock: WallClock::default(),
            customize: Vec::new(),
            memory_limit: 64 * 1024 * 1024,
        }
    }
}

impl Surroundings {
    /// Makes them, for one instance.
    ///
    /// # Errors
    /// When a folder cannot be opened.
    pub(crate) fn furnish(&self) -> Result<State, LoadError> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.envs(&self.env).wall_clock(self.wall_clock.clone());
        for (path, name) in &self.folders {
            wasi.preopened_dir(path, name, FsPerms::ReadOnly)
                .map_err(|source| LoadError::Folder { path: path.clone(), source })?;
        }
        self.customize.iter().for_each(|customize| customize(&mut wasi));
        Ok(State {
            wasi: wasi.build(),
            table: ResourceTable::new(),
            http: WasiHttpCtx::new(),
            outgoing: Outgoing { allowed: self.allowed.clone(), client: (self.make_client)() },
            limits: Limits { memory: self.memory_limit },
        })
    }
}

/// The time of day, for the cache and for every instance: both must mean the same when they speak of the
/// end of a token.
#[derive(Clone)]
pub(crate) struct WallClock(pub(crate) Arc<dyn Fn() -> Duration + Send + Sync>);

impl WallClock {
    /// Seconds since the Unix epoch.
    pub(crate) fn now(&self) -> u64 {
        (self.0)().as_secs()
    }
}

impl Default for WallClock {
    fn default() -> Self {
        Self(Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()))
    }
}

impl HostWallClock for WallClock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        (self.0)()
    }
}
