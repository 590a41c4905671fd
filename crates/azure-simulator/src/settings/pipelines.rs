//! A job of Azure Pipelines and its service connections.

use serde::Deserialize;

/// The issuer of the example organization's OIDC tokens.
pub const ISSUER: &str = "https://vstoken.dev.azure.com/77778888-cccc-9999-dddd-0000eeee1111";
/// The `sub` in the OIDC tokens of the default service connection.
pub const SUBJECT: &str = "sc://contoso/shop/azure";

/// A job.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Pipelines {
    /// The path of `System.OidcRequestUri`.
    pub path: String,
    /// `System.AccessToken`.
    pub system_access_token: String,
    /// The service connections that the job may use.
    pub service_connections: Vec<ServiceConnection>,
}

/// A service connection with workload identity federation.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ServiceConnection {
    /// The id, a GUID.
    pub id: String,
    /// The `sub` in its OIDC tokens.
    pub subject: String,
}

impl Default for Pipelines {
    fn default() -> Pipelines {
        let connection =
            ServiceConnection { id: "88889999-dddd-0000-eeee-1111ffff2222".into(), subject: SUBJECT.into() };
        Pipelines {
            path: "/contoso/shop/_apis/distributedtask/hubs/build/plans/p1/jobs/j1/oidctoken".into(),
            system_access_token: "s3cr3t-system-access-token".into(),
            service_connections: vec![connection],
        }
    }
}
