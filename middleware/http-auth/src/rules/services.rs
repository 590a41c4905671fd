//! The table of Azure's services in all clouds: their hosts, and the scope of the tokens that they accept.
//!
//! None of it applies until the deployer names the service: `use key-vault`.
//!
//! All hosts are endpoints that Microsoft runs. A suffix below which customers run their own code, such as
//! `azurewebsites.net`, must not be in the table, because that code would receive the tokens.

use super::{Access, Action, Hosts, Origin, Presentation, Rule, Servers};
use crate::prelude::*;
use crate::target::{Host, Scheme, Server};
use core::fmt;

/// A row: a service in one cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name by which a `use` line opens the service, e.g. `key-vault`.
    pub service: &'static str,
    /// The name of the service in Microsoft's documentation.
    pub title: &'static str,
    /// Its cloud.
    pub cloud: Cloud,
    /// Its hosts; each `*` is one label.
    pub hosts: &'static [&'static str],
    /// The scope of its tokens.
    pub scope: &'static str,
    /// How a token is presented.
    pub presentation: Presentation,
    /// What the service's operations work on.
    pub plane: Plane,
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
    /// Resources, identities and their credentials. An operation may return a credential that outlives the token, so
    /// [`ALL_DATA_PLANE`] does not include the service.
    Management,
}

/// Which rows a `use` line opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection<'a> {
    /// The name of a service, or [`ALL_DATA_PLANE`].
    pub service: &'a str,
    /// The cloud.
    pub cloud: Cloud,
}

/// The name that stands for every service of the [data plane](Plane::Data).
pub const ALL_DATA_PLANE: &str = "all-data-plane";

/// The table. No host is in it twice.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row("key-vault", "Key Vault", Cloud::Public, &["*.vault.azure.net"], "https://vault.azure.net/.default"),
    row("key-vault", "Key Vault", Cloud::UsGovernment, &["*.vault.usgovcloudapi.net"], "https://vault.usgovcloudapi.net/.default"),
    row("key-vault", "Key Vault", Cloud::China, &["*.vault.azure.cn"], "https://vault.azure.cn/.default"),
    row("managed-hsm", "Managed HSM", Cloud::Public, &["*.managedhsm.azure.net"], "https://managedhsm.azure.net/.default"),
    row("managed-hsm", "Managed HSM", Cloud::UsGovernment, &["*.managedhsm.usgovcloudapi.net"], "https://managedhsm.usgovcloudapi.net/.default"),
    row("managed-hsm", "Managed HSM", Cloud::China, &["*.managedhsm.azure.cn"], "https://managedhsm.azure.cn/.default"),
    row("storage", "Storage", Cloud::Public, &["*.blob.core.windows.net", "*.queue.core.windows.net", "*.table.core.windows.net", "*.file.core.windows.net", "*.dfs.core.windows.net", "*.*.blob.storage.azure.net", "*.*.queue.storage.azure.net", "*.*.table.storage.azure.net", "*.*.file.storage.azure.net", "*.*.dfs.storage.azure.net"], "https://storage.azure.com/.default"),
    row("storage", "Storage", Cloud::UsGovernment, &["*.blob.core.usgovcloudapi.net", "*.queue.core.usgovcloudapi.net", "*.table.core.usgovcloudapi.net", "*.file.core.usgovcloudapi.net", "*.dfs.core.usgovcloudapi.net"], "https://storage.azure.com/.default"),
    row("storage", "Storage", Cloud::China, &["*.blob.core.chinacloudapi.cn", "*.queue.core.chinacloudapi.cn", "*.table.core.chinacloudapi.cn", "*.file.core.chinacloudapi.cn", "*.dfs.core.chinacloudapi.cn"], "https://storage.azure.com/.default"),
    Row { plane: Plane::Management, ..row("resource-manager", "Resource Manager", Cloud::Public, &["management.azure.com", "*.management.azure.com"], "https://management.azure.com/.default") },
    Row { plane: Plane::Management, ..row("resource-manager", "Resource Manager", Cloud::UsGovernment, &["management.usgovcloudapi.net", "*.management.usgovcloudapi.net"], "https://management.usgovcloudapi.net/.default") },
    Row { plane: Plane::Management, ..row("resource-manager", "Resource Manager", Cloud::China, &["management.chinacloudapi.cn", "*.management.chinacloudapi.cn"], "https://management.chinacloudapi.cn/.default") },
    Row { presentation: Presentation::Cosmos, ..row("cosmos-db", "Cosmos DB", Cloud::Public, &["*.documents.azure.com"], "https://cosmos.azure.com/.default") },
    Row { presentation: Presentation::Cosmos, ..row("cosmos-db", "Cosmos DB", Cloud::UsGovernment, &["*.documents.azure.us"], "https://cosmos.azure.com/.default") },
    Row { presentation: Presentation::Cosmos, ..row("cosmos-db", "Cosmos DB", Cloud::China, &["*.documents.azure.cn"], "https://cosmos.azure.com/.default") },
    row("app-configuration", "App Configuration", Cloud::Public, &["*.azconfig.io", "*.appconfig.azure.com"], "https://appconfig.azure.com/.default"),
    row("app-configuration", "App Configuration", Cloud::UsGovernment, &["*.azconfig.azure.us", "*.appconfig.azure.us"], "https://appconfig.azure.us/.default"),
    row("app-configuration", "App Configuration", Cloud::China, &["*.azconfig.azure.cn", "*.appconfig.azure.cn"], "https://appconfig.azure.cn/.default"),
    row("ai-services", "Azure OpenAI, Cognitive Services", Cloud::Public, &["*.openai.azure.com", "*.cognitiveservices.azure.com", "*.services.ai.azure.com"], "https://cognitiveservices.azure.com/.default"),
    row("ai-services", "Azure OpenAI, Cognitive Services", Cloud::UsGovernment, &["*.openai.azure.us", "*.cognitiveservices.azure.us"], "https://cognitiveservices.azure.us/.default"),
    row("ai-services", "Azure OpenAI, Cognitive Services", Cloud::China, &["*.openai.azure.cn", "*.cognitiveservices.azure.cn"], "https://cognitiveservices.azure.cn/.default"),
    row("monitor-ingestion", "Monitor ingestion", Cloud::Public, &["*.*.ingest.monitor.azure.com", "*.*.metrics.ingest.monitor.azure.com", "*.in.applicationinsights.azure.com"], "https://monitor.azure.com/.default"),
    row("monitor-ingestion", "Monitor ingestion", Cloud::UsGovernment, &["*.*.ingest.monitor.azure.us", "*.in.applicationinsights.azure.us"], "https://monitor.azure.us/.default"),
    row("monitor-ingestion", "Monitor ingestion", Cloud::China, &["*.*.ingest.monitor.azure.cn", "*.in.applicationinsights.azure.cn"], "https://monitor.azure.cn/.default"),
    row("monitor-metrics", "Monitor metrics", Cloud::Public, &["*.metrics.monitor.azure.com"], "https://metrics.monitor.azure.com/.default"),
    row("monitor-logs", "Monitor logs", Cloud::Public, &["api.loganalytics.io", "api.loganalytics.azure.com"], "https://api.loganalytics.io/.default"),
    row("monitor-logs", "Monitor logs", Cloud::UsGovernment, &["api.loganalytics.us"], "https://api.loganalytics.us/.default"),
    row("monitor-logs", "Monitor logs", Cloud::China, &["api.loganalytics.azure.cn"], "https://api.loganalytics.azure.cn/.default"),
    Row { plane: Plane::Management, ..row("microsoft-graph", "Microsoft Graph", Cloud::Public, &["graph.microsoft.com"], "https://graph.microsoft.com/.default") },
    Row { plane: Plane::Management, ..row("microsoft-graph", "Microsoft Graph", Cloud::UsGovernment, &["graph.microsoft.us"], "https://graph.microsoft.us/.default") },
    Row { plane: Plane::Management, ..row("microsoft-graph", "Microsoft Graph", Cloud::UsGovernment, &["dod-graph.microsoft.us"], "https://dod-graph.microsoft.us/.default") },
    Row { plane: Plane::Management, ..row("microsoft-graph", "Microsoft Graph", Cloud::China, &["microsoftgraph.chinacloudapi.cn"], "https://microsoftgraph.chinacloudapi.cn/.default") },
];

