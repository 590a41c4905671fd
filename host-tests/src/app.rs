//! Apps: components that import `token-credential` or `credentials`, with the provider plugged into them.

use crate::engine::{engine, linker, store};
use crate::guest::PROVIDER;
use crate::surroundings::Surroundings;
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};
use wasmtime::component::Component;
use wasmtime_wasi::p2::bindings::Command;
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::Proxy;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;

/// A composed app, ready to run any number of times.
pub struct App(Component);

impl App {
    /// The app at `path` with the provider plugged into it.
    ///
    /// # Errors
    /// When it cannot be composed, or still imports anything of ours but the types: `plug` passes over an
    /// interface that does not fit without a word.
    pub fn with_provider(path: &str) -> Result<Self> {
        let mut apps = COMPOSED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(component) = apps.get(path) {
            return Ok(Self(component.clone()));
        }
        let composed = plug(Path::new(path), Path::new(PROVIDER))?;
        let component = Component::from_binary(engine(), &composed)?;
        let ty = component.component_type();
        let ours = ty.imports(engine()).map(|(name, _)| name.to_owned());
        let left: Vec<_> = ours.filter(|name| is_function_of_ours(name)).collect();
        ensure!(left.is_empty(), "still imported after composing: {left:?}");
        apps.insert(path.to_owned(), component.clone());
        Ok(Self(component))
    }

    /// Runs it as a command. Returns whether it succeeded, and what it printed.
    pub async fn run(&self, surroundings: Surroundings) -> Result<(bool, String)> {
        let (state, _disk, output) = surroundings.furnish()?;
        let mut store = store(state);
        let command = Command::instantiate_async(&mut store, &self.0, &linker()?).await?;
        let outcome = command.wasi_cli_run().call_run(&mut store).await;
        let success = match outcome {
            Ok(outcome) => outcome.is_ok(),
            Err(error) => error.downcast::<wasmtime_wasi::I32Exit>()?.0 == 0,
        };
        Ok((success, String::from_utf8_lossy(&output.contents()).into_owned()))
    }

    /// Lets it answer one HTTP request, in an instance of its own.
    pub async fn answer(&self, surroundings: Surroundings, path: &str) -> Result<Response<Bytes>> {
        let (state, _disk, _output) = surroundings.furnish()?;
        let mut store = store(state);
        let request = Request::get(format!("http://app.example{path}")).body(Full::new(Bytes::new()))?;
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let request = store.data_mut().http().new_incoming_request(Scheme::Http, request)?;
        let out = store.data_mut().http().new_response_outparam(sender)?;
        let proxy = Proxy::instantiate_async(&mut store, &self.0, &linker()?).await?;
        let handling =
            async move { proxy.wasi_http_incoming_handler().call_handle(&mut store, request, out).await };
        let collecting = async {
            let response = receiver.await.context("the app gave no answer")??;
            let (head, body) = response.into_parts();
            Ok::<_, anyhow::Error>(Response::from_parts(head, body.collect().await?.to_bytes()))
        };
        let (handled, response) = tokio::join!(handling, collecting);
        handled?;
        response
    }
}

/// Plugs one component's exports into another's imports.
pub fn plug(socket: &Path, plug: &Path) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let plug = Package::from_file("plug", None, plug, graph.types_mut())?;
    let plug = graph.register_package(plug)?;
    let socket = Package::from_file("socket", None, socket, graph.types_mut())?;
    let socket = graph.register_package(socket)?;
    wac_graph::plug(&mut graph, vec![plug], socket)?;
    Ok(graph.encode(EncodeOptions::default())?)
}

fn is_function_of_ours(import: &str) -> bool {
    import.starts_with("azure:identity/") && !import.starts_with("azure:identity/types@")
}

/// The apps that were composed before: compiling one takes seconds.
static COMPOSED: Mutex<BTreeMap<String, Component>> = Mutex::new(BTreeMap::new());
