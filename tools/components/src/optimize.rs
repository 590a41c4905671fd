//! The optimiser of Binaryen, `wasm-opt`, which makes the published components a tenth smaller.
//!
//! It is a program of Node, which `.ci/tools` installs. Without it the components are larger and otherwise the same.

use crate::workspace::workspace;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The installed optimiser; `None`: it is not installed.
pub fn optimizer() -> Option<PathBuf> {
    let program = workspace().join("target/tools/node/node_modules/binaryen/bin/wasm-opt");
    program.is_file().then_some(program)
}

/// The file whose change means that the optimiser has another version.
pub const INSTALLED: &str = "target/tools/node/installed";

/// Optimises the module at `path`, if the optimiser is installed. The result is kept beside the module, because the
/// optimiser takes several seconds and most builds change no component.
///
/// # Errors
/// When the optimiser fails.
pub fn optimize(path: &Path) -> Result<Vec<u8>> {
    let module = std::fs::read(path).with_context(|| format!("no {}", path.display()))?;
    let Some(program) = optimizer() else { return Ok(module) };
    let (input, output) = (path.with_extension("input.wasm"), path.with_extension("optimized.wasm"));
    let (flags, used) = (FLAGS.join(" "), path.with_extension("optimized.txt"));
    let modified = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
    let is_of_this_optimizer = modified(&output) > modified(&workspace().join(INSTALLED));
    if is_of_this_optimizer
        && std::fs::read_to_string(&used).ok().as_ref() == Some(&flags)
        && std::fs::read(&input).ok().as_deref() == Some(&module)
        && let Ok(optimized) = std::fs::read(&output)
    {
        return Ok(optimized);
    }
    let mut node = Command::new("node");
    node.arg(program).args(FLAGS).arg(path).arg("-o").arg(&output);
    ensure!(node.status().context("node did not start")?.success(), "wasm-opt failed on {}", path.display());
    std::fs::write(&input, module)?;
    std::fs::write(&used, flags)?;
    std::fs::read(&output).with_context(|| format!("no {}", output.display()))
}

/// For size, with the features of WebAssembly that rustc enables by default.
const FLAGS: &[&str] = &[
    // Functions that differ in constants become one with parameters.
    "--merge-similar-functions",
    "-Oz",
    // rustc's linker puts the stack first (`--stack-first`), so the first KiB of the memory is the end of a stack of which a
    // tenth is used: no pointer is in it, and a constant may be added by the instruction that reads. If one were, the
    // access would trap.
    "--low-memory-unused",
    // The components' memory is their own, and the host fills it with zeros.
    "--zero-filled-memory",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];