impl Selection<'_> {
    /// The rules of the rows that are selected, with the tenant, revocation and length of kept bodies of `options`.
    /// Empty: there is no such service in this cloud.
    pub fn rules(&self, options: &Access) -> Vec<Rule> {
        let rows = TABLE.iter().filter(|row| self.selects(row));
        rows.flat_map(|row| row.hosts.iter().filter_map(|hosts| rule(row, hosts, options))).collect()
    }

    fn selects(&self, row: &Row) -> bool {
        let is_named = match self.service {
            ALL_DATA_PLANE => row.plane == Plane::Data,
            name => row.service == name,
        };
        is_named && row.cloud == self.cloud
    }
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

/// The row to whose hosts a server belongs, to suggest its name; `None`: none of the table.
pub fn row_of(server: &Server) -> Option<&'static Row> {
    let has = |row: &&Row| {
        let hosts = row.hosts.iter().filter_map(|hosts| servers(hosts));
        hosts.into_iter().any(|servers| servers.contain(server))
    };
    TABLE.iter().find(has)
}

/// Writes the words of a `use` line that opens the row.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "use {}", self.service)?;
        if self.cloud == Cloud::Public { Ok(()) } else { write!(f, " cloud={}", self.cloud.name()) }
    }
}

const fn row(
    service: &'static str,
    title: &'static str,
    cloud: Cloud,
    hosts: &'static [&'static str],
    scope: &'static str,
) -> Row {
    Row { service, title, cloud, hosts, scope, presentation: Presentation::Bearer, plane: Plane::Data }
}

fn rule(row: &Row, hosts: &str, options: &Access) -> Option<Rule> {
    let access = Access { scope: row.scope.to_owned(), presentation: row.presentation, ..options.clone() };
    Some(Rule {
        origin: Origin::Service(row.service),
        methods: Vec::new(),
        servers: servers(hosts)?,
        path: None,
        action: Action::Authenticate(access),
    })
}

fn servers(hosts: &str) -> Option<Servers> {
    Some(Servers { scheme: Scheme::Https, hosts: Hosts::parse(hosts)?, port: 443 })
}

impl Hosts {
    /// Parses the hosts of a rule: a host, or one or more `*.` in front of a name of at least two labels. `None`: it is
    /// neither.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut labels = 0usize;
        while let Some(behind) = rest.strip_prefix("*.") {
            labels = labels.saturating_add(1);
            rest = behind;
        }
        match (Host::parse(rest).ok()?, labels) {
            (host, 0) => Some(Self::One(host)),
            (Host::Name(suffix), labels) if suffix.contains('.') => Some(Self::Below(labels, suffix)),
            _ => None,
        }
    }
}
