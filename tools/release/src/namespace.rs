//! The files that tell `wkg` where the packages of the project's namespace are.

use crate::settings::Settings;
use anyhow::Result;
use components::is_loopback;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Writes `registry.json` and `wkg-config.toml` into a folder.
///
/// # Errors
/// When a file cannot be written.
pub fn write(settings: &Settings, to: &Path) -> Result<()> {
    fs::write(to.join(REGISTRY), serde_json::to_string_pretty(&metadata(settings))? + "\n")?;
    fs::write(to.join(CONFIGURATION), configuration(settings)?)?;
    Ok(())
}

/// What `https://DOMAIN/.well-known/wasm-pkg/registry.json` says: which OCI registry has the packages, below which prefix.
/// The keys are those of the crate `wasm-pkg-common`.
fn metadata(settings: &Settings) -> Value {
    json!({
        "preferredProtocol": "oci",
        "oci": { "registry": settings.oci.registry, "namespacePrefix": settings.oci.prefix },
    })
}

/// The configuration of a user's `wkg`: the namespace with what `registry.json` says, so that it needs no request to the
/// domain.
fn configuration(settings: &Settings) -> Result<String> {
    let (namespace, domain) = (&settings.wit.namespace, &settings.wit.domain);
    let mut configuration = json!({
        "namespace_registries": { namespace: { "registry": domain, "metadata": metadata(settings) } },
    });
    if is_loopback(&settings.oci.registry) {
        configuration["registry"] = json!({ domain: { "oci": { "protocol": "http" } } });
    }
    Ok(format!("{HEAD}{}", toml::to_string(&configuration)?))
}

/// The file for the domain.
pub const REGISTRY: &str = "registry.json";

/// The file for users.
pub const CONFIGURATION: &str = "wkg-config.toml";

const HEAD: &str = "# Where wkg finds the packages of this release. Add these lines to ~/.config/wasm-pkg/config.toml, or name
# this file in the variable WKG_CONFIG_FILE.
";
