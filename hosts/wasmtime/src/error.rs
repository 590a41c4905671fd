//! Why a provider could not be loaded.

use crate::INTERFACE;
use std::path::PathBuf;

/// Why a provider could not be loaded. Every message says what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A part of the configuration makes no sense.
    #[error("{option}: {what}")]
    Configuration {
        /// The method of the builder.
        option: &'static str,
        /// What is wrong with its value, and what it should be.
        what: String,
    },
    /// The component's file cannot be read.
    #[error("{}: cannot be read: {source}; build it with `cargo components`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A folder that the provider shall see cannot be opened.
    #[error("{}: cannot be opened for the provider: {source:#}", path.display())]
    Folder {
        /// The folder, by its name on this machine.
        path: PathBuf,
        /// Why.
        source: wasmtime::Error,
    },
    /// There is no engine to run it on.
    #[error("no engine for providers: {0}")]
    Engine(&'static str),
    /// The bytes are not a component.
    #[error("not a component that this wasmtime can run: {source:#}; build one with `cargo components`")]
    Malformed {
        /// What wasmtime says.
        source: wasmtime::Error,
    },
    /// The component does not export what apps import from here.
    #[error("the component does not export {INTERFACE}; {}", describe(found, imported))]
    Interface {
        /// The interfaces of `azure:identity` that it does export.
        found: Vec<String>,
        /// The interfaces of `azure:identity` that it imports: it is an app or a middleware.
        imported: Vec<String>,
    },
    /// The interface is there and its function is another one.
    #[error(
        "the component exports {INTERFACE} with another get-token than this crate has: {what}; take the \
         component and this crate from the same release"
    )]
    Function {
        /// How it differs.
        what: String,
    },
    /// The component imports something that no provider is given.
    #[error("the component cannot be linked: {source:#}; {}", advise(imported))]
    Import {
        /// The interfaces of `azure:identity` that it imports, which nothing was plugged into.
        imported: Vec<String>,
        /// What wasmtime says.
        source: wasmtime::Error,
    },
    /// Its first instance did not start.
    #[error("the first instance did not start: {source:#}")]
    Start {
        /// What wasmtime says.
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
        return "a provider is given WASI 0.2 and wasi:http, and nothing else".to_owned();
    }
    format!("it imports {}, so it is a middleware; plug a provider into it first", imported.join(", "))
}
