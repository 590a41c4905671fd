//! The environment of the instances: variables, folders, network, clock.

use crate::error::LoadError;
use crate::failures::ConnectionFailures;
use crate::outgoing::{AllowedHosts, MakeClient, Outgoing};
use crate::state::{Limits, State};
use crate::warnings::Warnings;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{FsPerms, HostWallClock, WasiCtxBuilder};
use wasmtime_wasi_http::WasiHttpCtx;

/// The variables that select the identity of the tokens.
const IDENTITY_VARIABLES: &[&str] = &[
    "AZURE_AUTHORITY_HOST",
    "AZURE_CLIENT_ID",
    "AZURE_CLOUD_NAME",
    "AZURE_TENANT_ID",
    "AZURE_TOKEN_CREDENTIALS",
    "AZURE_USERNAME",
    "DEFAULT_IDENTITY_CLIENT_ID",
];

/// The environment of the instances. It has no `Debug`, because variables hold secrets.
pub(crate) struct Environment {
    /// Names and values.
    pub(crate) env: Vec<(String, String)>,
    /// The path on this machine, and the provider's name for it.
    pub(crate) folders: Vec<(PathBuf, String)>,
    pub(crate) allowed: AllowedHosts,
    /// `None`: the embedder brings no client.
    pub(crate) make_client: Option<Box<MakeClient>>,
    pub(crate) wall_clock: WallClock,
    pub(crate) customize: Vec<Box<Customize>>,
    /// The size of each memory, at most, in bytes.
    pub(crate) memory_limit: usize,
    /// The rate limits of the provider's warnings.
    pub(crate) warnings: Arc<Warnings>,
}

/// Changes the WASI context of an instance.
pub(crate) type Customize = dyn Fn(&mut WasiCtxBuilder) + Send + Sync;

impl Default for Environment {
    fn default() -> Self {
        Self {
            env: Vec::new(),
            folders: Vec::new(),
            allowed: AllowedHosts::default(),
            make_client: None,
            wall_clock: WallClock::default(),
            customize: Vec::new(),
            memory_limit: 64 * 1024 * 1024,
            warnings: Arc::default(),
        }
    }
}

impl Environment {
    /// The variables that select the identity of the tokens. A secret or a machine's own path does not: both may differ between
    /// the hosts of a fleet, and change.
    pub(crate) fn identity_settings(&self) -> Vec<(String, String)> {
        let selects = |(name, _): &&(String, String)| IDENTITY_VARIABLES.contains(&name.as_str());
        self.env.iter().filter(selects).cloned().collect()
    }

    /// Creates the data of one instance's store.
    ///
    /// # Errors
    /// [`LoadError::Folder`] when a folder cannot be opened, [`LoadError::Configuration`] when there is no HTTP client.
    pub(crate) fn create_state(&self) -> Result<State, LoadError> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.envs(&self.env).wall_clock(self.wall_clock.clone());
        for (path, name) in &self.folders {
            wasi.preopened_dir(path, name, FsPerms::ReadOnly)
                .map_err(|source| LoadError::Folder { path: path.clone(), source })?;
        }
        self.customize.iter().for_each(|customize| customize(&mut wasi));
        let failures = ConnectionFailures::new(Arc::clone(&self.warnings));
        let what = || "must be called, because the feature `client` of this crate is off".to_owned();
        let missing = || LoadError::Configuration { option: "http_client", what: what() };
        let client = self.make_client.as_ref().ok_or_else(missing)?(&failures);
        Ok(State {
            wasi: wasi.build(),
            table: ResourceTable::new(),
            http: WasiHttpCtx::new(),
            outgoing: Outgoing {
                allowed: self.allowed.clone(),
                client,
                warnings: Arc::clone(&self.warnings),
            },
            limits: Limits { memory: self.memory_limit },
            failures,
        })
    }
}

/// The wall clock of the cache and of every instance: both compare it with the end of a token.
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
