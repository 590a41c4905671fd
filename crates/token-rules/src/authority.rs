//! The authorities of Microsoft Entra: the hosts that issue tokens.

/// Each of Microsoft's clouds by all its names, as instance discovery lists them; the first is the public cloud.
pub const CLOUDS: &[&[&str]] = &[
    &["login.microsoftonline.com", "login.windows.net", REGIONAL, "sts.windows.net"],
    &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
    &["login.microsoftonline.us", "login.usgovcloudapi.net"],
    &["login.sovcloud-identity.fr"],
    &["login.sovcloud-identity.de"],
    &["login.sovcloud-identity.sg"],
];

/// The name of the public cloud that its regions are below, e.g. `westeurope.login.microsoft.com`.
pub const REGIONAL: &str = "login.microsoft.com";

/// Whether a host is the public cloud by one of its names. `host` is in lower case, here and below.
pub fn is_public_cloud(host: &str) -> bool {
    CLOUDS.first().is_some_and(|names| names.contains(&host))
}

/// Whether a host is Microsoft's, so that a credential may be sent there without instance discovery: one of the
/// clouds, a region of the public cloud, or a tenant of Entra External ID.
pub fn is_known(host: &str) -> bool {
    CLOUDS.iter().any(|names| names.contains(&host))
        || is_below(host, REGIONAL)
        || is_below(host, EXTERNAL_ID)
}

/// Whether a host may issue tokens: everything that [`is_known`], every name below one of the clouds, and the
/// authorities of retired clouds, of consumers and of customers' tenants. Wider than [`is_known`], because it serves to
/// keep requests away and not to send credentials there.
pub fn may_issue_tokens(host: &str) -> bool {
    let is_at_or_below = |name: &str| host == name || is_below(host, name);
    CLOUDS.iter().copied().flatten().chain(OTHERS).any(|name| is_at_or_below(name))
}

/// Whether a host is a name below another.
fn is_below(host: &str, name: &str) -> bool {
    host.strip_suffix(name).is_some_and(|labels| labels.ends_with('.'))
}

/// Tenants of Entra External ID are names below it.
const EXTERNAL_ID: &str = "ciamlogin.com";

/// The United States and Germany before they had clouds of their own, consumers, Azure AD B2C, Entra External ID.
const OTHERS: &[&str] = &[
    "login-us.microsoftonline.com",
    "login.microsoftonline.de",
    "login.live.com",
    "b2clogin.com",
    EXTERNAL_ID,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clouds_their_regions_and_external_tenants_are_known() {
        for host in [
            "login.microsoftonline.com",
            "login.chinacloudapi.cn",
            "login.microsoftonline.us",
            "westeurope.login.microsoft.com",
            "contoso.ciamlogin.com",
        ] {
            assert!(is_known(host) && may_issue_tokens(host), "{host}");
        }
    }

    #[test]
    fn names_that_resemble_an_authority_are_none() {
        for host in [
            "",
            "microsoftonline.com",
            "login.microsoftonline.com.example",
            "xlogin.microsoft.com",
            "evil-login.microsoftonline.com",
            "notciamlogin.com",
        ] {
            assert!(!is_known(host) && !may_issue_tokens(host), "{host}");
        }
    }

    #[test]
    fn more_hosts_may_issue_tokens_than_credentials_are_sent_to() {
        for host in [
            "westeurope.login.microsoftonline.us",
            "login-us.microsoftonline.com",
            "login.live.com",
            "contoso.b2clogin.com",
            "ciamlogin.com",
        ] {
            assert!(!is_known(host) && may_issue_tokens(host), "{host}");
        }
    }
}
