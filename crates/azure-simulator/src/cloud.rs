//! The national clouds and their hosts ("National clouds", section "Microsoft Entra authentication endpoints").

use serde::Deserialize;

/// A cloud with its own Microsoft Entra ID.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// Microsoft Azure operated by 21Vianet.
    China,
    /// The global Azure cloud.
    #[default]
    Public,
    /// Azure Government.
    UsGovernment,
}

impl Cloud {
    /// The cloud of a sign-in host, regional hosts included.
    pub fn at(host: &str) -> Option<Cloud> {
        match host {
            "login-us.microsoftonline.com" | PRIVATE => Some(Cloud::Public),
            "login.microsoftonline.com" | "login.microsoft.com" | "login.windows.net" => Some(Cloud::Public),
            "login.microsoftonline.us" | "login.usgovcloudapi.net" => Some(Cloud::UsGovernment),
            "login.partner.microsoftonline.cn" | "login.chinacloudapi.cn" => Some(Cloud::China),
            other => Cloud::in_region(other),
        }
    }

    /// The cloud of a regional sign-in host, which is the cloud's host behind a label for the region ("Resilience through
    /// developer best practices").
    pub fn in_region(host: &str) -> Option<Cloud> {
        let (region, rest) = host.split_once('.')?;
        let cloud = match rest {
            "login.microsoft.com" => Cloud::Public,
            "login.microsoftonline.us" => Cloud::UsGovernment,
            "login.partner.microsoftonline.cn" | "login.chinacloudapi.cn" => Cloud::China,
            _ => return None,
        };
        (!region.is_empty()).then_some(cloud)
    }

    /// Whether instance discovery lists this host.
    pub fn is_public_instance(host: &str) -> bool {
        host != PRIVATE && Cloud::at(host).is_some()
    }

    /// The host in issuers and in `error_uri`.
    pub fn login_host(self) -> &'static str {
        match self {
            Cloud::China => "login.partner.microsoftonline.cn",
            Cloud::Public => "login.microsoftonline.com",
            Cloud::UsGovernment => "login.microsoftonline.us",
        }
    }

    /// The `iss` of version 1 tokens.
    pub fn v1_issuer(self, tenant_id: &str) -> String {
        let host = if self == Cloud::China { "sts.chinacloudapi.cn" } else { "sts.windows.net" };
        format!("https://{host}/{tenant_id}/")
    }

    /// The `iss` of version 2 tokens and id tokens.
    pub fn v2_issuer(self, tenant_id: &str) -> String {
        format!("https://{}/{tenant_id}/v2.0", self.login_host())
    }

    /// `tenant_region_scope` and `cloud_graph_host_name` of the discovery document.
    pub fn region_and_graph(self) -> (&'static str, &'static str) {
        match self {
            Cloud::China => ("CN", "microsoftgraph.chinacloudapi.cn"),
            Cloud::Public => ("EU", "graph.microsoft.com"),
            Cloud::UsGovernment => ("USGov", "graph.microsoft.us"),
        }
    }
}

/// The sign-in host of a cloud that instance discovery does not list, as that of an air-gapped cloud.
const PRIVATE: &str = "login.private.example";
