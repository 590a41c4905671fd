//! The options of the client, and the client that they make.

use super::azure_proxy::{self, AzureProxy};
use super::connections::{Connections, trusting};
use super::endpoint::Endpoint;
use super::http_client::{HttpClient, Inner};
use super::https_proxy::{HttpsProxy, from_variables};
use super::pinned::Thumbprint;
use super::roots::Roots;
use super::route::Through;
use crate::error::LoadError;
use azure_token_rules::host::Host;
use http::Uri;
use std::sync::Arc;

/// The options of the client. It has no `Debug`, because the URL of a proxy may have credentials.
#[derive(Default)]
pub(crate) struct ClientSettings {
    /// CAs in PEM, besides the public ones.
    pub(crate) roots: Vec<Vec<u8>>,
    pub(crate) proxy: ProxySetting,
    pub(crate) no_proxy: Option<String>,
    pub(crate) azure_proxy: bool,
}

/// Where the URL of the proxy comes from.
#[derive(Default)]
pub(crate) enum ProxySetting {
    #[default]
    None,
    Environment,
    Url(String),
}

/// The variables of a provider, by their names; never empty.
pub(crate) type Variables<'a> = dyn Fn(&str) -> Option<String> + 'a;

impl ClientSettings {
    /// The name of an option that is set; `None`: all have their defaults.
    pub(crate) fn chosen(&self) -> Option<&'static str> {
        let options = [
            ("root_certificates", !self.roots.is_empty()),
            ("proxy_from_env", matches!(self.proxy, ProxySetting::Environment)),
            ("https_proxy", matches!(self.proxy, ProxySetting::Url(_))),
            ("no_proxy", self.no_proxy.is_some()),
            ("enable_azure_proxy", self.azure_proxy),
        ];
        options.into_iter().find(|(_, is_set)| *is_set).map(|(name, _)| name)
    }

    /// Makes the client.
    ///
    /// # Errors
    /// What is wrong with an option or a variable.
    pub(crate) fn build(&self, variables: &Variables<'_>) -> Result<HttpClient, LoadError> {
        let roots = Roots::public_and(&self.roots).map_err(|what| refused("root_certificates", what))?;
        let internal = |error: rustls::Error| refused("root_certificates", error.to_string());
        let tls = Arc::new(trusting(&roots).map_err(internal)?);
        let through = self.https_proxy(variables)?.map(|proxy| Through { proxy: Arc::new(proxy), tls });
        let public = Arc::new(Connections::public(&roots, through).map_err(internal)?);
        let azure_proxy = self.azure_proxy(variables, &roots)?;
        let service_fabric = service_fabric(variables)?;
        Ok(HttpClient(Arc::new(Inner { public, azure_proxy, service_fabric })))
    }

    fn https_proxy(&self, variables: &Variables<'_>) -> Result<Option<HttpsProxy>, LoadError> {
        let of_process = |name: &str| std::env::var(name).ok();
        let (option, url, no_proxy) = match &self.proxy {
            ProxySetting::None => return Ok(None),
            ProxySetting::Url(url) => ("https_proxy", url.clone(), String::new()),
            ProxySetting::Environment => match from_variables(of_process) {
                Some((url, no_proxy)) => ("proxy_from_env", url, no_proxy),
                None => return Ok(None),
            },
        };
        let no_proxy = self.no_proxy.as_ref().unwrap_or(&no_proxy);
        let proxy = HttpsProxy::new(&url, no_proxy, identity_endpoints(variables));
        proxy.map(Some).map_err(|what| refused(option, what))
    }

    fn azure_proxy(
        &self,
        variables: &Variables<'_>,
        public: &Roots,
    ) -> Result<Option<Arc<AzureProxy>>, LoadError> {
        // As the component reads it.
        let is_on =
            |value: String| matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes");
        if !self.azure_proxy && !variables("AZURE_IDENTITY_ENABLE_AZURE_PROXY").is_some_and(is_on) {
            return Ok(None);
        }
        let settings = azure_proxy::Settings {
            token_proxy: variables(azure_proxy::TOKEN_PROXY),
            sni_name: variables(azure_proxy::SNI_NAME),
            ca_file: variables(azure_proxy::CA_FILE),
            ca_data: variables(azure_proxy::CA_DATA),
        };
        let proxy = AzureProxy::new(settings, public);
        Ok(proxy.map_err(|what| refused("enable_azure_proxy", what))?.map(Arc::new))
    }
}

