//! wasmtime, once a process: compiling a component takes longer than all that is done with it.

use crate::disk_trouble;
use crate::surroundings::State;
use anyhow::Result;
use std::sync::OnceLock;
use std::time::Duration;
use wasmtime::component::Linker;
use wasmtime::{Config, Engine, Store};

/// The engine that everything here runs on.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let engine = Engine::new(&config()).expect("the configuration is a constant");
        tick(engine.clone());
        engine
    })
}

/// What an engine needs to run the components, each call for as long as it is given.
pub fn config() -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true);
    config.wasm_component_model_async(true);
    config
}

/// A linker with all of WASI 0.2 and 0.3: a component of 0.3 may have parts of 0.2, its standard library for one.
pub fn linker() -> Result<Linker<State>> {
    linker_on(engine())
}

/// The same on an engine of one's own.
pub fn linker_on(engine: &Engine) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    disk_trouble::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// A store whose next call may take as long as any.
pub fn store(state: State) -> Store<State> {
    store_on(engine(), state)
}

/// The same on an engine of one's own.
pub fn store_on(engine: &Engine, state: State) -> Store<State> {
    let mut store = Store::new(engine, state);
    store.limiter(|state| state);
    be_patient(&mut store);
    store
}

/// Gives the next call its time.
pub fn be_patient<T>(store: &mut Store<T>) {
    store.set_epoch_deadline(PATIENCE.as_secs());
}

/// Counts real seconds, so that a guest that never returns ends in a trap and not in a hanging test.
fn tick(engine: Engine) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            engine.increment_epoch();
        }
    });
}

/// The longest that a call may compute, in real time. Waiting does not count on a paused clock.
const PATIENCE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_guest_that_never_returns_traps() {
        // (module (func (export "run") (loop (br 0))))
        let module = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x07\x01\x03run\0\0\
            \x0a\x09\x01\x07\0\x03\x40\x0c\0\x0b\x0b";
        let module = wasmtime::Module::new(engine(), module).expect("a module");
        let mut store = Store::new(engine(), ());
        store.set_epoch_deadline(1);
        let instance = wasmtime::Instance::new_async(&mut store, &module, &[]).await.expect("an instance");
        let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("a function");
        let error = run.call_async(&mut store, ()).await.expect_err("it never returns");
        assert_eq!(error.downcast_ref::<wasmtime::Trap>(), Some(&wasmtime::Trap::Interrupt));
    }
}
