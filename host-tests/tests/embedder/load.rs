//! Loading a provider, and the errors of components that are none.

use crate::machine::VAULT;
use anyhow::{Context, Result};
use azure_identity_wasmtime::{Provider, ProviderBuilder, TokenRequest, VARIABLES, precompile};
use host_tests::guest::PROVIDER;
use std::collections::BTreeSet;

async fn refusal(component: &[u8]) -> String {
    Provider::builder().load_bytes(component).await.expect_err("the component is no provider").to_string()
}

async fn misconfigured(configure: impl FnOnce(ProviderBuilder) -> ProviderBuilder) -> String {
    let builder = configure(Provider::builder());
    builder
        .load_file(env!("HOSTILE_PROVIDER_WASM"))
        .await
        .expect_err("the configuration is invalid")
        .to_string()
}

/// The component with every occurrence of `from` replaced by `to`, which has the same length.
fn patched(path: &str, from: &str, to: &str) -> Result<Vec<u8>> {
    assert_eq!(from.len(), to.len());
    let mut bytes = std::fs::read(path)?;
    let found: Vec<_> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(from.as_bytes())).collect();
    assert!(!found.is_empty(), "{path} does not contain {from}");
    found.iter().for_each(|&at| bytes[at..at + to.len()].copy_from_slice(to.as_bytes()));
    Ok(bytes)
}

#[tokio::test]
async fn another_version_of_the_package_is_refused() -> Result<()> {
    let old = patched(PROVIDER, "token-credential@0.2.0", "token-credential@0.1.0")?;
    assert_eq!(
        refusal(&old).await,
        "the component does not export azure:identity/token-credential@0.2.0; it exports \
         azure:identity/token-credential@0.1.0; take the component and this crate from the same release"
    );
    Ok(())
}

#[tokio::test]
async fn a_later_compatible_version_is_accepted() -> Result<()> {
    let later = patched(PROVIDER, "token-credential@0.2.0", "token-credential@0.2.9")?;
    Provider::builder().load_bytes(&later).await?;
    Ok(())
}

#[tokio::test]
async fn a_function_of_another_type_is_refused_with_the_difference() -> Result<()> {
    let other = patched(PROVIDER, "enable-cae", "enable-cad")?;
    let refusal = refusal(&other).await;
    let start = "the component exports azure:identity/token-credential@0.2.0 with another get-token than this \
                 crate has: ";
    assert!(refusal.starts_with(start) && refusal.contains("enable-ca"), "{refusal}");
    Ok(())
}

#[tokio::test]
async fn an_app_is_no_provider() -> Result<()> {
    assert_eq!(
        refusal(&std::fs::read(env!("HTTP_APP_WASM"))?).await,
        "the component does not export azure:identity/token-credential@0.2.0; it imports \
         azure:identity/token-credential@0.2.0, so it is an app; load the provider instead"
    );
    Ok(())
}

#[tokio::test]
async fn a_middleware_alone_is_no_provider() -> Result<()> {
    let refusal = refusal(&std::fs::read(env!("RELAY_WASM"))?).await;
    let end = "it imports azure:identity/token-credential@0.2.0, so it is a middleware; plug a provider into it \
               first";
    assert!(refusal.starts_with("the component cannot be linked: ") && refusal.ends_with(end), "{refusal}");
    Ok(())
}

#[tokio::test]
async fn a_middleware_composed_with_a_provider_is_accepted() -> Result<()> {
    let composed =
        host_tests::app::plug(env!("RELAY_WASM").as_ref(), env!("HOSTILE_PROVIDER_WASM").as_ref())?;
    let provider = Provider::builder().load_bytes(&composed).await?;
    let token = provider.get_token(TokenRequest::new("until/9000000000/8000000000")).await?;
    assert_eq!((token.secret(), token.source.as_str()), ("token 1", "hostile"));
    Ok(())
}

