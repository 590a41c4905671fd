//! The suffixes, and whether a rule reaches one.

use crate::rules::Hosts;
use crate::rules::services::PROJECTS;
use crate::target::{Relation, relation};
use core::iter;

/// Suffixes that have a reason in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomerHosts {
    /// The suffixes, of all clouds.
    pub suffixes: &'static [&'static str],
    /// The path below which customers' code is called; `None`: anywhere.
    pub path: Option<&'static str>,
    /// What calls customers' code, as the end of a sentence.
    pub reason: &'static str,
}

/// The suffixes. `SERVICES.md` has the source of each reason.
#[rustfmt::skip]
pub const CUSTOMER_HOSTS: &[CustomerHosts] = &[
    // connectHeaders and requestHeaders of "Azure Relay Hybrid Connections protocol".
    at(&["servicebus.windows.net", "servicebus.usgovcloudapi.net", "servicebus.chinacloudapi.cn"], "Azure Relay hands headers to the listeners of its customers"),
    // The event "connect" of "CloudEvents extension for Azure Web PubSub event handler".
    at(&["webpubsub.azure.com", "webpubsub.azure.us", "webpubsub.azure.cn"], "Web PubSub hands headers to the event handlers of its customers"),
    // OpenConnection of the "Azure SignalR Service Protocol".
    at(&["service.signalr.net", "signalr.azure.us", "signalr.azure.cn"], "SignalR hands headers to the servers of its customers"),
    // Request.getValue of the "Azure Cosmos DB server-side JavaScript API".
    at(&["documents.azure.com", "documents.azure.us", "documents.azure.cn"], "Cosmos DB shows headers to the stored procedures and triggers of its customers"),
    // "Hosted agent contract": no page states that the header is removed. An account has all of these names.
    CustomerHosts { path: Some(PROJECTS), ..at(&["services.ai.azure.com", "cognitiveservices.azure.com", "openai.azure.com", "cognitiveservices.azure.us", "openai.azure.us", "cognitiveservices.azure.cn"], "Foundry calls the containers of its customers, its hosted agents") },
    // "User data functions" run in the process that receives the request.
    at(&["api.fabric.microsoft.com"], "Fabric calls the functions of its customers"),
    // The driver proxy, model serving and "Access HTTP headers passed to Databricks apps".
    at(&["azuredatabricks.net", "azuredatabricksapps.com", "databricksapps.com", "databricks.azure.us", "databricks.azure.cn"], "Databricks forwards requests to the clusters and apps of its customers"),
    // "Data source proxy calls" of Grafana's HTTP API, and plugins.
    at(&["grafana.azure.com", "grafana.azure.us", "grafana.azure.cn"], "Grafana forwards requests to the data sources of its customers"),
    // "Online endpoints": the container that the customer deploys answers.
    at(&["inference.ml.azure.com", "inference.ml.azure.us", "inference.ml.azure.cn", "instances.azureml.ms", "instances.azureml.us", "instances.azureml.cn"], "Machine Learning forwards requests to the containers of its customers"),
    at(&["azurehdinsight.net", "azurehdinsight.us", "azurehdinsight.cn"], "HDInsight forwards requests to the clusters of its customers"),
    // "headers" of the requests that user-defined endpoints receive: they run in CCF, the Confidential Consortium Framework.
    at(&["confidential-ledger.azure.com"], "Confidential Ledger shows headers to the endpoints that its customers define"),
    // WebhookData.RequestHeader of "Start a runbook from a webhook".
    at(&["azure-automation.net", "azure-automation.us", "azure-automation.cn"], "Automation hands headers to the runbooks of its customers"),
    // The outputs of the Request trigger ("connectors-native-reqs").
    at(&["logic.azure.com", "logic.azure.us", "logic.azure.cn", "environment.api.powerplatform.com"], "Logic Apps and Power Automate hand headers to the workflows of their customers"),
    at(&[
        "azurewebsites.net", "azurewebsites.us", "chinacloudsites.cn", "appserviceenvironment.net", "appserviceenvironment.us",
        "azurestaticapps.net", "azurecontainerapps.io", "azurecontainerapps.us", "azurecontainerapps.cn", "dynamicsessions.io", "azurecontainer.io", "azuremicroservices.io", "aroapp.io", "aksapp.io",
        "cloudapp.azure.com", "cloudapp.net", "cloudapp.usgovcloudapi.net", "usgovcloudapp.net", "cloudapp.chinacloudapi.cn", "chinacloudapp.cn",
    ], "the programs of Azure's customers answer"),
    at(&[
        "azure-api.net", "azure-api.us", "azure-api.cn", "azurefd.net", "azurefd.us", "azurefd.cn", "azureedge.net", "azureedge.us", "azureedge.cn",
        "trafficmanager.net", "usgovtrafficmanager.net", "trafficmanager.cn", "msappproxy.net", "devtunnels.ms",
    ], "Azure forwards requests to the servers of its customers"),
];

impl CustomerHosts {
    /// The suffix of the list below which a host of a rule could be, with its reason; `None`: none, or the rule names
    /// one host. `path` is that of the rule.
    pub fn reached_by(hosts: &Hosts, path: Option<&str>) -> Option<(&'static str, &'static Self)> {
        let all = CUSTOMER_HOSTS.iter().filter(|entry| entry.is_at(path));
        let suffixes = |entry: &'static Self| entry.suffixes.iter().map(move |suffix| (*suffix, entry));
        all.flat_map(suffixes).find(|(suffix, _)| could_be_below(hosts, suffix))
    }

    /// Whether customers' code is called for some request that a rule with this path matches.
    fn is_at(&self, path: Option<&str>) -> bool {
        match (self.path, path) {
            (Some(theirs), Some(path)) => {
                relation(theirs, path) != Relation::Outside || relation(path, theirs) != Relation::Outside
            }
            (None, _) | (_, None) => true,
        }
    }
}

const fn at(suffixes: &'static [&'static str], reason: &'static str) -> CustomerHosts {
    CustomerHosts { suffixes, path: None, reason }
}

/// Whether a name of the pattern can end in this suffix and have more labels: both are compared from the last label, and
/// a wildcard is any label.
fn could_be_below(hosts: &Hosts, suffix: &str) -> bool {
    let Hosts::Below(wildcards, name) = hosts else { return false };
    if wildcards.saturating_add(name.split('.').count()) <= suffix.split('.').count() {
        return false;
    }
    let labels = name.rsplit('.').map(Some).chain(iter::repeat(None));
    labels.zip(suffix.rsplit('.')).all(|(label, theirs)| label.is_none_or(|label| label == theirs))
}
