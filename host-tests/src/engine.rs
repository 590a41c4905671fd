//! One wasmtime engine per process, because compiling a component takes longer than the tests that run it.

use crate::environment::State;
use crate::file_faults;
use crate::key_value_linker;
use anyhow::Result;
use std::sync::OnceLock;
use std::time::Duration;
use wasmtime::component::Linker;
use wasmtime::{Config, Engine, OptLevel, RegallocAlgorithm, Store};

/// The engine that all tests share.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let engine = Engine::new(&config()).expect("the configuration is a constant");
        tick(engine.clone());
        engine
    })
}

/// The configuration that the components need; epochs limit the duration of a call.
pub fn config() -> Config {
    let mut config = Config::new();
    if cfg!(debug_assertions) {
        // Compiling a component takes less time, and no test waits for the code. A release build measures it.
        config.cranelift_opt_level(OptLevel::None);
        config.cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
    }
    config.epoch_interruption(true);
    config.wasm_component_model_async(true);
    config
}

/// A linker with all of WASI 0.2 and 0.3, and `wasi:keyvalue/store`: a component for 0.3 may import 0.2 as well, e.g. through Rust's standard
/// library.
pub fn linker() -> Result<Linker<State>> {
    linker_on(engine())
}

/// As [`linker`], on another engine.
pub fn linker_on(engine: &Engine) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    file_faults::linker::add_to_linker(&mut linker)?;
    key_value_linker::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// A store with the time limit of a call.
pub fn store(state: State) -> Store<State> {
    store_on(engine(), state)
}

/// As [`store`], on another engine.
pub fn store_on(engine: &Engine, state: State) -> Store<State> {
    let mut store = Store::new(engine, state);
    store.limiter(|state| state);
    reset_epoch_deadline(&mut store);
    store
}

/// Resets the time limit, for the next call.
pub fn reset_epoch_deadline<T>(store: &mut Store<T>) {
    store.set_epoch_deadline(CALL_TIMEOUT.as_secs());
}

/// Increments the epoch every real second, so that a guest that never returns traps instead of blocking the test.
fn tick(engine: Engine) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            engine.increment_epoch();
        }
    });
}

/// The time limit of a call, in real time; waiting on a paused clock takes none.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

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
