//! The services whose hosts must be named one by one, and the rule to write for each.

use super::suffixes::CUSTOMER_HOSTS;
use crate::rules::services::Cloud;
use core::fmt;

/// A service that no `use` line opens, in one cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    /// Its name, as it would be in a `use` line.
    pub service: &'static str,
    /// The name of the service in Microsoft's documentation. The documents alone need it.
    #[cfg(not(target_family = "wasm"))]
    pub title: &'static str,
    /// Its cloud.
    pub cloud: Cloud,
    /// The address of a rule, with `<…>` where the deployer's name belongs.
    pub address: &'static str,
    /// The scope of its tokens.
    pub scope: &'static str,
    /// The other options of the rule.
    pub options: &'static str,
}

/// The services.
#[rustfmt::skip]
pub const EXACT: &[Exact] = &[
    exact("service-bus", "Service Bus", Cloud::Public, "<namespace>.servicebus.windows.net", "https://servicebus.azure.net/.default"),
    exact("service-bus", "Service Bus", Cloud::UsGovernment, "<namespace>.servicebus.usgovcloudapi.net", "https://servicebus.azure.net/.default"),
    exact("service-bus", "Service Bus", Cloud::China, "<namespace>.servicebus.chinacloudapi.cn", "https://servicebus.azure.net/.default"),
    exact("event-hubs", "Event Hubs", Cloud::Public, "<namespace>.servicebus.windows.net", "https://eventhubs.azure.net/.default"),
    exact("event-hubs", "Event Hubs", Cloud::UsGovernment, "<namespace>.servicebus.usgovcloudapi.net", "https://eventhubs.azure.net/.default"),
    exact("event-hubs", "Event Hubs", Cloud::China, "<namespace>.servicebus.chinacloudapi.cn", "https://eventhubs.azure.net/.default"),
    exact("relay", "Azure Relay", Cloud::Public, "<namespace>.servicebus.windows.net", "https://relay.azure.net/.default"),
    Exact { options: " as=cosmos", ..exact("cosmos-db", "Cosmos DB", Cloud::Public, "<account>.documents.azure.com", "https://cosmos.azure.com/.default") },
    Exact { options: " as=cosmos", ..exact("cosmos-db", "Cosmos DB", Cloud::UsGovernment, "<account>.documents.azure.us", "https://cosmos.azure.com/.default") },
    Exact { options: " as=cosmos", ..exact("cosmos-db", "Cosmos DB", Cloud::China, "<account>.documents.azure.cn", "https://cosmos.azure.com/.default") },
    exact("foundry", "Foundry projects", Cloud::Public, "<resource>.services.ai.azure.com/api/projects", "https://ai.azure.com/.default"),
    exact("fabric", "Fabric", Cloud::Public, "api.fabric.microsoft.com/v1/workspaces/<id>", "https://api.fabric.microsoft.com/.default"),
    exact("web-pubsub", "Web PubSub", Cloud::Public, "<name>.webpubsub.azure.com", "https://webpubsub.azure.com/.default"),
    exact("signalr", "SignalR", Cloud::Public, "<name>.service.signalr.net", "https://signalr.azure.com/.default"),
    exact("databricks", "Databricks", Cloud::Public, "adb-<id>.<number>.azuredatabricks.net", "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"),
    exact("databricks", "Databricks", Cloud::UsGovernment, "adb-<id>.<number>.databricks.azure.us", "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"),
    exact("databricks", "Databricks", Cloud::China, "adb-<id>.<number>.databricks.azure.cn", "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"),
    exact("grafana", "Managed Grafana", Cloud::Public, "<name>.<region>.grafana.azure.com", "ce34e7e5-485f-4d76-964f-b3d2b16d1e4f/.default"),
    exact("machine-learning", "Machine Learning online endpoints", Cloud::Public, "<endpoint>.<region>.inference.ml.azure.com", "https://ml.azure.com/.default"),
    exact("app-service", "App Service", Cloud::Public, "<app>.azurewebsites.net", "api://<client-id>/.default"),
    exact("functions", "Functions", Cloud::Public, "<app>.azurewebsites.net", "api://<client-id>/.default"),
    exact("container-apps", "Container Apps", Cloud::Public, "<app>.<environment>.<region>.azurecontainerapps.io", "api://<client-id>/.default"),
    exact("api-management", "API Management", Cloud::Public, "<name>.azure-api.net", "api://<client-id>/.default"),
];

impl Exact {
    /// The service of this name in this cloud.
    pub fn find(service: &str, cloud: Cloud) -> Option<&'static Self> {
        EXACT.iter().find(|it| it.service == service && it.cloud == cloud)
    }

    /// Why the host must be named, as the end of a sentence.
    pub fn reason(&self) -> &'static str {
        let host = self.address.split('/').next().unwrap_or_default();
        let mut all = CUSTOMER_HOSTS.iter();
        let entry = all.find(|entry| entry.suffixes.iter().any(|suffix| host.ends_with(suffix)));
        entry.map_or("", |entry| entry.reason)
    }
}

/// Writes the rule that opens the service.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{} scope={}{}", self.address, self.scope, self.options)
    }
}

const fn exact(
    service: &'static str,
    #[cfg_attr(target_family = "wasm", expect(unused_variables, reason = "the documents alone need it"))]
    title: &'static str,
    cloud: Cloud,
    address: &'static str,
    scope: &'static str,
) -> Exact {
    Exact {
        service,
        #[cfg(not(target_family = "wasm"))]
        title,
        cloud,
        address,
        scope,
        options: "",
    }
}
