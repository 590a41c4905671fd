//! The vaults there are.

use serde::Deserialize;

use crate::settings::{Settings, Tenant};

/// A key vault.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeyVault {
    /// Its name, the first label of its host.
    pub name: String,
    /// The id of the tenant whose tokens it takes.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The region it is in.
    #[serde(default = "location")]
    pub location: String,
    /// The object ids of those who may read secrets; by default everybody of the tenant.
    #[serde(default)]
    pub readers: Option<Vec<String>>,
    /// When something happened, in unix seconds, after which callers that can answer a claims challenge
    /// get one for every older token.
    #[serde(default)]
    pub revoked_at: Option<u64>,
    /// What it keeps; of several versions of a secret the last is the newest.
    #[serde(default)]
    pub secrets: Vec<Secret>,
}

/// One version of a secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// What is secret.
    pub value: String,
    /// The id of the version.
    #[serde(default = "version")]
    pub version: String,
    /// What the value is, e.g. `text/plain`.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Whether it may be read.
    #[serde(default = "enabled")]
    pub enabled: bool,
}

impl KeyVault {
    /// The vault there is by default: `contoso`, with the secret `greeting`.
    pub fn example() -> KeyVault {
        let greeting = Secret {
            name: "greeting".into(),
            value: SECRET.into(),
            version: version(),
            content_type: Some("text/plain".into()),
            enabled: true,
        };
        KeyVault {
            name: "contoso".into(),
            tenant: None,
            location: location(),
            readers: None,
            revoked_at: None,
            secrets: vec![greeting],
        }
    }

    /// The tenant whose tokens it takes.
    pub fn tenant<'a>(&self, settings: &'a Settings) -> Option<&'a Tenant> {
        settings.tenant(self.tenant.as_deref())
    }

    /// Whether whoever has this object id may read secrets.
    pub fn may_read(&self, oid: &str) -> bool {
        self.readers.as_ref().is_none_or(|readers| readers.iter().any(|it| it.eq_ignore_ascii_case(oid)))
    }

    /// A secret; an empty version is the newest. Names are found whatever their case.
    pub fn secret(&self, name: &str, version: &str) -> Option<&Secret> {
        let mut versions = self.secrets.iter().rev().filter(|it| it.name.eq_ignore_ascii_case(name));
        versions.find(|it| version.is_empty() || it.version.eq_ignore_ascii_case(version))
    }
}

/// The value of the secret there is by default.
pub const SECRET: &str = "hello from the vault";

fn location() -> String {
    "westeurope".into()
}

fn version() -> String {
    "4387e9f3d6e14c459867679a90fd0f79".into()
}

fn enabled() -> bool {
    true
}
