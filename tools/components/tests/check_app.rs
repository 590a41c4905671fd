//! `cargo components --check-app`, as the README of `token-cache` has it.

use std::process::Command;
use wasm_encoder::{Component, ComponentImportSection, ComponentTypeRef, ComponentTypeSection, InstanceType};

#[test]
fn the_command_names_each_import_with_its_reason_and_fails() {
    let (mut types, mut imports) = (ComponentTypeSection::new(), ComponentImportSection::new());
    types.instance(&InstanceType::new());
    imports.import("wasi:http/client@0.3.0", ComponentTypeRef::Instance(0));
    let (success, screen) = check(Component::new().section(&types).section(&imports));
    assert!(
        success && screen.contains("imports neither environment, files nor a key-value store"),
        "{screen}"
    );
    imports.import("wasi:cli/environment@0.3.0", ComponentTypeRef::Instance(0));
    imports.import("wasi:keyvalue/store@0.2.0-draft", ComponentTypeRef::Instance(0));
    let (success, screen) = check(Component::new().section(&types).section(&imports));
    assert!(!success);
    for part in [
        "wasi:cli/environment@0.3.0: the components of a composition share the environment",
        "wasi:keyvalue/store@0.2.0-draft: the app opens the store of token-cache",
        "app.wasm must not be composed with http-auth and token-cache",
    ] {
        assert!(screen.contains(part), "{screen}");
    }
}

/// Whether the command succeeds with this app, and what it prints.
fn check(app: &Component) -> (bool, String) {
    let folder = std::env::temp_dir().join(format!("check-app-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("app.wasm"), app.as_slice()).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_components"));
    let output = command.arg("--check-app").arg(folder.join("app.wasm")).output().expect("it runs");
    std::fs::remove_dir_all(&folder).expect("the folder is there");
    let screen = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&screen).into_owned())
}
