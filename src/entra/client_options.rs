//! A caller's settings for requests to Microsoft Entra. The environment has those that the caller leaves out.

use super::authority::{Authority, PUBLIC_CLOUD};
use super::client::Client;
use crate::error::Error;
use crate::host::{self, Host};
use crate::http::Url;
use crate::identifiers::{ClientId, TenantId};
use crate::prelude::*;

/// The settings; by default those of the environment.
#[derive(Clone, Debug, Default)]
pub struct ClientOptions {
    /// The URL of the authority; `None`: `AZURE_AUTHORITY_HOST`, else the public cloud.
    pub authority: Option<String>,
    /// The tenants that requests may name besides the client's own; `*` allows all.
    pub allowed_tenants: Vec<String>,
    /// Whether the caller vouches for the authority; `None`: `AZURE_DISABLE_INSTANCE_DISCOVERY`, else `false`.
    pub disable_instance_discovery: Option<bool>,
    /// The region; `None`: `AZURE_REGIONAL_AUTHORITY_NAME`, else none.
    pub region: Option<String>,
}

impl ClientOptions {
    /// The authority.
    ///
    /// # Errors
    /// `invalid-argument` when its URL or the region is malformed.
    pub fn authority(&self, host: &dyn Host, source: &str) -> Result<Authority, Error> {
        let variable = host::env(host, AUTHORITY_HOST);
        let (name, url) = match (&self.authority, &variable) {
            (Some(authority), _) => ("authority", authority.as_str()),
            (None, Some(authority)) => (AUTHORITY_HOST, authority.as_str()),
            (None, None) => (AUTHORITY_HOST, PUBLIC_CLOUD),
        };
        let url = Url::parse_authority(url);
        let url = url.map_err(|error| Error::invalid_argument(source, format_args!("{name} {error}")))?;
        let authority = Authority::new(host, source, url, self.region.clone())?;
        let is_validated =
            self.disable_instance_discovery.unwrap_or_else(|| host::is_on(host, DISABLE_INSTANCE_DISCOVERY));
        Ok(if is_validated { authority.validated() } else { authority })
    }

    /// A client of the authority.
    ///
    /// # Errors
    /// As [`authority`](Self::authority).
    pub fn client(
        &self,
        host: &dyn Host,
        source: &'static str,
        tenant_id: TenantId,
        client_id: ClientId,
    ) -> Result<Client, Error> {
        let authority = self.authority(host, source)?;
        Ok(Client { source, authority, tenant_id, client_id, allowed_tenants: self.allowed_tenants.clone() })
    }

    /// The same settings, which also allow the tenants of `AZURE_ADDITIONALLY_ALLOWED_TENANTS`: those of a source
    /// whose identity the environment chooses. The tenants in the variable are separated by semicolons.
    #[must_use]
    pub fn with_tenants_of_environment(&self, host: &dyn Host) -> Self {
        let mut allowed_tenants = allowed_tenants_of_environment(host);
        allowed_tenants.extend_from_slice(&self.allowed_tenants);
        Self { allowed_tenants, ..self.clone() }
    }
}

/// The authority of the environment, or the public cloud; in the environment's region, if it names one.
///
/// # Errors
/// As [`ClientOptions::authority`].
pub fn authority_of_environment(host: &dyn Host, source: &str) -> Result<Authority, Error> {
    ClientOptions::default().authority(host, source)
}

/// The tenants of `AZURE_ADDITIONALLY_ALLOWED_TENANTS`, which are separated by semicolons.
pub fn allowed_tenants_of_environment(host: &dyn Host) -> Vec<String> {
    let list = host::env(host, ALLOWED_TENANTS).unwrap_or_default();
    list.split(';').map(str::trim).filter(|tenant| !tenant.is_empty()).map(ToOwned::to_owned).collect()
}

const ALLOWED_TENANTS: &str = "AZURE_ADDITIONALLY_ALLOWED_TENANTS";
const AUTHORITY_HOST: &str = "AZURE_AUTHORITY_HOST";
/// A variable of this project: the Azure SDKs have this setting in their options alone.
const DISABLE_INSTANCE_DISCOVERY: &str = "AZURE_DISABLE_INSTANCE_DISCOVERY";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::FakeHost;

    #[test]
    fn an_option_goes_before_its_variable() {
        let host = FakeHost::new()
            .env(AUTHORITY_HOST, "login.microsoftonline.us")
            .env(DISABLE_INSTANCE_DISCOVERY, "true");
        let own = Some("https://login.example".to_owned());
        for (authority, disable_instance_discovery, url, is_validated) in [
            (None, None, "https://login.microsoftonline.us", true),
            (own.clone(), None, "https://login.example", true),
            (own, Some(false), "https://login.example", false),
        ] {
            let options = ClientOptions { authority, disable_instance_discovery, ..Default::default() };
            let authority = options.authority(&host, "test").expect("well-formed");
            let validated = authority.instance_discovery_request().is_none();
            assert_eq!((authority.origin(), validated), (url.to_owned(), is_validated), "{options:?}");
        }
    }

    #[test]
    fn a_malformed_authority_is_named_by_its_origin() {
        let host = FakeHost::new().env(AUTHORITY_HOST, "ftp://x");
        for (authority, name) in [(None, AUTHORITY_HOST), (Some("ftp://x".to_owned()), "authority")] {
            let options = ClientOptions { authority, ..Default::default() };
            let error = options.authority(&host, "test").expect_err("malformed").into_details().message;
            assert!(error.starts_with(&format!("test: {name} ")), "{error}");
        }
    }

    #[test]
    fn the_tenants_of_the_environment_are_added() {
        let host = FakeHost::new().env(ALLOWED_TENANTS, " a ;;b; ");
        let options = ClientOptions { allowed_tenants: vec!["c".to_owned()], ..Default::default() };
        assert_eq!(options.with_tenants_of_environment(&host).allowed_tenants, ["a", "b", "c"]);
    }
}