/// The endpoint of Service Fabric and the connections to it; `None` when the variables do not name one. An endpoint that
/// is not reached by `https` is not connected to: the component refuses it.
fn service_fabric(variables: &Variables<'_>) -> Result<Option<(Endpoint, Arc<Connections>)>, LoadError> {
    let Some((endpoint, thumbprint)) = variables("IDENTITY_ENDPOINT").zip(variables(THUMBPRINT)) else {
        return Ok(None);
    };
    let what =
        || format!("{THUMBPRINT} must be the SHA-1 thumbprint of a certificate: 40 hexadecimal digits");
    let thumbprint = Thumbprint::parse(&thumbprint).ok_or_else(|| refused("env", what()))?;
    let endpoint = endpoint.parse().ok().and_then(|uri: Uri| Endpoint::of(&uri));
    let connections = Connections::pinned(thumbprint, THUMBPRINT);
    let connections = connections.map_err(|error| refused("env", error.to_string()))?;
    Ok(endpoint.map(|endpoint| (endpoint, Arc::new(connections))))
}

/// The hosts of the managed identity endpoints that variables name. No proxy may see the secrets that they are sent.
fn identity_endpoints(variables: &Variables<'_>) -> Vec<Host> {
    let hosts = IDENTITY_ENDPOINTS.iter().filter_map(|name| {
        let uri: Uri = variables(name)?.trim().parse().ok()?;
        Host::parse(uri.host()?).ok()
    });
    hosts.collect()
}

fn refused(option: &'static str, what: impl Into<String>) -> LoadError {
    LoadError::Configuration { option, what: what.into() }
}

const THUMBPRINT: &str = "IDENTITY_SERVER_THUMBPRINT";

/// The variables that name endpoints which are sent secrets.
const IDENTITY_ENDPOINTS: &[&str] =
    &["AZURE_POD_IDENTITY_AUTHORITY_HOST", "IDENTITY_ENDPOINT", "IMDS_ENDPOINT", "MSI_ENDPOINT"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_of_the_proxy_and_the_variables_reach_its_rules() {
        let settings = ClientSettings {
            proxy: ProxySetting::Url("http://proxy.contoso.com:8080".to_owned()),
            no_proxy: Some("adfs.contoso.com".to_owned()),
            ..ClientSettings::default()
        };
        let variables = |name: &str| match name {
            "IDENTITY_ENDPOINT" => Some("https://identity.contoso.com:2377/oauth2/token".to_owned()),
            "MSI_ENDPOINT" => Some("not an address".to_owned()),
            _ => None,
        };
        let proxy = settings.https_proxy(&variables).expect("the URL is valid").expect("there is a proxy");
        let is_intercepted =
            |destination: &str| proxy.intercept(&destination.parse().expect(destination)).is_some();
        assert!(is_intercepted("https://login.microsoftonline.com/"));
        assert!(!is_intercepted("https://adfs.contoso.com/adfs"));
        assert!(!is_intercepted("https://identity.contoso.com/"));
    }

    #[test]
    fn an_option_that_is_set_is_named() {
        let azure_proxy = ClientSettings { azure_proxy: true, ..ClientSettings::default() };
        assert_eq!(
            (ClientSettings::default().chosen(), azure_proxy.chosen()),
            (None, Some("enable_azure_proxy"))
        );
    }
}
