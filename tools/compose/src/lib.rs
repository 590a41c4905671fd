//! Composes an app with its provider, as `wac plug` does, without a program to install.
//!
//! The library `wac-graph` does the work. This crate is a component around it, `compose.wasm`, which imports nothing: the
//! packages for npm and PyPI contain it, so that an app in their languages is composed without cargo and without wac.

#[cfg(target_family = "wasm")]
mod component;

use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};

/// The reason why there is no composed component.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Bytes that are no component, or one of a version that this library cannot read.
    #[error("{0} is not a component that can be read: {1}")]
    Component(String, String),
    /// No import of the app is an export of a plug.
    #[error(
        "the app imports nothing that the components to plug into it export; it imports {}",
        if .0.is_empty() { "nothing".to_owned() } else { .0.join(", ") }
    )]
    NothingToPlug(Vec<String>),
    /// A plug exports nothing that the app and the plugs before it still import.
    #[error(
        "plug-{0} exports nothing that the app with the components before it still imports ({list}); one that wraps another stands \
         before it: token-cache, then the provider",
        list = .1.join(", ")
    )]
    NothingLeft(usize, Vec<String>),
    /// An import and an export have one name and do not fit together.
    #[error("the components do not fit together: {0}")]
    Graph(String),
}

/// Composes the component `app` with those that satisfy its imports, and returns the bytes of the composition.
///
/// The components are plugged in one after the other, each into what the app and those before it still import. So one that
/// wraps another, as `token-cache` does the provider, stands before it.
///
/// # Errors
/// [`Error`]
///
/// ```
/// let app = wat::parse_str("(component)").expect("it is text of a component");
/// let error = compose::compose(&app, &[]).expect_err("there is nothing to plug");
/// assert!(error.to_string().contains("imports nothing"));
/// ```
pub fn compose(app: &[u8], plugs: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    if plugs.is_empty() {
        return Err(Error::NothingToPlug(imports_of("app", app)?));
    }
    let mut composed = app.to_vec();
    for (index, bytes) in plugs.iter().enumerate() {
        let number = index.saturating_add(1);
        composed = match plug(&composed, &format!("plug-{number}"), bytes) {
            Err(Error::NothingToPlug(imports)) if index > 0 => {
                return Err(Error::NothingLeft(number, imports));
            }
            outcome => outcome?,
        };
    }
    Ok(composed)
}

/// Plugs a component into the imports of another.
fn plug(app: &[u8], name: &str, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut graph = CompositionGraph::new();
    let app_id = register(&mut graph, "app", app)?;
    let plug = register(&mut graph, name, bytes)?;
    match wac_graph::plug(&mut graph, vec![plug], app_id) {
        Ok(()) => {}
        Err(wac_graph::PlugError::NoPlugHappened) => {
            return Err(Error::NothingToPlug(imports_of("app", app)?));
        }
        Err(error) => return Err(Error::Graph(with_sources(&error))),
    }
    graph.encode(EncodeOptions::default()).map_err(|error| Error::Graph(with_sources(&error)))
}

/// The names of what a component imports, in its order.
///
/// # Errors
/// [`Error::Component`]
///
/// ```
/// let app = wat::parse_str(r#"(component (import "a:b/c" (instance)))"#).expect("it is text of a component");
/// assert_eq!(compose::imports(&app).expect("it is a component"), ["a:b/c"]);
/// ```
pub fn imports(component: &[u8]) -> Result<Vec<String>, Error> {
    imports_of("component", component)
}

fn imports_of(name: &str, component: &[u8]) -> Result<Vec<String>, Error> {
    let mut graph = CompositionGraph::new();
    let id = register(&mut graph, name, component)?;
    Ok(graph.types()[graph[id].ty()].imports.keys().cloned().collect())
}

fn register(graph: &mut CompositionGraph, name: &str, bytes: &[u8]) -> Result<wac_graph::PackageId, Error> {
    let unreadable = |reason: String| Error::Component(name.to_owned(), reason);
    let package = Package::from_bytes(name, None, bytes.to_vec(), graph.types_mut());
    let package = package.map_err(|error| unreadable(format!("{error:#}")))?;
    graph.register_package(package).map_err(|error| unreadable(error.to_string()))
}

/// The message of an error with those of its sources.
fn with_sources(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
