//! Authorities: Microsoft's clouds and their regions, and the validation of any other authority.
//!
//! A secret that is sent to the wrong host is lost. An authority that is not in the table is therefore
//! validated by Microsoft (instance discovery, as MSAL does it) or by the caller
//! (`disable-instance-discovery`) before a secret is sent to it. An authority in the table costs no request.

use crate::error::Error;
use crate::host::{self, Host};
use crate::http::{HttpError, Request, Url, percent_encode, url::Scheme};
use crate::prelude::*;
use azure_token_rules::authority;
use core::ops::Deref;

/// An authority. It dereferences to its URL.
#[derive(Clone, Debug)]
pub struct Authority {
    url: Url,
    regional: Option<Url>,
    /// Whether it needs no instance discovery.
    is_validated: bool,
    /// Whether its tokens for applications come from a proxy, which `regional` is then.
    is_proxied: bool,
}

impl Authority {
    /// An authority whose tokens for applications come from a region: from `region`, else from the one that
    /// `AZURE_REGIONAL_AUTHORITY_NAME` names, else from none.
    ///
    /// # Errors
    /// `invalid-argument` when the region's name is malformed.
    pub fn new(host: &dyn Host, source: &str, url: Url, region: Option<String>) -> Result<Self, Error> {
        let mut region = region.or_else(|| host::env(host, VARIABLE));
        if let Some(name) = &mut region {
            *name = name.trim().to_ascii_lowercase();
        }
        if region.as_deref() == Some("tryautodetect") {
            // App Service and Functions set this variable. Elsewhere the region is known to the metadata
            // service alone. On a machine without one the request would take seconds, so none is sent.
            region = host::env(host, "REGION_NAME").filter(|region| is_region(region));
        }
        let mut authority = Self::from(url);
        if let Some(region) = region.filter(|_| authority.url.scheme() == Scheme::Https) {
            let central = authority.url.authority();
            let central = if authority::is_public_cloud(central) { authority::REGIONAL } else { central };
            let url = is_region(&region).then(|| Url::parse(&format!("https://{region}.{central}")).ok());
            authority.regional =
                Some(url.flatten().ok_or_else(|| Error::invalid_argument(source, NO_REGION))?);
        }
        Ok(authority)
    }

    /// The same authority, validated by the caller.
    #[must_use]
    pub fn validated(self) -> Self {
        Self { is_validated: true, ..self }
    }

    /// The same authority, whose tokens for applications come from a proxy. Nothing is sent to the authority itself, so
    /// nothing has to be validated.
    #[must_use]
    pub fn proxied(self, proxy: Url) -> Self {
        Self { regional: Some(proxy), is_validated: true, is_proxied: true, ..self }
    }

    /// The remedy, with `; ` in front, when a token request gets no response; empty: there is none.
    pub fn remedy(&self, error: HttpError) -> &'static str {
        if self.is_proxied && error == HttpError::Tls { TLS_OF_PROXY } else { "" }
    }

    /// The request for instance discovery, whose response says whether this is an authority; `None`: it is
    /// known, or validated by the caller.
    pub fn instance_discovery_request(&self) -> Option<Request> {
        if self.is_validated {
            return None;
        }
        let host = percent_encode(self.url.authority());
        let url = format!("{DISCOVERY}https%3A%2F%2F{host}%2Fcommon%2Foauth2%2Fv2.0%2Fauthorize");
        Url::parse(&url).ok().map(Request::get)
    }

    /// Whether it is one of Microsoft's clouds.
    pub fn is_known(&self) -> bool {
        authority::is_known(self.url.authority())
    }

    /// The URL whose token endpoint serves applications.
    pub fn regional(&self) -> &Url {
        self.regional.as_ref().unwrap_or(&self.url)
    }
}

impl From<Url> for Authority {
    fn from(url: Url) -> Self {
        // `http` is for loopback alone, which is a test.
        let is_validated = authority::is_known(url.authority()) || url.scheme() == Scheme::Http;
        Self { url, regional: None, is_validated, is_proxied: false }
    }
}

impl Deref for Authority {
    type Target = Url;

    fn deref(&self) -> &Url {
        &self.url
    }
}

