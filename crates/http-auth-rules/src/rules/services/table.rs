//! The rows. What each host and scope is taken from is in `SERVICES.md`, as is what answers under each suffix.

use super::row::{Cloud, Plane, Row};

/// The table. No host is in it twice.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row("key-vault", "Key Vault", Cloud::Public, &["*.vault.azure.net"], "https://vault.azure.net/.default"),
    row("key-vault", "Key Vault", Cloud::UsGovernment, &["*.vault.usgovcloudapi.net"], "https://vault.usgovcloudapi.net/.default"),
    row("key-vault", "Key Vault", Cloud::China, &["*.vault.azure.cn"], "https://vault.azure.cn/.default"),
    row("managed-hsm", "Managed HSM", Cloud::Public, &["*.managedhsm.azure.net"], "https://managedhsm.azure.net/.default"),
    row("managed-hsm", "Managed HSM", Cloud::UsGovernment, &["*.managedhsm.usgovcloudapi.net"], "https://managedhsm.usgovcloudapi.net/.default"),
    row("managed-hsm", "Managed HSM", Cloud::China, &["*.managedhsm.azure.cn"], "https://managedhsm.azure.cn/.default"),
    row("storage", "Storage", Cloud::Public, &[
        "*.blob.core.windows.net", "*.queue.core.windows.net", "*.table.core.windows.net", "*.file.core.windows.net", "*.dfs.core.windows.net",
        "*.*.blob.storage.azure.net", "*.*.queue.storage.azure.net", "*.*.table.storage.azure.net", "*.*.file.storage.azure.net", "*.*.dfs.storage.azure.net",
    ], "https://storage.azure.com/.default"),
    row("storage", "Storage", Cloud::UsGovernment, &["*.blob.core.usgovcloudapi.net", "*.queue.core.usgovcloudapi.net", "*.table.core.usgovcloudapi.net", "*.file.core.usgovcloudapi.net", "*.dfs.core.usgovcloudapi.net"], "https://storage.azure.com/.default"),
    row("storage", "Storage", Cloud::China, &["*.blob.core.chinacloudapi.cn", "*.queue.core.chinacloudapi.cn", "*.table.core.chinacloudapi.cn", "*.file.core.chinacloudapi.cn", "*.dfs.core.chinacloudapi.cn"], "https://storage.azure.com/.default"),
    row("onelake", "OneLake", Cloud::Public, &["*.dfs.fabric.microsoft.com", "*.blob.fabric.microsoft.com"], "https://storage.azure.com/.default"),
    row("app-configuration", "App Configuration", Cloud::Public, &["*.azconfig.io", "*.appconfig.azure.com"], "https://appconfig.azure.com/.default"),
    row("app-configuration", "App Configuration", Cloud::UsGovernment, &["*.azconfig.azure.us", "*.appconfig.azure.us"], "https://appconfig.azure.us/.default"),
    row("app-configuration", "App Configuration", Cloud::China, &["*.azconfig.azure.cn", "*.appconfig.azure.cn"], "https://appconfig.azure.cn/.default"),
    foundry(row("ai-services", "Azure OpenAI, Foundry Tools", Cloud::Public, &["*.openai.azure.com", "*.cognitiveservices.azure.com", "*.services.ai.azure.com"], "https://cognitiveservices.azure.com/.default")),
    foundry(row("ai-services", "Azure OpenAI, Foundry Tools", Cloud::UsGovernment, &["*.openai.azure.us", "*.cognitiveservices.azure.us"], "https://cognitiveservices.azure.us/.default")),
    foundry(row("ai-services", "Azure OpenAI, Foundry Tools", Cloud::China, &["*.cognitiveservices.azure.cn"], "https://cognitiveservices.azure.cn/.default")),
    row("ai-search", "AI Search", Cloud::Public, &["*.search.windows.net"], "https://search.azure.com/.default"),
    row("ai-search", "AI Search", Cloud::UsGovernment, &["*.search.azure.us"], "https://search.azure.us/.default"),
    row("ai-search", "AI Search", Cloud::China, &["*.search.azure.cn"], "https://search.azure.cn/.default"),
    row("event-grid", "Event Grid", Cloud::Public, &["*.*.eventgrid.azure.net"], "https://eventgrid.azure.net/.default"),
    row("data-explorer", "Data Explorer", Cloud::Public, &["*.kusto.windows.net", "*.*.kusto.windows.net", "*.*.kusto.azuresynapse.net", "*.*.kusto.fabric.microsoft.com"], "https://kusto.kusto.windows.net/.default"),
    row("data-explorer", "Data Explorer", Cloud::UsGovernment, &["*.kusto.usgovcloudapi.net", "*.*.kusto.usgovcloudapi.net"], "https://kusto.kusto.usgovcloudapi.net/.default"),
    row("data-explorer", "Data Explorer", Cloud::China, &["*.kusto.chinacloudapi.cn", "*.*.kusto.chinacloudapi.cn"], "https://kusto.kusto.chinacloudapi.cn/.default"),
    row("monitor-ingestion", "Monitor ingestion", Cloud::Public, &["*.*.ingest.monitor.azure.com", "*.*.metrics.ingest.monitor.azure.com", "*.in.applicationinsights.azure.com"], "https://monitor.azure.com/.default"),
    row("monitor-ingestion", "Monitor ingestion", Cloud::UsGovernment, &["*.*.ingest.monitor.azure.us", "*.in.applicationinsights.azure.us"], "https://monitor.azure.us/.default"),
    row("monitor-ingestion", "Monitor ingestion", Cloud::China, &["*.*.ingest.monitor.azure.cn", "*.in.applicationinsights.azure.cn"], "https://monitor.azure.cn/.default"),
    row("monitor-logs", "Monitor query: logs", Cloud::Public, &["api.loganalytics.io", "api.loganalytics.azure.com"], "https://api.loganalytics.io/.default"),
    row("monitor-logs", "Monitor query: logs", Cloud::UsGovernment, &["api.loganalytics.us"], "https://api.loganalytics.us/.default"),
    row("monitor-logs", "Monitor query: logs", Cloud::China, &["api.loganalytics.azure.cn"], "https://api.loganalytics.azure.cn/.default"),
    row("monitor-metrics", "Monitor query: metrics", Cloud::Public, &["*.metrics.monitor.azure.com"], "https://metrics.monitor.azure.com/.default"),
    row("monitor-metrics", "Monitor query: metrics", Cloud::UsGovernment, &["*.metrics.monitor.azure.us"], "https://metrics.monitor.azure.us/.default"),
    row("monitor-metrics", "Monitor query: metrics", Cloud::China, &["*.metrics.monitor.azure.cn"], "https://metrics.monitor.azure.cn/.default"),
    row("application-insights", "Application Insights query", Cloud::Public, &["api.applicationinsights.io", "api.applicationinsights.azure.com"], "https://api.applicationinsights.io/.default"),
    row("application-insights", "Application Insights query", Cloud::UsGovernment, &["api.applicationinsights.us"], "https://api.applicationinsights.us/.default"),
    row("application-insights", "Application Insights query", Cloud::China, &["api.applicationinsights.azure.cn"], "https://api.applicationinsights.azure.cn/.default"),
    row("prometheus", "Managed Prometheus query", Cloud::Public, &["*.*.prometheus.monitor.azure.com"], "https://prometheus.monitor.azure.com/.default"),
    row("digital-twins", "Digital Twins", Cloud::Public, &["*.*.*.digitaltwins.azure.net"], "https://digitaltwins.azure.net/.default"),
    management(row("iot-hub", "IoT Hub", Cloud::Public, &["*.azure-devices.net"], "https://iothubs.azure.net/.default")),
    management(row("iot-hub", "IoT Hub", Cloud::UsGovernment, &["*.azure-devices.us"], "https://iothubs.azure.us/.default")),
    management(row("communication", "Communication Services", Cloud::Public, &["*.communication.azure.com", "*.*.communication.azure.com"], "https://communication.azure.com//.default")),
    management(row("batch", "Batch", Cloud::Public, &["*.*.batch.azure.com"], "https://batch.core.windows.net//.default")),
    management(row("batch", "Batch", Cloud::UsGovernment, &["*.*.batch.usgovcloudapi.net"], "https://batch.core.usgovcloudapi.net//.default")),
    management(row("batch", "Batch", Cloud::China, &["*.*.batch.chinacloudapi.cn"], "https://batch.chinacloudapi.cn//.default")),
    management(row("synapse", "Synapse", Cloud::Public, &["*.dev.azuresynapse.net"], "https://dev.azuresynapse.net/.default")),
    management(row("synapse", "Synapse", Cloud::UsGovernment, &["*.dev.azuresynapse.usgovcloudapi.net"], "https://dev.azuresynapse.usgovcloudapi.net/.default")),
    management(row("synapse", "Synapse", Cloud::China, &["*.dev.azuresynapse.azure.cn"], "https://dev.azuresynapse.azure.cn/.default")),
    management(row("azure-devops", "Azure DevOps", Cloud::Public, &["dev.azure.com", "*.dev.azure.com"], "499b84ac-1321-427f-aa17-267ca6975798/.default")),
    management(row("resource-manager", "Resource Manager", Cloud::Public, &["management.azure.com", "*.management.azure.com"], "https://management.azure.com/.default")),
    management(row("resource-manager", "Resource Manager", Cloud::UsGovernment, &["management.usgovcloudapi.net", "*.management.usgovcloudapi.net"], "https://management.core.usgovcloudapi.net/.default")),
    management(row("resource-manager", "Resource Manager", Cloud::China, &["management.chinacloudapi.cn", "*.management.chinacloudapi.cn"], "https://management.chinacloudapi.cn/.default")),
    management(row("microsoft-graph", "Microsoft Graph", Cloud::Public, &["graph.microsoft.com"], "https://graph.microsoft.com/.default")),
    management(row("microsoft-graph", "Microsoft Graph", Cloud::UsGovernment, &["graph.microsoft.us"], "https://graph.microsoft.us/.default")),
    management(row("microsoft-graph", "Microsoft Graph", Cloud::UsGovernment, &["dod-graph.microsoft.us"], "https://dod-graph.microsoft.us/.default")),
    management(row("microsoft-graph", "Microsoft Graph", Cloud::China, &["microsoftgraph.chinacloudapi.cn"], "https://microsoftgraph.chinacloudapi.cn/.default")),
];

/// The path of Foundry's projects, below which hosted agents answer, which are customers' containers.
pub const PROJECTS: &str = "/api/projects";

const fn row(
    service: &'static str,
    #[cfg_attr(target_family = "wasm", expect(unused_variables, reason = "the documents alone need it"))]
    title: &'static str,
    cloud: Cloud,
    hosts: &'static [&'static str],
    scope: &'static str,
) -> Row {
    Row {
        service,
        #[cfg(not(target_family = "wasm"))]
        title,
        cloud,
        hosts,
        scope,
        plane: Plane::Data,
        refused_path: None,
    }
}

const fn management(row: Row) -> Row {
    Row { plane: Plane::Management, ..row }
}

/// The account of these services may have Foundry projects.
const fn foundry(row: Row) -> Row {
    Row { refused_path: Some(PROJECTS), ..row }
}
