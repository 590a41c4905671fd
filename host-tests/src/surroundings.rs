//! What a component finds around it: variables, files, clocks, a network. All of it made for one test, or,
//! for the demo, taken from this machine.

use crate::chance::Chance;
use crate::clock::Clock;
use crate::disk_trouble::DiskTrouble;
use crate::edition::Edition;
use crate::network::{Network, Seam};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView, default_hooks};

/// What a component finds around it.
pub struct Surroundings {
    /// Its environment, and no more than that.
    pub env: BTreeMap<String, String>,
    /// Its arguments, without its name.
    pub arguments: Vec<String>,
    /// What stands on its standard input.
    pub input: Vec<u8>,
    /// Its files, by absolute path; `None`: the host gives no folder at all.
    pub files: Option<BTreeMap<String, Vec<u8>>>,
    /// Folders of this machine that it may read, and what it calls them.
    pub folders: Vec<(PathBuf, String)>,
    /// Whether its random numbers are random; if not, they are the same every time.
    pub real_chance: bool,
    /// Whether it may listen on this machine's loopback addresses.
    pub may_listen: bool,
    /// Its clocks.
    pub clock: Clock,
    /// Who answers its requests; `None`: the real network.
    pub network: Option<Arc<dyn Network>>,
    /// What is wrong with its files.
    pub disk_trouble: DiskTrouble,
    /// Which edition of the provider is put into them.
    pub edition: Edition,
}

impl Surroundings {
    /// No variables, an empty disk, and `network`.
    pub fn new(clock: Clock, network: Arc<dyn Network>) -> Self {
        let (env, arguments, folders) = (BTreeMap::new(), Vec::new(), Vec::new());
        let (input, files) = (Vec::new(), Some(BTreeMap::new()));
        let (network, disk_trouble) = (Some(network), DiskTrouble::default());
        let (real_chance, may_listen, edition) = (false, false, Edition::default());
        Self {
            env,
            arguments,
            input,
            files,
            folders,
            real_chance,
            may_listen,
            clock,
            network,
            disk_trouble,
            edition,
        }
    }

    /// Makes them real.
    pub fn furnish(self) -> Result<(State, Disk, MemoryOutputPipe)> {
        let disk = Disk(TempDir::new()?);
        let output = MemoryOutputPipe::new(1 << 25);
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdin(MemoryInputPipe::new(self.input)).stdout(output.clone()).stderr(output.clone());
        wasi.arg("component").args(&self.arguments);
        wasi.wall_clock(self.clock.clone()).monotonic_clock(self.clock);
        // Otherwise files are read on other threads, and a paused clock cannot know that somebody waits.
        wasi.allow_blocking_current_thread(true);
        if !self.real_chance {
            // The same chance every time, so that waits are the same and golden files hold.
            wasi.secure_random(Chance::default());
        }
        if self.may_listen {
            // No socket of a test leads anywhere else.
            wasi.allow_tcp(true)
                .socket_addr_check(|address, _| Box::pin(async move { address.ip().is_loopback() }));
        }
        for (name, value) in &self.env {
            wasi.env(name, value);
        }
        if let Some(files) = self.files {
            wasi.preopened_dir(disk.0.path(), "/", FsPerms::ReadOnly)?;
            files.iter().try_for_each(|(path, content)| disk.write(path, content))?;
        }
        for (folder, name) in &self.folders {
            wasi.preopened_dir(folder, name, FsPerms::ReadOnly)?;
        }
        let (table, http_ctx) = (ResourceTable::new(), WasiHttpCtx::new());
        let (http, disk_trouble) = (self.network.map(Seam), self.disk_trouble);
        Ok((State { wasi: wasi.build(), table, http_ctx, http, disk_trouble }, disk, output))
    }
}

/// A component's files, seen from outside.
pub struct Disk(TempDir);

impl Disk {
    /// Puts a file where the component sees it.
    pub fn write(&self, path: &str, content: &[u8]) -> Result<()> {
        let file = self.path(path);
        std::fs::create_dir_all(file.parent().context("a file has a folder")?)?;
        Ok(std::fs::write(file, content)?)
    }

    /// Puts a link where the component sees it. A sandbox follows it only if `target` is relative.
    #[cfg(unix)]
    pub fn link(&self, path: &str, target: &str) -> Result<()> {
        let link = self.path(path);
        std::fs::create_dir_all(link.parent().context("a link has a folder")?)?;
        Ok(std::os::unix::fs::symlink(target, link)?)
    }

    /// Takes a file away.
    pub fn remove(&self, path: &str) -> Result<()> {
        Ok(std::fs::remove_file(self.path(path))?)
    }

    /// Where a file of the component really is.
    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }
}

/// What the host keeps for an instance.
pub struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    http_ctx: WasiHttpCtx,
    http: Option<Seam>,
    disk_trouble: DiskTrouble,
}

impl State {
    /// What is wrong with its files.
    pub fn disk_trouble(&self) -> &DiskTrouble {
        &self.disk_trouble
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
            Some(seam) => seam,
            None => default_hooks(),
        };
        WasiHttpCtxView { ctx: &mut self.http_ctx, table: &mut self.table, hooks }
    }
}