/// As MSAL's rule: letters, digits and hyphens of a DNS label.
fn is_region(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    name.len() < 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(allowed)
}

/// `wasi:http` has neither a server name nor a CA.
const TLS_OF_PROXY: &str = "; the component's host has to verify this proxy, with AZURE_KUBERNETES_SNI_NAME as the server name and the CA of AZURE_KUBERNETES_CA_FILE or AZURE_KUBERNETES_CA_DATA";
/// The remedy for every failure of instance discovery.
pub const NOT_VALIDATED: &str = "; instance discovery did not validate the authority, so nothing was sent there: check AZURE_AUTHORITY_HOST, or set disable-instance-discovery (Azure CLI: az config set core.instance_discovery=false) if it is your own";
const DISCOVERY: &str =
    "https://login.microsoftonline.com/common/discovery/instance?api-version=1.1&authorization_endpoint=";
/// The authority of the public cloud.
pub const PUBLIC_CLOUD: &str = "https://login.microsoftonline.com";
const NO_REGION: &str = "region, or AZURE_REGIONAL_AUTHORITY_NAME, must be a region's name, e.g. westeurope";
const VARIABLE: &str = "AZURE_REGIONAL_AUTHORITY_NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::FakeHost;

    fn authority(host: &str) -> Authority {
        Url::parse_authority(host).expect("an authority").into()
    }

    #[test]
    fn an_authority_of_microsoft_needs_no_instance_discovery() {
        for known in [
            "login.microsoftonline.com",
            "login.chinacloudapi.cn",
            "https://LOGIN.microsoftonline.us/",
            "westeurope.login.microsoft.com",
            "contoso.ciamlogin.com",
            "http://127.0.0.1:8169",
        ] {
            assert!(authority(known).instance_discovery_request().is_none(), "{known}");
        }
        assert!(authority("login.example").validated().instance_discovery_request().is_none());
    }

    #[test]
    fn another_authority_needs_instance_discovery_until_it_is_validated() {
        for unknown in [
            "login.microsoftonline.com.example",
            "login.microsoft.com:444",
            "xlogin.microsoft.com",
            "ciamlogin.com",
        ] {
            let authority = authority(unknown);
            let url = authority.instance_discovery_request().expect("is not validated").url;
            assert_eq!(url.authority(), "login.microsoftonline.com");
            let unknown = unknown.replace(':', "%3A");
            assert_eq!(
                url.path_and_query(),
                format!(
                    "/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2F{unknown}%2Fcommon%2Foauth2%2Fv2.0%2Fauthorize"
                )
            );
            assert!(authority.validated().instance_discovery_request().is_none());
        }
    }

    #[test]
    fn a_region_precedes_the_host_and_has_one_name_in_the_public_cloud() {
        let regional = |host: &str, region: &str, detected: &str| {
            let environment = FakeHost::new().env(VARIABLE, region).env("REGION_NAME", detected);
            let url = Url::parse_authority(host).expect("an authority");
            let authority = Authority::new(&environment, "test", url, None);
            authority
                .map(|it| it.regional().authority().to_owned())
                .map_err(|error| error.into_details().message)
        };
        for (host, region, detected, expected) in [
            ("login.windows.net", "westeurope", "", "westeurope.login.microsoft.com"),
            ("login.microsoftonline.us", "USGovVirginia", "", "usgovvirginia.login.microsoftonline.us"),
            ("login.microsoftonline.com", " ", "eastus", "login.microsoftonline.com"),
            ("login.microsoftonline.com", "TryAutoDetect", "eastus", "eastus.login.microsoft.com"),
            ("login.microsoftonline.com", "tryautodetect", "East US", "login.microsoftonline.com"),
            ("login.microsoftonline.com", "tryautodetect", "", "login.microsoftonline.com"),
            ("http://127.0.0.1:8169", "westeurope", "", "127.0.0.1:8169"),
        ] {
            assert_eq!(regional(host, region, detected).as_deref(), Ok(expected), "{host} {region}");
        }
        for bad in ["west europe", "evil.example/", "-x", "x-", "9x", "x#", "ä"] {
            assert!(regional("login.microsoftonline.com", bad, "").is_err(), "{bad}");
        }
    }
}
