//! Builds the project's components.
//!
//! Ours are made in two steps: cargo compiles a crate for `wasm32-unknown-unknown`, and
//! `wit-component` wraps the core module, whose WIT stands in a custom section. Built this way a
//! component imports what its code names and nothing else: the standard library of
//! `wasm32-wasip2` would add stdio, `exit` and terminals, nine more imports that every host must
//! offer and 31 KB, for code that may not use them.

mod inside;
mod list;
mod published;
mod push;

pub use inside::inside;
pub use list::ALL;
pub use published::{AUTHORS, LICENCE, PUBLISHED, Published, SOURCE};
pub use push::push;

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// One component and the crate it comes from.
#[derive(Debug)]
pub struct Component {
    /// The file's name without `.wasm`.
    pub name: &'static str,
    /// The crate's folder, relative to the workspace.
    pub folder: &'static str,
    /// The crate's package name.
    pub package: &'static str,
    /// The crate's features, in place of the default ones; `None`: the default ones.
    pub features: Option<&'static str>,
    /// What it is compiled for.
    pub target: Target,
    /// Whom it is for.
    pub audience: Audience,
    /// The bytes that it must stay under; `None`: nobody minds.
    pub budget: Option<u64>,
}

/// What a component is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// No system at all; wrapped by `wit-component`. Ours.
    Bare,
    /// WASI 0.2 with its standard library, as most people build, those included whose own interfaces are of
    /// WASI 0.3: a target for that does not exist yet. The examples.
    Wasi,
}

/// Whom a component is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// People who look how it is done.
    Readers,
    /// People who use the project.
    Users,
    /// Tests alone.
    Tests,
    /// People who use the project, and want another edition than the whole one.
    UsersOfAnotherEdition,
}

impl Target {
    /// The name that rustc has for it.
    pub fn triple(self) -> &'static str {
        match self {
            Self::Bare => "wasm32-unknown-unknown",
            Self::Wasi => "wasm32-wasip2",
        }
    }

    /// What rustc is told besides cargo's profile.
    fn flags(self) -> &'static [&'static str] {
        // SHA-256 as a loop: unrolled it is 7 KB more.
        const COMPACT: &str = "--cfg=sha2_backend_soft=\"compact\"";
        match self {
            // The linker leaves five bytes for every address and every number of a function, of which
            // two or three are used: 20 KB. Behind a stack of half a megabyte, where nothing of ours needs
            // a tenth of it, addresses are shorter than behind a whole one: 1 KB.
            Self::Bare => &[COMPACT, "-Clink-arg=--compress-relocations", "-Clink-arg=-zstack-size=524288"],
            Self::Wasi => &[COMPACT],
        }
    }
}

/// Builds the components into `out`, which is created, and returns their paths in the order given.
///
/// Compiles in a target folder of its own, so it may run inside another cargo's build script.
///
/// # Errors
/// When the wasm target is missing and cannot be added, or a crate does not compile.
pub fn build<'a>(components: impl IntoIterator<Item = &'a Component>, out: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(out)?;
    components.into_iter().map(|component| build_one(component, out)).collect()
}

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn build_one(component: &Component, out: &Path) -> Result<PathBuf> {
    if !compilation(component)?.status().context("cargo did not start")?.success() {
        bail!("{} did not compile for {}", component.package, component.target.triple());
    }
    let file = format!("{}.wasm", component.package.replace('-', "_"));
    let built = artifacts(component).join(file);
    let built = std::fs::read(&built).with_context(|| format!("no {}", built.display()))?;
    let bytes = match component.target {
        Target::Bare => {
            let encoder = wit_component::ComponentEncoder::default();
            let plain = without_names(&encoder.module(&built)?.validate(true).encode()?)?;
            match Published::of(component.name) {
                Some(published) => published.describe(&plain)?,
                None => plain,
            }
        }
        Target::Wasi => built,
    };
    let path = out.join(format!("{}.wasm", component.name));
    // An unchanged file keeps its time, so that whatever depends on it is not built again.
    if std::fs::read(&path).ok().as_deref() != Some(&bytes) {
        std::fs::write(&path, bytes)?;
    }
    Ok(path)
}

/// The cargo that compiles a component, ready to be started.
///
/// # Errors
/// When the wasm target is missing and cannot be added.
pub fn compilation(component: &Component) -> Result<Command> {
    let triple = component.target.triple();
    add_target(triple)?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--quiet", "--profile", "component", "--target", triple])
        .args(["--locked", "--package", component.package, "--target-dir"])
        .arg(target_dir(component))
        .current_dir(workspace().join(component.folder));
    if let Some(features) = component.features {
        cargo.args(["--no-default-features", "--features", features]);
    }
    for variable in FROM_AN_OUTER_BUILD {
        cargo.env_remove(variable);
    }
    let mut flags: Vec<String> = component.target.flags().iter().map(ToString::to_string).collect();
    flags.extend(without_machine());
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    Ok(cargo)
}

/// The folder of what is compiled for a component's own target; what runs at compile time is elsewhere.
pub fn artifacts(component: &Component) -> PathBuf {
    target_dir(component).join(component.target.triple()).join("component")
}

/// Each edition has a target folder of its own, or every build would undo the one before.
fn target_dir(component: &Component) -> PathBuf {
    workspace().join(match component.features {
        None => "target/wasm",
        Some("") => "target/wasm-other",
        Some(_) => "target/wasm-0.3",
    })
}

/// Has rustc leave out where on this machine the dependencies are: panics name their files, which nobody sees
/// and which would make a component larger on one machine than on another.
fn without_machine() -> Vec<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")));
    let registries = home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok());
    let registries = registries.into_iter().flatten().flatten().map(|entry| entry.path());
    registries.map(|registry| format!("--remap-path-prefix={}/=", registry.display())).collect()
}

/// The component without its debug names, which are 11 KB and help nobody who calls it.
fn without_names(component: &[u8]) -> Result<Vec<u8>> {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    let mut kept = component[..HEADER].to_vec();
    let mut rest = &component[HEADER..];
    while let [id, after @ ..] = rest {
        let mut content = after;
        let length = leb128(&mut content).context("the component's sections are malformed")?;
        let end = rest.len() - content.len() + length;
        let is_names = *id == CUSTOM && content[..length].starts_with(b"\x0ecomponent-name");
        if !is_names {
            kept.extend_from_slice(&rest[..end]);
        }
        rest = &rest[end..];
    }
    Ok(kept)
}

/// Takes an unsigned LEB128 number off the front.
fn leb128(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..usize::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// What an outer cargo sets for its own build and an inner one must not see.
const FROM_AN_OUTER_BUILD: &[&str] = &[
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_TARGET",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTFLAGS",
];

/// Adds a wasm target when rustc lacks it.
fn add_target(triple: &str) -> Result<()> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let installed = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", triple])
        .output()
        .is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir());
    if installed {
        return Ok(());
    }
    let added =
        Command::new("rustup").args(["target", "add", triple]).status().is_ok_and(|status| status.success());
    if !added {
        bail!("the target {triple} is missing and could not be added; run: rustup target add {triple}");
    }
    Ok(())
}
