//! The component in wasmtime, in surroundings made for one test.

use crate::bindings::{AccessToken, CredentialError, Provider, TokenRequest, credentials};
use crate::chance::Chance;
use crate::clock::Clock;
use crate::network::{Network, Seam};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tempfile::TempDir;
use wasmtime::component::{Component, Linker, ResourceAny, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView, default_hooks};

/// The release build of the provider.
pub const PROVIDER: &str = env!("AZURE_IDENTITY_WASM");

/// What a guest finds around it.
pub struct Surroundings {
    /// Its environment, and no more than that.
    pub env: BTreeMap<String, String>,
    /// Its files, by absolute path; `None`: the host gives no folder at all.
    pub files: Option<BTreeMap<String, Vec<u8>>>,
    /// Folders of this machine that it may read, and what it calls them.
    pub folders: Vec<(PathBuf, String)>,
    /// Its clocks.
    pub clock: Clock,
    /// Who answers its requests; `None`: the real network.
    pub network: Option<Arc<dyn Network>>,
}

impl Surroundings {
    /// No variables, an empty disk, and `network`.
    pub fn new(clock: Clock, network: Arc<dyn Network>) -> Self {
        let (env, folders) = (BTreeMap::new(), Vec::new());
        Self { env, files: Some(BTreeMap::new()), folders, clock, network: Some(network) }
    }
}

/// An instance of the provider. It lives until it is dropped, and so does its cache.
pub struct Guest {
    store: Store<State>,
    provider: Provider,
    disk: TempDir,
    output: MemoryOutputPipe,
}

impl Guest {
    /// Starts an instance.
    pub async fn start(surroundings: Surroundings) -> Result<Self> {
        let disk = TempDir::new()?;
        let output = MemoryOutputPipe::new(1 << 20);
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(output.clone()).stderr(output.clone());
        wasi.wall_clock(surroundings.clock.clone()).monotonic_clock(surroundings.clock);
        // Otherwise files are read on other threads, and a paused clock cannot know that somebody waits.
        wasi.allow_blocking_current_thread(true);
        wasi.secure_random(Chance::default());
        for (name, value) in &surroundings.env {
            wasi.env(name, value);
        }
        if surroundings.files.is_some() {
            wasi.preopened_dir(disk.path(), "/", FsPerms::ReadOnly)?;
        }
        for (folder, name) in &surroundings.folders {
            wasi.preopened_dir(folder, name, FsPerms::ReadOnly)?;
        }
        let http = surroundings.network.map(Seam);
        let state =
            State { wasi: wasi.build(), table: ResourceTable::new(), http_ctx: WasiHttpCtx::new(), http };
        let machine = machine()?;
        let mut store = Store::new(&machine.engine, state);
        store.set_epoch_deadline(PATIENCE.as_secs());
        let provider = Provider::instantiate_async(&mut store, &machine.component, &machine.linker).await?;
        let guest = Self { store, provider, disk, output };
        for (path, content) in surroundings.files.unwrap_or_default() {
            guest.write_file(&path, &content)?;
        }
        Ok(guest)
    }

    /// Asks the surroundings' identity for a token. The outer error is a trap.
    pub async fn get_token(
        &mut self,
        request: &TokenRequest,
    ) -> Result<Result<AccessToken, CredentialError>> {
        self.store.set_epoch_deadline(PATIENCE.as_secs());
        let interface = self.provider.azure_identity_token_credential();
        Ok(interface.call_get_token(&mut self.store, request).await?)
    }

    /// Makes a credential with a function of `credentials`, e.g.
    /// `|c, store| Box::pin(c.call_managed_identity(store, None))`. The outer error is a trap.
    pub async fn make<F>(&mut self, make: F) -> Result<Result<ResourceAny, CredentialError>>
    where
        F: for<'a> FnOnce(&'a credentials::Guest, &'a mut Store<State>) -> Making<'a>,
    {
        self.store.set_epoch_deadline(PATIENCE.as_secs());
        Ok(make(self.provider.azure_identity_credentials(), &mut self.store).await?)
    }

    /// Asks a credential for a token. The outer error is a trap.
    pub async fn get_token_of(
        &mut self,
        credential: ResourceAny,
        request: &TokenRequest,
    ) -> Result<Result<AccessToken, CredentialError>> {
        self.store.set_epoch_deadline(PATIENCE.as_secs());
        let interface = self.provider.azure_identity_credentials().credential();
        Ok(interface.call_get_token(&mut self.store, credential, request).await?)
    }

    /// Puts a file where the guest sees it.
    pub fn write_file(&self, path: &str, content: &[u8]) -> Result<()> {
        let file = self.on_disk(path);
        std::fs::create_dir_all(file.parent().context("a file has a folder")?)?;
        Ok(std::fs::write(file, content)?)
    }

    /// Takes a file away.
    pub fn remove_file(&self, path: &str) -> Result<()> {
        Ok(std::fs::remove_file(self.on_disk(path))?)
    }

    /// Where a file of the guest really is.
    pub fn on_disk(&self, path: &str) -> PathBuf {
        self.disk.path().join(path.trim_start_matches('/'))
    }

    /// Whatever the guest printed.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&self.output.contents()).into_owned()
    }
}

/// What a function of `credentials` returns while it runs.
pub type Making<'a> = std::pin::Pin<
    Box<dyn Future<Output = wasmtime::Result<Result<ResourceAny, CredentialError>>> + Send + 'a>,
>;

/// What the host keeps for an instance.
pub struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    http_ctx: WasiHttpCtx,
    http: Option<Seam>,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let hooks: &mut dyn WasiHttpHooks = match &mut self.http {
            Some(seam) => seam,
            None => default_hooks(),
        };
        WasiHttpCtxView { ctx: &mut self.http_ctx, table: &mut self.table, hooks }
    }
}

/// What all instances share: the component is compiled once a process.
struct Machine {
    engine: Engine,
    component: Component,
    linker: Linker<State>,
}

fn machine() -> Result<&'static Machine> {
    static MACHINE: OnceLock<Result<Machine, String>> = OnceLock::new();
    let machine =
        MACHINE.get_or_init(|| Machine::new(Path::new(PROVIDER)).map_err(|error| format!("{error:#}")));
    machine.as_ref().map_err(|error| anyhow::anyhow!("{error}"))
}

impl Machine {
    fn new(component: &Path) -> Result<Self> {
        let mut config = Config::new();
        config.epoch_interruption(true);
        let engine = Engine::new(&config)?;
        let component = Component::from_file(&engine, component)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        tick(engine.clone());
        Ok(Self { engine, component, linker })
    }
}

/// Counts real seconds, so that a guest that never returns ends in a trap and not in a hanging test.
fn tick(engine: Engine) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            engine.increment_epoch();
        }
    });
}

/// The longest that a call may compute, in real time. Waiting does not count on a paused clock.
const PATIENCE: Duration = Duration::from_secs(60);
