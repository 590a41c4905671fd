//! The names of the simulated services.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use serde::{Deserialize, Serialize, Serializer};

/// A simulated service, as faults, the journal and the command line name it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, ValueEnum)]
#[serde(try_from = "String")]
pub enum ServiceName {
    /// The Azure Instance Metadata Service.
    Imds,
    /// The identity endpoint of App Service, Functions and Container Apps.
    AppService,
    /// The Azure Arc agent.
    AzureArc,
    /// The identity endpoint of Azure Machine Learning.
    AzureMl,
    /// Azure Cloud Shell.
    CloudShell,
    /// The managed identity token service of Service Fabric.
    ServiceFabric,
    /// Microsoft Entra ID.
    Entra,
    /// Active Directory Federation Services.
    Adfs,
    /// Azure DevOps.
    AzureDevops,
    /// Azure Key Vault.
    KeyVault,
}

impl ServiceName {
    /// The name, e.g. `imds`.
    pub fn as_str(self) -> &'static str {
        match self {
            ServiceName::Imds => "imds",
            ServiceName::AppService => "app-service",
            ServiceName::AzureArc => "azure-arc",
            ServiceName::AzureMl => "azure-ml",
            ServiceName::CloudShell => "cloud-shell",
            ServiceName::ServiceFabric => "service-fabric",
            ServiceName::Entra => "entra",
            ServiceName::Adfs => "adfs",
            ServiceName::AzureDevops => "azure-devops",
            ServiceName::KeyVault => "key-vault",
        }
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ServiceName {
    type Err = String;

    fn from_str(name: &str) -> Result<ServiceName, String> {
        let all = ServiceName::value_variants();
        all.iter().find(|it| it.as_str() == name).copied().ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|it| it.as_str()).collect();
            format!("there is no service called '{name}'; the services are: {}", names.join(", "))
        })
    }
}

impl Serialize for ServiceName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl TryFrom<String> for ServiceName {
    type Error = String;

    fn try_from(name: String) -> Result<ServiceName, String> {
        name.parse()
    }
}
