//! Builds the project's components.
//!
//! Ours are made in two steps: cargo compiles a crate for `wasm32-unknown-unknown`, and
//! `wit-component` wraps the core module, whose WIT stands in a custom section. Built this way a
//! component imports what its code names and nothing else. The standard library of
//! `wasm32-wasip2` would add stdio, `exit` and terminals: 31 KB and nine more imports that every
//! host must offer, for functions that the code may not use.

mod build_script;
mod inside;
mod list;
mod published;
mod push;
mod strip;

pub use build_script::build_for_crate;
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
    /// The platform that the crate is compiled for.
    pub target: Target,
    /// Its readers or users.
    pub audience: Audience,
    /// The number of bytes that its file must stay under; `None`: no limit.
    pub budget: Option<u64>,
}

/// The platform that a component is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `wasm32-unknown-unknown`, wrapped by `wit-component`: the project's own components.
    Bare,
    /// `wasm32-wasip2` with its standard library, as most applications are built: the examples. Applications that
    /// use interfaces of WASI 0.3 are built for it too, because no stable target for WASI 0.3 exists yet.
    Wasi,
}

/// The readers or users of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Readers of the examples.
    Readers,
    /// Users of the project.
    Users,
    /// The project's tests.
    Tests,
    /// Users of the edition without certificates.
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

    /// The flags of rustc besides those of cargo's profile.
    fn flags(self) -> &'static [&'static str] {
        // SHA-256 as a loop: unrolled it is 7 KB more.
        const COMPACT: &str = "--cfg=sha2_backend_soft=\"compact\"";
        match self {
            // Without `--compress-relocations` the linker writes five bytes for every address and every function
            // index, of which two or three would do: 20 KB. A stack of 512 KiB, of which less than a tenth is used,
            // makes addresses shorter than the default stack of 1 MiB: 1 KB.
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
            let plain = strip::without_names(&encoder.module(&built)?.validate(true).encode()?)?;
            match Published::of(component.name) {
                Some(published) => published.describe(&plain)?,
                None => plain,
            }
        }
        Target::Wasi => built,
    };
    let path = out.join(format!("{}.wasm", component.name));
    // An unchanged file keeps its modification time, so that cargo does not rebuild its dependents.
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

/// The folder of the artifacts for a component's own target. Macros and build scripts, which run on the host, have
/// another one.
pub fn artifacts(component: &Component) -> PathBuf {
    target_dir(component).join(component.target.triple()).join("component")
}

/// The target folder of a component. Each set of features has its own, so that one edition's build does not replace
/// another's.
fn target_dir(component: &Component) -> PathBuf {
    workspace().join(match component.features {
        None => "target/wasm",
        Some("") => "target/wasm-other",
        Some(_) => "target/wasm-0.3",
    })
}

/// Flags that remove the registry's folder on this machine from the paths in panic messages: with it a component's size
/// would depend on the machine.
fn without_machine() -> Vec<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")));
    let registries = home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok());
    let registries = registries.into_iter().flatten().flatten().map(|entry| entry.path());
    registries.map(|registry| format!("--remap-path-prefix={}/=", registry.display())).collect()
}

/// The variables that an outer cargo sets for its own build and that the inner cargo must not inherit.
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
