//! Components that are compiled when they are used.
//!
//! The build script compiles all components for the tests. For other programs it compiles the provider for WASI 0.2 alone, because
//! each component takes part of a minute and the first `cargo run` needs no other.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The path of a component: `built`, which is the variable of the build script, or a build of now.
///
/// # Panics
/// When the component does not compile.
pub fn component(name: &'static str, built: Option<&'static str>) -> &'static str {
    static PATHS: Mutex<BTreeMap<&str, &str>> = Mutex::new(BTreeMap::new());
    built.unwrap_or_else(|| {
        let mut paths = PATHS.lock().unwrap_or_else(PoisonError::into_inner);
        paths.entry(name).or_insert_with(|| build(name))
    })
}

fn build(name: &str) -> &'static str {
    let folder = components::workspace().join("target/on-demand");
    if !folder.join(format!("{name}.wasm")).is_file() {
        eprintln!("compiling the component {name}");
    }
    let paths = components::build(components::ALL.iter().filter(|it| it.name == name), &folder);
    let path = paths.ok().and_then(|paths| paths.first()?.to_str().map(ToOwned::to_owned));
    path.unwrap_or_else(|| panic!("the component {name} does not compile")).leak()
}
