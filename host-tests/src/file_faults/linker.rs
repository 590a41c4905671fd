//! Adds the fault injection to a linker.

use super::{wasi_0_2, wasi_0_3};
use crate::environment::State;
use anyhow::Result;
use wasmtime::component::Linker;

/// Replaces the functions of `wasi:filesystem` in `linker` by ones that inject faults.
///
/// # Errors
/// When the linker has no `wasi:filesystem`.
pub fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    linker.allow_shadowing(true);
    wasi_0_2::add_to_linker(linker)?;
    wasi_0_3::add_to_linker(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}
