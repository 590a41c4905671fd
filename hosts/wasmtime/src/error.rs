//! Why a provider could not be loaded.

use crate::interface::INTERFACE;
use std::path::PathBuf;

/// Why a provider could not be loaded. Every message names the cause and a remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// An option of the builder is invalid.
    #[error("{option}: {what}")]
    #[non_exhaustive]
    Configuration {
        /// The method of the builder.
        option: &'static str,
        /// What is wrong with its value, and what is valid.
        what: String,
    },
    /// The component's file cannot be read.
    #[error("{}: cannot be read: {source}; build it with `cargo components`", path.display())]
    #[non_exhaustive]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A folder of `preopened_dir` cannot be opened.
    #[error("{}: cannot be opened for the provider: {source:#}", path.display())]
    #[non_exhaustive]
    Folder {
        /// The folder's path on this machine.
        path: PathBuf,
        /// Why.
        source: wasmtime::Error,
    },
    /// There is no engine, because wasmtime does not support this machine or no thread can be started.
    #[error("no engine for providers: {0}")]
    Engine(&'static str),
    /// The bytes are not a component.
    #[error("not a component that this wasmtime can run: {source:#}; build one with `cargo components`")]
    #[non_exhaustive]
    Malformed {
        /// The error of wasmtime.
        source: wasmtime::Error,
    },
    /// The component does not export [`INTERFACE`].
    #[error("the component does not export {INTERFACE}; {}", describe(found, imported))]
    #[non_exhaustive]
    Interface {
        /// The interfaces of `azure:identity` that it does export.
        found: Vec<String>,
        /// The interfaces of `azure:identity` that it imports: it is an app or a middleware.
        imported: Vec<String>,
    },
    /// The component exports the interface with a function of another type.
    #[error(
        "the component exports {INTERFACE} with another get-token than this crate has: {what}; take the \
         component and this crate from the same release"
    )]
    #[non_exhaustive]
    Function {
        /// How it differs.
        what: String,
    },
    /// The component imports an interface that providers do not get.
    #[error("the component cannot be linked: {source:#}; {}", advise(imported))]
    #[non_exhaustive]
    Import {
        /// The interfaces of `azure:identity` that it imports: nothing was plugged into them.
        imported: Vec<String>,
        /// The error of wasmtime.
        source: wasmtime::Error,
    },
    /// The first instance did not start.
    #[error("the first instance did not start: {source:#}")]
    #[non_exhaustive]
    Start {
        /// The error of wasmtime.
        source: wasmtime::Error,
    },
}

fn describe(found: &[String], imported: &[String]) -> String {
    if !found.is_empty() {
        return format!(
            "it exports {}; take the component and this crate from the same release",
            found.join(", ")
        );
    }
    if !imported.is_empty() {
        return format!("it imports {}, so it is an app; load the provider instead", imported.join(", "));
    }
    "it exports nothing of azure:identity; load azure-identity.wasm, which `cargo components` builds"
        .to_owned()
}

fn advise(imported: &[String]) -> String {
    if imported.is_empty() {
        return "a provider gets WASI 0.2 and wasi:http, and nothing else".to_owned();
    }
    format!("it imports {}, so it is a middleware; plug a provider into it first", imported.join(", "))
}
