//! The contract with deployers: what each middleware imports and exports.

use anyhow::Result;
use golden::expect_file;
use host_tests::edition::Edition;
use std::path::Path;

const COMPONENTS: &[fn(Edition) -> &'static str] = &[Edition::allow_scopes, Edition::log, Edition::fake];

#[test]
fn the_middlewares_import_and_export_the_listed_interfaces_only() -> Result<()> {
    let mut text = String::new();
    for path in COMPONENTS {
        for edition in Edition::WHOLE {
            text += &interfaces(path(edition).as_ref())?;
        }
    }
    for path in Edition::Wasi02.token_caches() {
        text += &interfaces(path.as_ref())?;
    }
    for path in [env!("SECRET_ENVIRONMENT_WASM"), env!("SECRET_ENVIRONMENT_SPIN_WASM")] {
        text += &interfaces(path.as_ref())?;
    }
    expect_file!["interfaces.txt"].assert_eq(&text);
    Ok(())
}

/// The name of a component, its imports and its exports.
pub fn interfaces(path: &Path) -> Result<String> {
    let decoded = wit_component::decode(&std::fs::read(path)?)?;
    let world = &decoded.resolve().worlds[decoded.resolve().select_world(&[decoded.package()], None)?];
    let name = |key| decoded.resolve().name_world_key(key);
    let imports = world.imports.keys().map(|key| format!("  import {}\n", name(key)));
    let exports = world.exports.keys().map(|key| format!("  export {}\n", name(key)));
    let file = path.file_name().unwrap_or_default().display();
    Ok(format!("{file}\n{}", imports.chain(exports).collect::<String>()))
}
