//! The rules of http-auth as the hooks of an embedder, `azure_identity_wasmtime::HttpAuth`.

use anyhow::Result;
use azure_identity_wasmtime::{HttpAuth, Policy, Provider};
use host_tests::environment::TestEnvironment;
use host_tests::guest::PROVIDER;
use host_tests::network::NetworkHooks;
use std::sync::OnceLock;

/// The provider and the rules of the variables of an environment. The inner error is why they are refused.
pub async fn auth(environment: &TestEnvironment) -> Result<Result<HttpAuth, String>> {
    let provider = provider(environment).await?;
    let variable = |name: &str| environment.env.get(name).map(String::as_str);
    let rules = variable("AZURE_HTTP_AUTH_RULES").unwrap_or_default();
    let auth = HttpAuth::new(provider.scoped(Policy::unrestricted()), rules);
    let auth = match variable("AZURE_HTTP_AUTH_DEFAULT") {
        Some(action) => auth.and_then(|auth| auth.with_default(action)),
        None => auth,
    };
    Ok(auth.map_err(|error| error.to_string()))
}

/// A provider with the variables, the network and the clock of an environment; it is compiled once.
pub async fn provider(environment: &TestEnvironment) -> Result<Provider> {
    static COMPILED: OnceLock<Vec<u8>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| {
        let component = std::fs::read(PROVIDER).expect("the component was built");
        azure_identity_wasmtime::precompile(&component).expect("the component compiles")
    });
    let (wall, monotonic) = (environment.clock.clone(), environment.clock.clone());
    let mut builder = Provider::builder()
        .tenant_rate(1000, 1000) // one app asks for the tokens of all services at once
        .allow_any_host()
        .wall_clock(move || wasmtime_wasi::HostWallClock::now(&wall))
        .customize_wasi(move |wasi| {
            wasi.monotonic_clock(monotonic.clone()).allow_blocking_current_thread(true);
        });
    if let Some(network) = environment.network.clone() {
        builder = builder.http_client(move || NetworkHooks(network.clone()));
    }
    for (name, value) in &environment.env {
        builder = builder.env(name, value);
    }
    // SAFETY: the bytes come from `precompile` and are unchanged.
    Ok(unsafe { builder.load_precompiled(compiled) }.await?)
}
