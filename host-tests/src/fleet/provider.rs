//! The provider of a host of the fleet.

use crate::fleet::upstream::CLIENT_ID;
use crate::guest::PROVIDER;
use anyhow::{Context, Result};
use azure_identity_wasmtime::{
    KeyRing, Partition, Provider, ProviderBuilder, SharedCache, SharedStore, precompile,
};
use std::sync::OnceLock;

/// A provider with the identity of the fleet, which gets its tokens from the IMDS at this address.
pub fn builder(imds: &str) -> ProviderBuilder {
    Provider::builder()
        .env("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
        .env("AZURE_POD_IDENTITY_AUTHORITY_HOST", imds)
        .env("AZURE_CLIENT_ID", CLIENT_ID)
        .allow_any_host()
}

/// The cache that the fleet shares.
///
/// # Errors
/// Never: its keys are a constant.
pub fn shared_cache(store: impl SharedStore) -> Result<SharedCache> {
    Ok(SharedCache::new(store, Partition::parse("fleet")?, KeyRing::parse(KEYS)?))
}

/// The provider's component, compiled once a process.
///
/// # Errors
/// When it was not built, or does not compile.
pub fn compiled() -> Result<&'static [u8]> {
    static COMPILED: OnceLock<Result<Vec<u8>, String>> = OnceLock::new();
    let compile = || {
        let component = std::fs::read(PROVIDER).context("the component was not built")?;
        Ok(precompile(&component)?)
    };
    let compiled = COMPILED.get_or_init(|| compile().map_err(|error: anyhow::Error| format!("{error:#}")));
    compiled.as_deref().map_err(|error| anyhow::anyhow!("{error}"))
}

/// Loads a provider.
///
/// # Errors
/// When it does not start.
pub async fn load(builder: ProviderBuilder, compiled: &[u8]) -> Result<Provider> {
    // SAFETY: the bytes come from `precompile` and are unchanged.
    Ok(unsafe { builder.load_precompiled(compiled) }.await?)
}

/// The keys of the fleet, for tests alone.
const KEYS: &str =
    "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
