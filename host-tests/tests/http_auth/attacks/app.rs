//! The hostile app, and what stands between it and the network.

use crate::hooks::auth;
use crate::scenario::http_client;
use crate::sync_app::SyncApp;
use crate::trace;
use crate::way::Way;
use anyhow::Result;
use bytes::Bytes;
use host_tests::async_app::AsyncApp;
use host_tests::edition::Edition;
use host_tests::environment::TestEnvironment;
use host_tests::network::NetworkHooks;
use host_tests::permissive_hooks::PermissiveHooks;
use http::Request;

/// The app.
pub enum App {
    Composed(AsyncApp),
    Hooked(AsyncApp),
    HookedSync(SyncApp),
    /// The rules or the variables are malformed, so the embedder has no hooks, and starts no app.
    NotStarted(String),
}

impl App {
    /// Starts the app. The variables are those of the rules and of the provider.
    pub async fn start(way: Way, mut environment: TestEnvironment) -> Result<Self> {
        let edition = match way {
            Way::Composed(_) => {
                return Ok(Self::Composed(AsyncApp::start(http_client(way), environment).await?));
            }
            Way::Hooks(edition) => edition,
        };
        trace::begin();
        let auth = match auth(&environment).await? {
            Ok(auth) => auth,
            Err(malformed) => return Ok(Self::NotStarted(malformed)),
        };
        environment.env.clear();
        let client = PermissiveHooks(environment.network.clone().map(NetworkHooks));
        environment.hooks = Some(Box::new(auth.hooks_over(client)));
        Ok(match edition {
            Edition::Wasi03 => Self::Hooked(AsyncApp::start(http_client(way), environment).await?),
            _ => Self::HookedSync(SyncApp::start(environment).await?),
        })
    }

    /// Makes the app execute a command. The result is what it learned.
    pub async fn command(&mut self, command: &str, order: String) -> Result<String> {
        match self {
            Self::Composed(app) | Self::Hooked(app) => {
                let request =
                    Request::post(format!("http://app.example{command}")).body(Bytes::from(order))?;
                let response = app.handle_all(vec![request]).await?.remove(0)?;
                Ok(String::from_utf8_lossy(response.body()).into_owned())
            }
            Self::HookedSync(app) => app.command(command, order).await,
            Self::NotStarted(_) if command == "/scan" => Ok(String::new()),
            // As the component says it to an app that it cannot keep from starting.
            Self::NotStarted(_) => Ok("error: ErrorCode::ConfigurationError\n".to_owned()),
        }
    }

    /// Whether it runs in wasmtime with hooks that were asked for no decision since it started.
    pub fn asked_for_no_decision(&self) -> bool {
        matches!(self, Self::Hooked(_) | Self::HookedSync(_)) && trace::decisions() == 0
    }

    /// The trace of every level, in which nothing is left out; empty: there is none.
    pub fn trace(&self) -> String {
        if matches!(self, Self::Composed(_)) { String::new() } else { trace::all() }
    }

    /// The log of http-auth.
    pub fn output(&self) -> String {
        match self {
            Self::Composed(app) => app.output(),
            Self::Hooked(_) | Self::HookedSync(_) => trace::log(),
            Self::NotStarted(malformed) => format!("http-auth: {malformed}\n"),
        }
    }
}
