//! Which apps may be composed with `http-auth` and `token-cache`.

use anyhow::Result;
use components::check_app;
use host_tests::app::over_http_auth_and;
use host_tests::edition::Edition;

/// The imports of an app for which it is refused, without versions.
fn refused(app: &str) -> Result<Vec<String>> {
    let refusals = check_app(&std::fs::read(app)?)?;
    let name = |import: &str| import.split('@').next().unwrap_or_default().to_owned();
    Ok(refusals.iter().map(|refusal| name(&refusal.import)).collect())
}

#[test]
fn an_app_without_the_standard_library_may_be_composed_and_one_with_it_may_not() -> Result<()> {
    assert_eq!(refused(env!("SETS_A_HEADER_WASM"))?, [""; 0]);
    for app in [env!("HTTP_AUTH_BLOBS_WASM"), env!("HTTP_APP_WASM")] {
        assert_eq!(refused(app)?, ["wasi:cli/environment"]);
    }
    // The cache itself, as an app that opens the store.
    for cache in Edition::Wasi02.token_caches() {
        assert_eq!(refused(cache)?, ["wasi:keyvalue/store", "wasi:cli/environment"]);
    }
    Ok(())
}

#[test]
fn http_auth_goes_over_the_cache() -> Result<()> {
    let below = [env!("TOKEN_CACHE_WASM"), Edition::Wasi02.component()];
    over_http_auth_and(env!("HTTP_AUTH_BLOBS_WASM"), Edition::Wasi02, &below).map(drop)
}
