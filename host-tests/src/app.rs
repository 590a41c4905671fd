//! Apps: components that import `token-credential` or `credentials`, composed with the provider.

#[cfg(feature = "tests")]
use crate::edition::Edition;
use crate::engine::{engine, linker, store};
use crate::environment::TestEnvironment;
use crate::guest::PROVIDER;
use anyhow::{Context, Result, ensure};
use azure_simulator::wasmtime_host::HttpApp;
use bytes::Bytes;
use http::Response;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};
use wasmtime::component::Component;
use wasmtime_wasi::p2::bindings::Command;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

/// A composed app, which can run any number of times.
pub struct App(Component);

impl App {
    /// The app at `path`, composed with the provider.
    ///
    /// # Errors
    /// When it cannot be composed, or still imports an interface of ours other than the types: `plug` silently skips
    /// an interface whose types differ.
    pub fn with_provider(path: &str) -> Result<Self> {
        let mut apps = COMPOSED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(component) = apps.get(path) {
            return Ok(Self(component.clone()));
        }
        let composed = plug(Path::new(path), Path::new(PROVIDER))?;
        let component = Component::from_binary(engine(), &composed)?;
        ensure_no_import_of_ours(&component)?;
        apps.insert(path.to_owned(), component.clone());
        Ok(Self(component))
    }

    /// An app that is composed already.
    #[cfg(feature = "tests")]
    pub fn composed(component: Component) -> Self {
        Self(component)
    }

    /// The component.
    #[cfg(feature = "tests")]
    pub fn component(&self) -> &Component {
        &self.0
    }

    /// Runs it as a command. Returns whether it succeeded, and its output.
    pub async fn run(&self, environment: TestEnvironment) -> Result<(bool, String)> {
        self.run_watched(environment, |_| std::future::ready(Ok(()))).await
    }

    /// As [`run`](Self::run), while `watch` reads the output and acts as the user. Ends at once when `watch` fails.
    pub async fn run_watched<F>(
        &self,
        environment: TestEnvironment,
        watch: impl FnOnce(MemoryOutputPipe) -> F,
    ) -> Result<(bool, String)>
    where
        F: Future<Output = Result<()>>,
    {
        let (state, _disk, output) = environment.into_state()?;
        let mut store = store(state);
        let command = Command::instantiate_async(&mut store, &self.0, &linker()?).await?;
        let running = command.wasi_cli_run();
        let (run, watching) = (running.call_run(&mut store), watch(output.clone()));
        tokio::pin!(run, watching);
        let screen = || String::from_utf8_lossy(&output.contents()).into_owned();
        let outcome = tokio::select! {
            outcome = &mut run => {
                let watched = tokio::time::timeout(Duration::from_secs(5), watching).await;
                watched.with_context(|| format!("the app has ended:\n{}", screen()))??;
                outcome
            }
            watched = &mut watching => {
                watched?;
                run.await
            }
        };
        let success = match outcome {
            Ok(outcome) => outcome.is_ok(),
            Err(error) => error.downcast::<wasmtime_wasi::I32Exit>()?.0 == 0,
        };
        Ok((success, screen()))
    }

    /// Handles one HTTP request, in an instance of its own.
    pub async fn handle(&self, environment: TestEnvironment, path: &str) -> Result<Response<Bytes>> {
        let (state, _disk, _output) = environment.into_state()?;
        let mut app = HttpApp::start(store(state), &linker()?, &self.0).await?;
        Ok(app.get(path).await?)
    }
}

/// The component at `path`, which sends HTTP requests, composed with http-auth and an edition of the provider.
///
/// # Errors
/// When it cannot be composed, or still imports a function of ours.
#[cfg(feature = "tests")]
pub fn over_http_auth(path: &str, edition: Edition) -> Result<Vec<u8>> {
    over_http_auth_and(path, edition, &[edition.component()])
}

/// As [`over_http_auth`], with other components below http-auth, as in [`stack`].
///
/// # Errors
/// As [`over_http_auth`].
#[cfg(feature = "tests")]
pub fn over_http_auth_and(path: &str, edition: Edition, below: &[&str]) -> Result<Vec<u8>> {
    let auth = stack(&[&[edition.http_auth()], below].concat())?;
    let app = plug_all(std::fs::read(path)?, vec![auth])?;
    // Only apps of tests import the provider's interface themselves; composing any other app with it fails.
    let app = plug_all(app.clone(), vec![std::fs::read(PROVIDER)?]).unwrap_or(app);
    ensure_no_import_of_ours(&Component::from_binary(engine(), &app)?)?;
    Ok(app)
}

/// Components, the outermost first, each composed with the next one: middlewares and then a provider.
///
/// # Errors
/// When one has no import that the next one exports, or a file is missing.
pub fn stack(layers: &[&str]) -> Result<Vec<u8>> {
    let (provider, middlewares) = layers.split_last().context("there are no components")?;
    let plug_into = |inner, outer: &&str| plug_all(std::fs::read(outer)?, vec![inner]);
    middlewares.iter().rev().try_fold(std::fs::read(provider)?, plug_into)
}

/// `plug` silently skips an interface whose types differ.
pub fn ensure_no_import_of_ours(component: &Component) -> Result<()> {
    let ty = component.component_type();
    let ours = ty.imports(engine()).map(|(name, _)| name.to_owned());
    let left: Vec<_> = ours.filter(|name| is_function_of_ours(name)).collect();
    ensure!(left.is_empty(), "still imported after composing: {left:?}");
    Ok(())
}

/// Plugs one component's exports into another's imports.
pub fn plug(socket: &Path, plug: &Path) -> Result<Vec<u8>> {
    plug_all(std::fs::read(socket)?, vec![std::fs::read(plug)?])
}

/// Plugs the exports of some components into another's imports.
pub fn plug_all(socket: Vec<u8>, plugs: Vec<Vec<u8>>) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let mut packages = Vec::new();
    for (number, plug) in plugs.into_iter().enumerate() {
        let plug = Package::from_bytes(&format!("plug{number}"), None, plug, graph.types_mut())?;
        packages.push(graph.register_package(plug)?);
    }
    let socket = Package::from_bytes("socket", None, socket, graph.types_mut())?;
    let socket = graph.register_package(socket)?;
    wac_graph::plug(&mut graph, packages, socket)?;
    Ok(graph.encode(EncodeOptions::default())?)
}

fn is_function_of_ours(import: &str) -> bool {
    let is_ours = ["azure:identity/", "azure:identity-credentials/"].iter().any(|it| import.starts_with(it));
    is_ours && !import.starts_with("azure:identity/types@")
}

/// The apps composed so far, because compiling one takes seconds.
static COMPOSED: Mutex<BTreeMap<String, Component>> = Mutex::new(BTreeMap::new());
