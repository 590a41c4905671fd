//! `release.toml`.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// Where a release is published to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The URL of the project's page.
    pub repository: String,
    /// The registry of components and WIT packages.
    pub oci: Oci,
    /// The namespace of the packages there.
    pub wit: Wit,
    /// What a release is built with.
    pub toolchain: Toolchain,
}

/// An OCI registry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Oci {
    /// Its host.
    pub registry: String,
    /// What stands before a package's own path, with a slash at its end.
    pub prefix: String,
}

/// The namespace of the packages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wit {
    /// Its name.
    pub namespace: String,
    /// The host that tells `wkg` where the packages of the namespace are.
    pub domain: String,
}

/// What a release is built with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Toolchain {
    /// The version of rustc.
    pub rustc: String,
}

impl Settings {
    /// Reads `release.toml` of a workspace.
    ///
    /// # Errors
    /// When there is none, or a value is missing or unknown.
    pub fn read(workspace: &Path) -> Result<Settings> {
        let path = workspace.join(FILE);
        let text = fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{FILE} is not valid"))
    }

    /// The keys whose values are still placeholders.
    ///
    /// ```
    /// let settings: release::settings::Settings = toml::from_str(
    ///     "repository = 'https://example.com/OWNER/project'
    ///      oci = { registry = 'registry.example', prefix = 'OWNER/' }
    ///      wit = { namespace = 'azure', domain = 'example.com' }
    ///      toolchain = { rustc = '1.95.0' }",
    /// )?;
    /// assert_eq!(settings.placeholders(), ["repository", "oci.prefix"]);
    /// # Ok::<(), toml::de::Error>(())
    /// ```
    pub fn placeholders(&self) -> Vec<&'static str> {
        let values = [
            ("repository", &self.repository),
            ("oci.registry", &self.oci.registry),
            ("oci.prefix", &self.oci.prefix),
            ("wit.namespace", &self.wit.namespace),
            ("wit.domain", &self.wit.domain),
        ];
        values.iter().filter(|(_, value)| value.contains(PLACEHOLDER)).map(|(key, _)| *key).collect()
    }
}

/// The project's licences, which every package contains.
pub const LICENCES: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT"];

/// The file's name.
pub const FILE: &str = "release.toml";

/// What a placeholder contains.
const PLACEHOLDER: &str = "OWNER";
