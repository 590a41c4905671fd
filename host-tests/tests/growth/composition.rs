//! Compositions of an app and providers, which run in the tests' host.

use anyhow::Result;
use azure_simulator::Azure;
use azure_simulator::settings::Settings;
use host_tests::app::{ensure_no_import_of_ours, plug_all};
use host_tests::clock::Clock;
use host_tests::engine::{engine, linker, store};
use host_tests::environment::TestEnvironment;
use std::sync::Arc;
use wasmtime::component::{Component, TypedFunc};

/// An app and a provider.
pub struct Composition(Component);

impl Composition {
    /// Composes them as `wac plug` does.
    ///
    /// # Errors
    /// When an import of the app remains that the provider was to satisfy.
    pub fn of(app: Vec<u8>, providers: Vec<Vec<u8>>) -> Result<Self> {
        Self::compiled(&plug_all(app, providers)?)
    }

    /// Compiles a composition that was made in another way.
    pub fn compiled(bytes: &[u8]) -> Result<Self> {
        let component = Component::from_binary(engine(), bytes)?;
        ensure_no_import_of_ours(&component)?;
        Ok(Self(component))
    }

    /// What the app understands of the outcome of a request, in an instance of its own, on a virtual machine in Azure
    /// with a managed identity.
    pub async fn ask(&self, words: &[&str]) -> Result<String> {
        let clock = Clock::simulated();
        let azure = Arc::new(Azure::new(clock.clone(), Settings::default()));
        let (state, _disk, _output) = TestEnvironment::new(clock, azure).into_state()?;
        let mut store = store(state);
        let instance = linker()?.instantiate_async(&mut store, &self.0).await?;
        let ask: TypedFunc<(Vec<String>,), (String,)> = instance.get_typed_func(&mut store, "ask")?;
        let words = words.iter().map(|&word| word.to_owned()).collect();
        Ok(ask.call_async(&mut store, (words,)).await?.0)
    }
}
