//! The environment of a component: variables, files, clocks, network. A test simulates it; the demo can take it from
//! this machine.

use crate::clock::Clock;
use crate::edition::Edition;
use crate::file_faults::FileFaults;
use crate::key_value::Granted;
use crate::network::{Network, NetworkHooks};
use crate::permissive_hooks::PermissiveHooks;
use crate::randomness::DeterministicRng;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView, default_hooks};

/// The environment of a component.
pub struct TestEnvironment {
    /// Its environment variables.
    pub env: BTreeMap<String, String>,
    /// Its arguments, without its name.
    pub arguments: Vec<String>,
    /// Its standard input.
    pub input: Vec<u8>,
    /// Its files, by absolute path; `None`: the host preopens no directory.
    pub files: Option<BTreeMap<String, Vec<u8>>>,
    /// Folders of this machine that it may read, and the paths under which it sees them.
    pub folders: Vec<(PathBuf, String)>,
    /// Whether its random numbers are random; otherwise every run draws the same ones.
    pub real_randomness: bool,
    /// Whether it may listen on this machine's loopback addresses.
    pub may_listen: bool,
    /// Its clocks.
    pub clock: Clock,
    /// The simulated network; `None`: the real network.
    pub network: Option<Arc<dyn Network>>,
    /// The hooks of its requests; `None`: those of the network.
    pub hooks: Option<Box<dyn WasiHttpHooks>>,
    /// Whether the host keeps it from setting headers of a connection such as `host`, which `wasi:http` permits.
    pub forbids_headers: bool,
    /// The fault injected into its files.
    pub file_faults: FileFaults,
    /// The key-value store that it has; `None`: none is granted to it.
    pub key_value: Granted,
    /// The edition of the provider that runs in it.
    pub edition: Edition,
}

impl TestEnvironment {
    /// A simulated environment: no variables, no files, and `network`.
    pub fn new(clock: Clock, network: Arc<dyn Network>) -> Self {
        let (env, arguments, folders) = (BTreeMap::new(), Vec::new(), Vec::new());
        let (input, files) = (Vec::new(), Some(BTreeMap::new()));
        let (network, file_faults) = (Some(network), FileFaults::default());
        let (real_randomness, may_listen, edition) = (false, false, Edition::default());
        let forbids_headers = true;
        Self {
            env,
            arguments,
            input,
            files,
            folders,
            real_randomness,
            may_listen,
            clock,
            network,
            hooks: None,
            forbids_headers,
            file_faults,
            key_value: None,
            edition,
        }
    }

    /// Real time, real randomness and the real network; no variables and no files.
    pub fn real() -> Self {
        Self {
            env: BTreeMap::new(),
            arguments: Vec::new(),
            input: Vec::new(),
            files: None,
            folders: Vec::new(),
            real_randomness: true,
            may_listen: false,
            clock: Clock::real(),
            network: None,
            hooks: None,
            forbids_headers: true,
            file_faults: FileFaults::default(),
            key_value: None,
            edition: Edition::default(),
        }
    }

    /// The state of an instance in this environment, its files, and its output.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub fn into_state(self) -> Result<(State, Disk, MemoryOutputPipe)> {
        let disk = Disk(self.files.as_ref().map(|_| TempDir::new()).transpose()?);
        let output = MemoryOutputPipe::new(1 << 25);
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdin(MemoryInputPipe::new(self.input)).stdout(output.clone()).stderr(output.clone());
        wasi.arg("component").args(&self.arguments);
        wasi.wall_clock(self.clock.clone()).monotonic_clock(self.clock);
        // Otherwise files are read on other threads, and a paused clock would not wait for them.
        wasi.allow_blocking_current_thread(true);
        if !self.real_randomness {
            wasi.secure_random(DeterministicRng::default());
        }
        if self.may_listen {
            // Sockets of tests are restricted to loopback addresses.
            wasi.allow_tcp(true)
                .socket_addr_check(|address, _| Box::pin(async move { address.ip().is_loopback() }));
        }
        for (name, value) in &self.env {
            wasi.env(name, value);
        }
        if let Some(files) = self.files {
            wasi.preopened_dir(disk.path("/"), "/", FsPerms::ReadOnly)?;
            files.iter().try_for_each(|(path, content)| disk.write(path, content))?;
        }
        for (folder, name) in &self.folders {
            wasi.preopened_dir(folder, name, FsPerms::ReadOnly)?;
        }
        let (table, http_ctx) = (ResourceTable::new(), WasiHttpCtx::new());
        let network = self.network.map(NetworkHooks);
        let http: Option<Box<dyn WasiHttpHooks>> = match (self.hooks, network) {
            (Some(hooks), _) => Some(hooks),
            (None, network) if !self.forbids_headers => Some(Box::new(PermissiveHooks(network))),
            (None, network) => network.map(|hooks| Box::new(hooks) as _),
        };
        let (file_faults, key_value) = (self.file_faults, self.key_value);
        let state = State { wasi: wasi.build(), table, http_ctx, http, file_faults, key_value, memory: 0 };
        Ok((state, disk, output))
    }
}

/// The files of a component, as the host accesses them; `None`: it has none.
pub struct Disk(Option<TempDir>);

impl Disk {
    /// Writes a file at a path of the component.
    pub fn write(&self, path: &str, content: &[u8]) -> Result<()> {
        let file = self.path(path);
        std::fs::create_dir_all(file.parent().context("a file has a parent folder")?)?;
        Ok(std::fs::write(file, content)?)
    }

    /// Creates a symbolic link at a path of the component. The sandbox follows it only if `target` is relative.
    #[cfg(unix)]
    pub fn link(&self, path: &str, target: &str) -> Result<()> {
        let link = self.path(path);
        std::fs::create_dir_all(link.parent().context("a link has a parent folder")?)?;
        Ok(std::os::unix::fs::symlink(target, link)?)
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) -> Result<()> {
        Ok(std::fs::remove_file(self.path(path))?)
    }

    /// The path on this machine of a file of the component.
    pub fn path(&self, path: &str) -> PathBuf {
        let folder = self.0.as_ref().expect("the environment of the component has files");
        folder.path().join(path.trim_start_matches('/'))
    }
}

/// The host's state of an instance.
pub struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    http_ctx: WasiHttpCtx,
    http: Option<Box<dyn WasiHttpHooks>>,
    file_faults: FileFaults,
    key_value: Granted,
    memory: usize,
}

/// Records the size of the linear memories, and permits every growth.
impl wasmtime::ResourceLimiter for State {
    fn memory_growing(&mut self, now: usize, wanted: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.memory = self.memory.saturating_add(wanted.saturating_sub(now));
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

impl State {
    /// The total size of the linear memories, in bytes.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// The number of resources that the guest has of the host.
    pub fn resources(&mut self) -> usize {
        self.table.iter_mut().count()
    }

    /// The key-value store that it has.
    pub fn key_value(&self) -> &Granted {
        &self.key_value
    }

    /// The fault injected into its files.
    pub fn file_faults(&self) -> &FileFaults {
        &self.file_faults
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let hooks: &mut dyn WasiHttpHooks = match &mut self.http {
            Some(hooks) => &mut **hooks,
            None => default_hooks(),
        };
        WasiHttpCtxView { ctx: &mut self.http_ctx, table: &mut self.table, hooks }
    }
}
