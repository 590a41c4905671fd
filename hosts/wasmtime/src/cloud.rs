//! The hosts that the sources of the provider have in each of Microsoft's clouds.

use crate::outgoing::AllowedHost;
use azure_token_rules::authority::{CLOUDS, REGIONAL};
use http::Uri;

/// One of Microsoft's clouds, for [`allow_azure`](crate::ProviderBuilder::allow_azure).
///
/// Its hosts are the authorities of Microsoft Entra, `169.254.169.254` (the instance metadata service), `localhost:40342` (the
/// agent of Azure Arc), and the hosts in those of the provider's variables by which a managed host announces its endpoint:
/// `IDENTITY_ENDPOINT`, `IMDS_ENDPOINT`, `MSI_ENDPOINT`, `AZURE_POD_IDENTITY_AUTHORITY_HOST` and `SYSTEM_OIDCREQUESTURI`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cloud {
    /// The public cloud: `login.microsoftonline.com`, its other names, and its regions.
    Public,
    /// Azure operated by 21Vianet: `login.partner.microsoftonline.cn`.
    China,
    /// Azure for US Government: `login.microsoftonline.us`.
    UsGovernment,
    /// The sovereign cloud of France: `login.sovcloud-identity.fr`.
    France,
    /// The sovereign cloud of Germany: `login.sovcloud-identity.de`.
    Germany,
    /// The sovereign cloud of Singapore: `login.sovcloud-identity.sg`.
    Singapore,
}

impl Cloud {
    /// The hosts of the cloud, and of the endpoints in these variables.
    ///
    /// # Errors
    /// Which variable does not hold a URL.
    pub(crate) fn hosts(self, env: &[(String, String)]) -> Result<Vec<AllowedHost>, String> {
        let mut hosts: Vec<_> = self.authorities().iter().map(|name| format!("https://{name}")).collect();
        if self == Self::Public {
            hosts.push(format!("https://*.{REGIONAL}"));
        }
        hosts.extend([IMDS, AZURE_ARC].map(str::to_owned));
        let mut hosts = hosts.iter().map(|host| AllowedHost::parse(host)).collect::<Result<Vec<_>, _>>()?;
        for (name, value) in env.iter().filter(|(name, _)| ENDPOINTS.contains(&name.as_str())) {
            if !value.trim().is_empty() {
                hosts.push(endpoint(name, value.trim())?);
            }
        }
        Ok(hosts)
    }

    /// The names of its authority.
    fn authorities(self) -> &'static [&'static str] {
        CLOUDS.get(self as usize).copied().unwrap_or_default()
    }
}

/// The host of a URL in a variable, which may hold a secret in another part.
fn endpoint(name: &str, value: &str) -> Result<AllowedHost, String> {
    let malformed = || format!("the variable {name} does not hold a URL with a host; correct it or unset it");
    let uri: Uri = value.parse().map_err(|_| malformed())?;
    let (scheme, authority) = uri.scheme().zip(uri.authority()).ok_or_else(malformed)?;
    AllowedHost::parse(&format!("{scheme}://{authority}")).map_err(|_| malformed())
}

const IMDS: &str = "http://169.254.169.254";
const AZURE_ARC: &str = "http://localhost:40342";
/// The variables by which a managed host, AKS and Azure Pipelines announce their endpoints.
const ENDPOINTS: &[&str] = &[
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "IDENTITY_ENDPOINT",
    "IMDS_ENDPOINT",
    "MSI_ENDPOINT",
    "SYSTEM_OIDCREQUESTURI",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(cloud: Cloud, env: &[(&str, &str)], uri: &str) -> bool {
        let env: Vec<_> = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let hosts = cloud.hosts(&env).expect("the variables are URLs");
        hosts.iter().any(|host| host.matches(&uri.parse().expect(uri)))
    }

    #[test]
    fn each_cloud_has_its_own_authority_and_no_other() {
        let authorities = [
            (Cloud::Public, "https://login.microsoftonline.com/"),
            (Cloud::China, "https://login.partner.microsoftonline.cn/"),
            (Cloud::UsGovernment, "https://login.microsoftonline.us/"),
            (Cloud::France, "https://login.sovcloud-identity.fr/"),
            (Cloud::Germany, "https://login.sovcloud-identity.de/"),
            (Cloud::Singapore, "https://login.sovcloud-identity.sg/"),
        ];
        assert_eq!(authorities.len(), CLOUDS.len(), "every cloud that the provider knows has a variant");
        for (cloud, _) in authorities {
            for (other, authority) in authorities {
                assert_eq!(allows(cloud, &[], authority), cloud == other, "{cloud:?} {authority}");
            }
            assert!(allows(cloud, &[], "http://169.254.169.254/metadata/identity/oauth2/token"), "{cloud:?}");
        }
        assert!(allows(Cloud::Public, &[], "https://westeurope.login.microsoft.com/"));
        assert!(!allows(Cloud::China, &[], "https://westeurope.login.microsoft.com/"));
    }

    #[test]
    fn the_endpoints_of_managed_hosts_are_allowed_by_scheme_host_and_port() {
        let env = [("IDENTITY_ENDPOINT", "http://127.0.0.1:41741/msi/token/"), ("MSI_ENDPOINT", " ")];
        assert!(allows(Cloud::Public, &env, "http://127.0.0.1:41741/msi/token/?resource=x"));
        for other in ["http://127.0.0.1:41742/", "https://127.0.0.1:41741/", "http://127.0.0.2:41741/"] {
            assert!(!allows(Cloud::Public, &env, other), "{other}");
        }
    }

    #[test]
    fn another_authority_is_not_allowed_by_its_variable() {
        let env = [("AZURE_AUTHORITY_HOST", "https://login.evil.example")];
        assert!(!allows(Cloud::Public, &env, "https://login.evil.example/"));
    }

    #[test]
    fn a_variable_that_is_no_url_is_named_without_its_value() {
        for value in ["s3cr3t", "http://", "http://user:s3cr3t@host/", "s3cr3t://host/ "] {
            let env = [("MSI_ENDPOINT".to_owned(), value.to_owned())];
            assert_eq!(
                Cloud::Public.hosts(&env).expect_err(value),
                "the variable MSI_ENDPOINT does not hold a URL with a host; correct it or unset it"
            );
        }
    }
}
