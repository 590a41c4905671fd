//! The table of Azure's services in all clouds: their hosts, and the scope of the tokens that they accept.
//!
//! All hosts are endpoints that Microsoft runs. A suffix below which customers run their own code, such as
//! `azurewebsites.net`, must not be in the table, because that code would receive the tokens.

use super::{Access, Action, Hosts, Origin, Presentation, Rule, Servers};
use crate::prelude::*;
use crate::target::{Host, Scheme};

/// A row: a service in one cloud.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name of the service.
    pub service: &'static str,
    /// The cloud: `public`, `us-government` or `china`.
    pub cloud: &'static str,
    /// Its hosts; each `*` is one label.
    pub hosts: &'static [&'static str],
    /// The scope of its tokens.
    pub scope: &'static str,
    /// How a token is presented.
    pub presentation: Presentation,
}

/// The table. No host is in it twice.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row("Key Vault", "public", &["*.vault.azure.net"], "https://vault.azure.net/.default"),
    row("Key Vault", "us-government", &["*.vault.usgovcloudapi.net"], "https://vault.usgovcloudapi.net/.default"),
    row("Key Vault", "china", &["*.vault.azure.cn"], "https://vault.azure.cn/.default"),
    row("Managed HSM", "public", &["*.managedhsm.azure.net"], "https://managedhsm.azure.net/.default"),
    row("Managed HSM", "us-government", &["*.managedhsm.usgovcloudapi.net"], "https://managedhsm.usgovcloudapi.net/.default"),
    row("Managed HSM", "china", &["*.managedhsm.azure.cn"], "https://managedhsm.azure.cn/.default"),
    row("Storage", "public", &["*.blob.core.windows.net", "*.queue.core.windows.net", "*.table.core.windows.net", "*.file.core.windows.net", "*.dfs.core.windows.net", "*.*.blob.storage.azure.net", "*.*.queue.storage.azure.net", "*.*.table.storage.azure.net", "*.*.file.storage.azure.net", "*.*.dfs.storage.azure.net"], "https://storage.azure.com/.default"),
    row("Storage", "us-government", &["*.blob.core.usgovcloudapi.net", "*.queue.core.usgovcloudapi.net", "*.table.core.usgovcloudapi.net", "*.file.core.usgovcloudapi.net", "*.dfs.core.usgovcloudapi.net"], "https://storage.azure.com/.default"),
    row("Storage", "china", &["*.blob.core.chinacloudapi.cn", "*.queue.core.chinacloudapi.cn", "*.table.core.chinacloudapi.cn", "*.file.core.chinacloudapi.cn", "*.dfs.core.chinacloudapi.cn"], "https://storage.azure.com/.default"),
    row("Resource Manager", "public", &["management.azure.com", "*.management.azure.com"], "https://management.azure.com/.default"),
    row("Resource Manager", "us-government", &["management.usgovcloudapi.net", "*.management.usgovcloudapi.net"], "https://management.usgovcloudapi.net/.default"),
    row("Resource Manager", "china", &["management.chinacloudapi.cn", "*.management.chinacloudapi.cn"], "https://management.chinacloudapi.cn/.default"),
    Row { presentation: Presentation::Cosmos, ..row("Cosmos DB", "public", &["*.documents.azure.com"], "https://cosmos.azure.com/.default") },
    Row { presentation: Presentation::Cosmos, ..row("Cosmos DB", "us-government", &["*.documents.azure.us"], "https://cosmos.azure.com/.default") },
    Row { presentation: Presentation::Cosmos, ..row("Cosmos DB", "china", &["*.documents.azure.cn"], "https://cosmos.azure.com/.default") },
    row("Service Bus, Event Hubs", "public", &["*.servicebus.windows.net"], "https://servicebus.azure.net/.default"),
    row("Service Bus, Event Hubs", "us-government", &["*.servicebus.usgovcloudapi.net"], "https://servicebus.azure.net/.default"),
    row("Service Bus, Event Hubs", "china", &["*.servicebus.chinacloudapi.cn"], "https://servicebus.azure.net/.default"),
    row("App Configuration", "public", &["*.azconfig.io", "*.appconfig.azure.com"], "https://appconfig.azure.com/.default"),
    row("App Configuration", "us-government", &["*.azconfig.azure.us", "*.appconfig.azure.us"], "https://appconfig.azure.us/.default"),
    row("App Configuration", "china", &["*.azconfig.azure.cn", "*.appconfig.azure.cn"], "https://appconfig.azure.cn/.default"),
    row("Container Registry", "public", &["*.azurecr.io"], "https://containerregistry.azure.net/.default"),
    row("Container Registry", "us-government", &["*.azurecr.us"], "https://containerregistry.azure.net/.default"),
    row("Container Registry", "china", &["*.azurecr.cn"], "https://containerregistry.azure.net/.default"),
    row("Azure OpenAI, Cognitive Services", "public", &["*.openai.azure.com", "*.cognitiveservices.azure.com", "*.services.ai.azure.com"], "https://cognitiveservices.azure.com/.default"),
    row("Azure OpenAI, Cognitive Services", "us-government", &["*.openai.azure.us", "*.cognitiveservices.azure.us"], "https://cognitiveservices.azure.us/.default"),
    row("Azure OpenAI, Cognitive Services", "china", &["*.openai.azure.cn", "*.cognitiveservices.azure.cn"], "https://cognitiveservices.azure.cn/.default"),
    row("SQL", "public", &["*.database.windows.net"], "https://database.windows.net/.default"),
    row("SQL", "us-government", &["*.database.usgovcloudapi.net"], "https://database.usgovcloudapi.net/.default"),
    row("SQL", "china", &["*.database.chinacloudapi.cn"], "https://database.chinacloudapi.cn/.default"),
    row("Monitor ingestion", "public", &["*.*.ingest.monitor.azure.com", "*.*.metrics.ingest.monitor.azure.com", "*.in.applicationinsights.azure.com"], "https://monitor.azure.com/.default"),
    row("Monitor ingestion", "us-government", &["*.*.ingest.monitor.azure.us", "*.in.applicationinsights.azure.us"], "https://monitor.azure.us/.default"),
    row("Monitor ingestion", "china", &["*.*.ingest.monitor.azure.cn", "*.in.applicationinsights.azure.cn"], "https://monitor.azure.cn/.default"),
    row("Monitor metrics", "public", &["*.metrics.monitor.azure.com"], "https://metrics.monitor.azure.com/.default"),
    row("Monitor logs", "public", &["api.loganalytics.io", "api.loganalytics.azure.com"], "https://api.loganalytics.io/.default"),
    row("Monitor logs", "us-government", &["api.loganalytics.us"], "https://api.loganalytics.us/.default"),
    row("Monitor logs", "china", &["api.loganalytics.azure.cn"], "https://api.loganalytics.azure.cn/.default"),
    row("Microsoft Graph", "public", &["graph.microsoft.com"], "https://graph.microsoft.com/.default"),
    row("Microsoft Graph", "us-government", &["graph.microsoft.us"], "https://graph.microsoft.us/.default"),
    row("Microsoft Graph", "us-government (DoD)", &["dod-graph.microsoft.us"], "https://dod-graph.microsoft.us/.default"),
    row("Microsoft Graph", "china", &["microsoftgraph.chinacloudapi.cn"], "https://microsoftgraph.chinacloudapi.cn/.default"),
];

/// The rules of the table.
pub fn rules() -> Vec<Rule> {
    TABLE.iter().flat_map(|row| row.hosts.iter().filter_map(|hosts| rule(row, hosts))).collect()
}

const fn row(
    service: &'static str,
    cloud: &'static str,
    hosts: &'static [&'static str],
    scope: &'static str,
) -> Row {
    Row { service, cloud, hosts, scope, presentation: Presentation::Bearer }
}

fn rule(row: &Row, hosts: &str) -> Option<Rule> {
    let access = Access {
        scope: row.scope.to_owned(),
        tenant: None,
        enable_cae: true,
        keep: 0,
        presentation: row.presentation,
    };
    Some(Rule {
        origin: Origin::BuiltIn(row.service),
        methods: Vec::new(),
        servers: Servers { scheme: Scheme::Https, hosts: Hosts::parse(hosts)?, port: 443 },
        path: None,
        action: Action::Authenticate(access),
    })
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