#[tokio::test]
async fn bytes_that_are_no_component_are_refused() {
    for bytes in [&b""[..], b"not wasm", b"\0asm\x01\0\0\0"] {
        let refusal = refusal(bytes).await;
        let (start, end) =
            ("not a component that this wasmtime can run: ", "build one with `cargo components`");
        assert!(refusal.starts_with(start) && refusal.ends_with(end), "{refusal}");
    }
}

#[tokio::test]
async fn a_missing_file_is_named() {
    let error =
        Provider::builder().load_file("/nowhere/azure-identity.wasm").await.expect_err("the file is missing");
    assert_eq!(
        error.to_string(),
        "/nowhere/azure-identity.wasm: cannot be read: No such file or directory (os error 2); build it with \
         `cargo components`"
    );
}

#[tokio::test]
async fn an_invalid_setting_is_refused_by_name() {
    assert_eq!(misconfigured(|builder| builder.pool_size(0)).await, "pool_size: must be 1 to 1024");
    assert_eq!(
        misconfigured(|builder| builder.call_timeout(std::time::Duration::ZERO)).await,
        "call_timeout: must be greater than zero"
    );
    assert_eq!(
        misconfigured(|builder| builder.env("A=B", "c")).await,
        "env: 'A=B' is not the name of a variable"
    );
    assert_eq!(
        misconfigured(|builder| builder.allow_host("login.microsoftonline.com")).await,
        "allow_host: 'login.microsoftonline.com' is not a scheme and a host alone; write it like \
         https://login.microsoftonline.com"
    );
    let folder = misconfigured(|builder| builder.preopened_dir("/nowhere", "/")).await;
    assert!(folder.starts_with("/nowhere: cannot be opened for the provider: "), "{folder}");
    let small = misconfigured(|builder| builder.memory_limit(1)).await;
    assert!(
        small.starts_with("the first instance did not start: ") && small.contains("its limit is 1;"),
        "{small}"
    );
}

#[tokio::test]
#[allow(unsafe_code, reason = "the bytes come from `precompile` and are unchanged")]
async fn a_precompiled_provider_is_loaded_and_other_bytes_are_refused() -> Result<()> {
    let precompiled = precompile(&std::fs::read(env!("HOSTILE_PROVIDER_WASM"))?)?;
    // SAFETY: the bytes come from `precompile` and are unchanged.
    let provider = unsafe { Provider::builder().load_precompiled(&precompiled) }.await?;
    provider.get_token(TokenRequest::new("until/9000000000/8000000000")).await?;
    // SAFETY: wasmtime checks the header of the bytes before it uses them.
    let other = unsafe { Provider::builder().load_precompiled(b"\0asm\x01\0\0\0") }.await;
    let refusal = other.expect_err("the bytes are not precompiled").to_string();
    assert!(refusal.starts_with("not a component that this wasmtime can run: "), "{refusal}");
    Ok(())
}

#[tokio::test]
async fn the_provider_has_only_the_variables_that_it_was_given() -> Result<()> {
    let nothing =
        Provider::builder().allow_host("https://login.microsoftonline.com").load_file(PROVIDER).await?;
    let error = nothing.get_token(TokenRequest::new(VAULT)).await.expect_err("nothing is configured");
    let environment =
        error.attempts.iter().find(|it| it.source == "environment").context("the source was tried")?;
    assert!(environment.message.contains("AZURE_TENANT_ID"), "{}", environment.message);
    Ok(())
}

#[test]
fn the_inherited_variables_are_those_of_the_page_on_configuration() -> Result<()> {
    let page = include_str!("../../../docs/configuration.md");
    let (_, table) = page.split_once("<!-- tested: variables -->\n").context("no such table")?;
    let rows = table.lines().take_while(|line| line.starts_with('|')).skip(2);
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap_or_default().split('`').skip(1).step_by(2));
    let names: BTreeSet<_> = names.collect();
    assert_eq!(VARIABLES.iter().copied().collect::<BTreeSet<_>>(), names);
    Ok(())
}
