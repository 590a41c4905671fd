//! The key vaults.

use serde::Deserialize;

/// The value of the default secret.
pub const VAULT_SECRET: &str = "hello from the vault";

/// A key vault.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeyVault {
    /// The name, the first label of the host.
    pub name: String,
    /// The id of the tenant whose tokens are accepted; `None`: the first tenant.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The region.
    #[serde(default = "location")]
    pub location: String,
    /// The object ids of the principals that may read secrets; `None`: every principal of the tenant.
    #[serde(default)]
    pub readers: Option<Vec<String>>,
    /// When sessions were revoked, in seconds since the Unix epoch. Callers that support claims challenges receive one
    /// for each older token.
    #[serde(default)]
    pub revoked_on: Option<u64>,
    /// The secrets; of several versions of one secret the last is the newest.
    #[serde(default)]
    pub secrets: Vec<Secret>,
}

/// One version of a secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Secret {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// The id of the version.
    #[serde(default = "version")]
    pub version: String,
    /// The content type, e.g. `text/plain`.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Whether it may be read.
    #[serde(default = "enabled")]
    pub enabled: bool,
}

impl KeyVault {
    /// A vault without secrets, which every principal of the first tenant may read.
    pub fn new(name: impl Into<String>) -> KeyVault {
        KeyVault {
            name: name.into(),
            tenant: None,
            location: location(),
            readers: None,
            revoked_on: None,
            secrets: Vec::new(),
        }
    }

    /// Sets the tenant whose tokens are accepted.
    pub fn in_tenant(mut self, id: impl Into<String>) -> KeyVault {
        self.tenant = Some(id.into());
        self
    }

    /// Adds a secret, or a version of one.
    pub fn with_secret(mut self, name: impl Into<String>, value: impl Into<String>) -> KeyVault {
        let (name, value) = (name.into(), value.into());
        self.secrets.push(Secret { name, value, version: version(), content_type: None, enabled: true });
        self
    }

    /// Lets the principal with this object id read secrets, and no other than those that are named.
    pub fn with_reader(mut self, object_id: impl Into<String>) -> KeyVault {
        self.readers.get_or_insert_default().push(object_id.into());
        self
    }

    /// The default vault: `contoso`, with the secret `greeting`.
    pub fn example() -> KeyVault {
        let greeting = Secret {
            name: "greeting".into(),
            value: VAULT_SECRET.into(),
            version: version(),
            content_type: Some("text/plain".into()),
            enabled: true,
        };
        KeyVault { secrets: vec![greeting], ..KeyVault::new("contoso") }
    }

    /// Whether the principal with this object id may read secrets.
    pub fn may_read(&self, oid: &str) -> bool {
        self.readers.as_ref().is_none_or(|readers| readers.iter().any(|it| it.eq_ignore_ascii_case(oid)))
    }

    /// Finds a secret without regard to case; an empty version means the newest.
    pub fn secret(&self, name: &str, version: &str) -> Option<&Secret> {
        let mut versions = self.secrets.iter().rev().filter(|it| it.name.eq_ignore_ascii_case(name));
        versions.find(|it| version.is_empty() || it.version.eq_ignore_ascii_case(version))
    }
}

fn location() -> String {
    "westeurope".into()
}

fn version() -> String {
    "4387e9f3d6e14c459867679a90fd0f79".into()
}

fn enabled() -> bool {
    true
}
