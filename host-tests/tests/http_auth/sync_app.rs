//! The app of WASI 0.2 that executes commands of tests.

use anyhow::Result;
use host_tests::engine::{engine, linker, reset_epoch_deadline, store};
use host_tests::environment::{State, TestEnvironment};
use std::sync::LazyLock;
use wasmtime::Store;
use wasmtime::component::{Component, TypedFunc};

/// An instance of the app.
pub struct SyncApp {
    store: Store<State>,
    run: TypedFunc<(String, String), (String,)>,
}

impl SyncApp {
    /// Starts an instance.
    pub async fn start(environment: TestEnvironment) -> Result<Self> {
        static APP: LazyLock<Component> = LazyLock::new(|| {
            Component::from_file(engine(), env!("HTTP_CLIENT_0_2_WASM")).expect("the app compiles")
        });
        let mut store = store(environment.into_state()?.0);
        let instance = linker()?.instantiate_async(&mut store, &APP).await?;
        let run = instance.get_typed_func(&mut store, "run")?;
        Ok(Self { store, run })
    }

    /// Makes the app execute a command.
    pub async fn command(&mut self, command: &str, order: String) -> Result<String> {
        reset_epoch_deadline(&mut self.store);
        Ok(self.run.call_async(&mut self.store, (command.to_owned(), order)).await?.0)
    }
}
