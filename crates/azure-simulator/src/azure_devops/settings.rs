//! The job of Azure Pipelines and its service connections, as settings write them.

use serde::Deserialize;

/// The service connection there is by default, as its tokens call it.
pub const SUBJECT: &str = "sc://contoso/shop/azure";

/// A job.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Pipelines {
    /// The path of its `System.OidcRequestUri`.
    pub path: String,
    /// Its `System.AccessToken`.
    pub system_access_token: String,
    /// The service connections it may use.
    pub service_connections: Vec<ServiceConnection>,
}

/// A service connection with workload identity federation.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ServiceConnection {
    /// Its id, a GUID.
    pub id: String,
    /// What its tokens call it: `sub`.
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
