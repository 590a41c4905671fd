//! Builds components.

use crate::component::{Audience, Component, Target};
use crate::optimize::optimize;
use crate::published::Published;
use crate::strip;
use crate::workspace::workspace;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the components into `out`, which is created, and returns their paths in the order given.
///
/// Compiles in target folders of its own, so it may run inside another cargo's build script. Those with different target folders
/// are built at the same time, because the linker of a component uses one core.
///
/// # Errors
/// When the wasm target is missing and cannot be added, or a crate does not compile.
pub fn build<'a>(components: impl IntoIterator<Item = &'a Component>, out: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(out)?;
    let components: Vec<_> = components.into_iter().collect();
    let triples: BTreeSet<_> = components.iter().map(|component| component.target.triple()).collect();
    triples.into_iter().try_for_each(add_target)?;
    let folders: BTreeSet<_> = components.iter().map(|component| target_dir(component)).collect();
    let in_folder = |folder: &Path| -> Result<()> {
        let mut of_folder = components.iter().filter(|component| target_dir(component) == folder);
        of_folder.try_for_each(|component| build_one(component, out))
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = folders.iter().map(|folder| scope.spawn(|| in_folder(folder))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("the thread does not panic"))
    })?;
    Ok(components.iter().map(|component| built(component, out)).collect())
}

/// The path of a component in the folder that it is built into.
fn built(component: &Component, out: &Path) -> PathBuf {
    out.join(format!("{}.wasm", component.name))
}

fn build_one(component: &Component, out: &Path) -> Result<()> {
    if !compilation(component)?.status().context("cargo did not start")?.success() {
        bail!("{} did not compile for {}", component.package, component.target.triple());
    }
    let file = format!("{}.wasm", component.package.replace('-', "_"));
    let module = artifacts(component).join(file);
    let is_for_users = Published::of(component.name).is_some() || component.audience == Audience::Packages;
    let module = if is_for_users {
        optimize(&module)?
    } else {
        std::fs::read(&module).with_context(|| format!("no {}", module.display()))?
    };
    let bytes = match component.target {
        Target::Bare => {
            let encoder = wit_component::ComponentEncoder::default();
            let plain = strip::without_names(&encoder.module(&module)?.validate(true).encode()?)?;
            match Published::of(component.name) {
                Some(published) => published.describe(&plain)?,
                None => plain,
            }
        }
        Target::Wasi => module,
    };
    let path = built(component, out);
    // An unchanged file keeps its modification time, so that cargo does not rebuild its dependents.
    if std::fs::read(&path).ok().as_deref() != Some(&bytes) {
        std::fs::write(&path, bytes)?;
    }
    Ok(())
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
        .args(["build", "--quiet", "--profile", component.profile(), "--target", triple])
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
    target_dir(component).join(component.target.triple()).join(component.profile())
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
    // The jobs of the outer cargo: its build scripts hold them all while they wait, so that the inner one had a single job.
    "CARGO_MAKEFLAGS",
    "MAKEFLAGS",
    "MFLAGS",
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
