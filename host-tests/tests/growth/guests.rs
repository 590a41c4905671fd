//! The components of the tests: an app and a provider against the interfaces of today and of a later version.

use crate::later::{workspace, write, write_interfaces};
use anyhow::{Context, Result, ensure};
use components::{Audience, Component, Target, artifacts, compilation};
use host_tests::external_tools;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use wit_component::ComponentEncoder;

/// A component in Rust: `app_of_today`, for one.
pub fn in_rust(name: &str) -> Result<Vec<u8>> {
    static BUILT: OnceLock<Result<(), String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build_rust().map_err(|error| format!("{error:#}")));
    built.as_ref().map_err(|error| anyhow::anyhow!("{error}"))?;
    let module = fs::read(artifacts(&GUESTS).join(format!("examples/{name}.wasm")))?;
    ComponentEncoder::default().module(&module)?.validate(true).encode()
}

/// The app in C, against the interfaces in `wit/<version>`; `None`: a tool is missing, and the test is skipped.
pub fn app_in_c(version: &str) -> Result<Option<Vec<u8>>> {
    let (Some(clang), Some(wit_bindgen)) = (external_tools::c_compiler()?, external_tools::wit_bindgen()?)
    else {
        return Ok(None);
    };
    let folder = tempfile::TempDir::new()?;
    write_interfaces(folder.path())?;
    let generated = folder.path().join("c");
    let mut bind = Command::new(wit_bindgen);
    bind.args(["c", "--world", "app", "--out-dir"]).arg(&generated).arg(folder.path().join(version));
    succeed(&mut bind)?;
    let app = generated.join("app.wasm");
    let mut link = std::ffi::OsString::from("-fuse-ld=");
    link.push(component_linker()?);
    let mut compile = Command::new(clang);
    compile.args([
        "--target=wasm32-wasi",
        "-mexec-model=reactor",
        "-O1",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-I",
    ]);
    compile.arg(&generated).arg(link).arg(sources().join("app.c"));
    compile.arg(generated.join("app.c")).arg(generated.join("app_component_type.o")).arg("-o").arg(&app);
    succeed(&mut compile)?;
    Ok(Some(fs::read(app)?))
}

/// Copies the sources beside the interfaces that they are built against, and compiles all of them at once.
fn build_rust() -> Result<()> {
    let folder = workspace().join(GUESTS.folder);
    for file in ["Cargo.toml", "Cargo.lock", "src/lib.rs", "src/app.rs"] {
        write(&folder.join(file), &fs::read_to_string(sources().join(file))?)?;
    }
    for example in fs::read_dir(sources().join("examples"))? {
        let example = example?.path();
        let name = example.file_name().context("a file has a name")?;
        write(&folder.join("examples").join(name), &fs::read_to_string(&example)?)?;
    }
    write_interfaces(&folder.join("wit"))?;
    succeed(compilation(&GUESTS)?.arg("--examples"))
}

/// `wasm-component-ld`, which is a part of every Rust toolchain.
fn component_linker() -> Result<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(["--print", "target-libdir"]).output()?;
    let libraries = PathBuf::from(String::from_utf8(output.stdout)?.trim());
    let linker = libraries.with_file_name("bin").join("wasm-component-ld");
    ensure!(linker.is_file(), "no {}", linker.display());
    Ok(linker)
}

fn succeed(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?} did not start"))?;
    ensure!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("guests/growth")
}

/// A package of its own below `target/`, because the later interfaces are derived and not a part of the sources.
const GUESTS: Component = Component {
    name: "growth",
    folder: "target/growth",
    package: "growth",
    features: None,
    target: Target::Bare,
    audience: Audience::Tests,
    budget: None,
};
