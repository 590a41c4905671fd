//! What the component reports when components do not fit. The tests of the packages compose apps that run.

use compose::compose;
use golden::expect;

const APP: &str = r#"
    (component
      (import "azure:identity/token-credential@0.2.0" (instance (export "get-token" (func (result string))))))
"#;

#[test]
fn the_provider_satisfies_the_import_of_the_app() {
    let composed = compose(&wasm(APP), &[wasm(PROVIDER)]).expect("they fit");
    assert_eq!(
        compose::imports(&composed).expect("it is a component"),
        ["wasi:http/outgoing-handler@0.2.0"],
        "what the provider imports is left"
    );
}

#[test]
fn an_app_that_imports_something_else_is_told_what_it_imports() {
    let other = wasm(r#"(component (import "contoso:app/other" (instance)))"#);
    let error = compose(&other, &[wasm("(component)")]).expect_err("nothing fits");
    expect![
        "the app imports nothing that the components to plug into it export; it imports contoso:app/other"
    ]
    .assert_eq(&error.to_string());
}

/// A middleware imports what it exports.
const CACHE: &str = r#"
    (component
      (import "azure:identity/token-credential@0.2.0" (instance $provider (export "get-token" (func (result string)))))
      (import "wasi:keyvalue/store@0.2.0-draft" (instance (export "open" (func (result string)))))
      (alias export $provider "get-token" (func $get-token))
      (instance $credential (export "get-token" (func $get-token)))
      (export "azure:identity/token-credential@0.2.0" (instance $credential)))
"#;

const PROVIDER: &str = r#"
    (component
      (import "wasi:http/outgoing-handler@0.2.0" (instance $http (export "handle" (func (result string)))))
      (alias export $http "handle" (func $handle))
      (instance $credential (export "get-token" (func $handle)))
      (export "azure:identity/token-credential@0.2.0" (instance $credential)))
"#;

#[test]
fn a_cache_is_composed_over_the_provider_that_follows_it() {
    let composed = compose(&wasm(APP), &[wasm(CACHE), wasm(PROVIDER)]).expect("they fit");
    let mut left = compose::imports(&composed).expect("it is a component");
    left.sort();
    assert_eq!(left, ["wasi:http/outgoing-handler@0.2.0", "wasi:keyvalue/store@0.2.0-draft"]);
}

#[test]
fn a_provider_before_its_cache_is_explained() {
    let error = compose(&wasm(APP), &[wasm(PROVIDER), wasm(CACHE)]).expect_err("nothing imports the cache");
    expect!["plug-2 exports nothing that the app with the components before it still imports (wasi:http/outgoing-handler@0.2.0); one that wraps another stands before it: token-cache, then the provider"]
        .assert_eq(&error.to_string());
}

#[test]
fn bytes_that_are_no_component_are_named() {
    let error = compose(&wasm("(module)"), &[]).expect_err("a core module is no component");
    expect![
        "app is not a component that can be read: package `app` is not a binary-encoded WebAssembly component"
    ]
    .assert_eq(&error.to_string());
    let error = compose(&wasm(APP), &[b"?".to_vec()]).expect_err("text is no component");
    expect!["plug-1 is not a component that can be read: package `plug-1` is not a binary-encoded WebAssembly component"]
        .assert_eq(&error.to_string());
}

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the text is that of a component")
}
