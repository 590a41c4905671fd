//! A row of the table.

use core::fmt;

/// A row: a service in one cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name by which a `use` line opens the service, e.g. `key-vault`.
    pub service: &'static str,
    /// The name of the service in Microsoft's documentation. The documents alone need it.
    #[cfg(not(target_family = "wasm"))]
    pub title: &'static str,
    /// Its cloud.
    pub cloud: Cloud,
    /// Its hosts; each `*` is one label.
    pub hosts: &'static [&'static str],
    /// The scope of its tokens.
    pub scope: &'static str,
    /// What the service's operations work on.
    pub plane: Plane,
    /// A path below which customers' code answers: requests to it are refused.
    pub refused_path: Option<&'static str>,
}

/// A cloud of Azure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    /// The public cloud.
    Public,
    /// Azure Government.
    UsGovernment,
    /// Azure operated by 21Vianet.
    China,
}

/// What a service's operations work on ("Azure control plane and data plane").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plane {
    /// Data.
    Data,
    /// Resources, or identities and their credentials, or code that runs with identities of its own. An operation may
    /// return a credential that outlives the token, so `use all-data-plane` does not include the service.
    Management,
}

impl Cloud {
    /// The cloud of a name in a `use` line; `None`: there is no such cloud.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Public, Self::UsGovernment, Self::China].into_iter().find(|cloud| cloud.name() == name)
    }

    /// Its name in a `use` line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::UsGovernment => "us-government",
            Self::China => "china",
        }
    }
}

/// Writes the words of a `use` line that opens the row.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "use {}", self.service)?;
        if self.cloud == Cloud::Public { Ok(()) } else { write!(f, " cloud={}", self.cloud.name()) }
    }
}
