//! Loads a provider: compiles it, checks its interfaces and links it.

#[cfg(feature = "cranelift")]
use crate::engine::engine;
use crate::error::LoadError;
use crate::interface::INTERFACE;
use crate::state::State;
use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre, Linker};

/// Compiles a provider ahead of time, for
/// [`load_precompiled`](crate::ProviderBuilder::load_precompiled). The result fits this kind of machine and this
/// version of wasmtime, and no other.
///
/// # Errors
/// [`LoadError::Malformed`] when the bytes are not a component, [`LoadError::Engine`] when there is no engine.
///
/// # Examples
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let component = std::fs::read("azure-identity.wasm")?;
/// std::fs::write("azure-identity.cwasm", azure_identity_wasmtime::precompile(&component)?)?;
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "cranelift")]
pub fn precompile(component: &[u8]) -> Result<Vec<u8>, LoadError> {
    let engine = engine().map_err(LoadError::Engine)?;
    engine.precompile_component(component).map_err(|source| LoadError::Malformed { source })
}

/// A provider, linked and ready to be instantiated.
pub(crate) struct Program {
    pub(crate) pre: InstancePre<State>,
    pub(crate) get_token: ComponentExportIndex,
}

impl Program {
    /// Links a component.
    ///
    /// # Errors
    /// When it is not a provider that this crate supports.
    pub(crate) fn new(component: &Component) -> Result<Self, LoadError> {
        let get_token = get_token(component)?;
        let linker = linker(component.engine()).map_err(|source| LoadError::Start { source })?;
        let pre = linker.instantiate_pre(component);
        let imported = || identity_imports(component);
        let pre = pre.map_err(|source| LoadError::Import { imported: imported(), source })?;
        Ok(Self { pre, get_token })
    }
}

/// Links all of WASI 0.2: a middleware in front of a provider may import what the provider alone does not. What it can
/// reach is decided by the environment, which has no sockets, no input and no output.
fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    Ok(linker)
}

fn get_token(component: &Component) -> Result<ComponentExportIndex, LoadError> {
    let missing =
        || LoadError::Interface { found: identity_exports(component), imported: identity_imports(component) };
    let interface = component.get_export_index(None, INTERFACE).ok_or_else(missing)?;
    let differs = |what: &str| LoadError::Function { what: what.to_owned() };
    match component.get_export(Some(&interface), "get-token") {
        Some((ComponentItem::ComponentFunc(function), _)) if function.async_() => {
            Err(differs("it is asynchronous"))
        }
        Some((ComponentItem::ComponentFunc(_), index)) => Ok(index),
        Some(_) => Err(differs("it is not a function")),
        None => Err(differs("there is none")),
    }
}

fn identity_exports(component: &Component) -> Vec<String> {
    let ty = component.component_type();
    identity_interfaces(ty.exports(component.engine()).map(|(name, _)| name))
}

fn identity_imports(component: &Component) -> Vec<String> {
    let ty = component.component_type();
    identity_interfaces(ty.imports(component.engine()).map(|(name, _)| name))
}

/// The interfaces of `azure:identity` that have functions.
fn identity_interfaces<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let has_functions = |name: &&str| name.starts_with("azure:identity/") && !name.contains("/types@");
    names.filter(has_functions).map(ToOwned::to_owned).collect()
}
