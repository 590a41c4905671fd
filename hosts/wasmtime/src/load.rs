//! From bytes to a program that instances can be made of, with a clear word about whatever does not fit.

use crate::INTERFACE;
use crate::engine::engine;
use crate::error::LoadError;
use crate::instance::State;
use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker};

/// Compiles a provider ahead of time, for
/// [`load_precompiled`](crate::ProviderBuilder::load_precompiled). The result fits the machine's kind and
/// the version of wasmtime that it was made with, and no other.
///
/// # Errors
/// When the bytes are no component.
pub fn precompile(component: &[u8]) -> Result<Vec<u8>, LoadError> {
    let engine = engine().map_err(LoadError::Engine)?;
    engine.precompile_component(component).map_err(|source| LoadError::Malformed { source })
}

/// A component that gives tokens, linked and ready to be instantiated.
pub(crate) struct Program {
    pub(crate) pre: InstancePre<State>,
    pub(crate) get_token: ComponentExportIndex,
}

impl Program {
    pub(crate) fn new(component: &Component) -> Result<Self, LoadError> {
        let get_token = get_token(component)?;
        let linker = linker(component.engine()).map_err(|source| LoadError::Start { source })?;
        let pre = linker.instantiate_pre(component);
        let imported = || imports_of_ours(component);
        let pre = pre.map_err(|source| LoadError::Import { imported: imported(), source })?;
        Ok(Self { pre, get_token })
    }
}

/// All of WASI 0.2: a provider with a middleware in front of it may need what the provider alone does not.
/// What it reaches thereby is decided by its surroundings, which have no sockets, no input and no output.
fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    Ok(linker)
}

fn get_token(component: &Component) -> Result<ComponentExportIndex, LoadError> {
    let missing =
        || LoadError::Interface { found: exports_of_ours(component), imported: imports_of_ours(component) };
    let interface = component.get_export_index(None, INTERFACE).ok_or_else(missing)?;
    let differs = |what: &str| LoadError::Function { what: what.to_owned() };
    match component.get_export(Some(&interface), "get-token") {
        Some((ComponentItem::ComponentFunc(function), _)) if function.async_() => {
            Err(differs("it is asynchronous"))
        }
        Some((ComponentItem::ComponentFunc(_), index)) => Ok(index),
        Some(_) => Err(differs("it is no function")),
        None => Err(differs("there is none")),
    }
}

fn exports_of_ours(component: &Component) -> Vec<String> {
    let ty = component.component_type();
    ours(ty.exports(component.engine()).map(|(name, _)| name))
}

fn imports_of_ours(component: &Component) -> Vec<String> {
    let ty = component.component_type();
    ours(ty.imports(component.engine()).map(|(name, _)| name))
}

/// The interfaces that have functions.
fn ours<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let is_ours = |name: &&str| name.starts_with("azure:identity/") && !name.contains("/types@");
    names.filter(is_ours).map(ToOwned::to_owned).collect()
}
