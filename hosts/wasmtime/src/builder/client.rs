//! The options of the HTTP client of the instances.

use super::ProviderBuilder;
use crate::allowance::Allowance;
use crate::client::{InstanceClient, ProxySetting};
use crate::error::LoadError;

impl ProviderBuilder {
    /// Trusts further certification authorities (CAs), for example that of a network which inspects TLS. `pem` has one
    /// or more certificates in PEM.
    ///
    /// They are added to the public ones of [Mozilla's list](https://docs.rs/webpki-roots), which this crate was built
    /// with. The list of the operating system is not read; pass its file if its CAs are needed.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::Provider;
    /// # fn main() -> std::io::Result<()> {
    /// let builder = Provider::builder().root_certificates(std::fs::read("/etc/ssl/certs/ca-certificates.crt")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.client.roots.push(pem.into());
        self
    }

    /// Sends requests by `https` through this HTTP proxy, in a tunnel (`CONNECT`), in which TLS is between the provider
    /// and the service. The URL may have a user name and a password, which no error and no trace shows.
    ///
    /// Never sent through it: requests by plain `http`; requests to this machine, to metadata services and to the hosts
    /// that `IDENTITY_ENDPOINT`, `IMDS_ENDPOINT`, `MSI_ENDPOINT` and `AZURE_POD_IDENTITY_AUTHORITY_HOST` name; and those
    /// to the token proxy of [`enable_azure_proxy`](Self::enable_azure_proxy).
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().https_proxy("http://proxy.contoso.com:8080");
    /// ```
    pub fn https_proxy(mut self, url: impl Into<String>) -> Self {
        self.client.proxy = ProxySetting::Url(url.into());
        self
    }

    /// Sends requests by `https` through the proxy of this process' variables `HTTPS_PROXY` and `NO_PROXY`, or
    /// `https_proxy` and `no_proxy`, if there is one. Otherwise as [`https_proxy`](Self::https_proxy).
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().proxy_from_env();
    /// ```
    pub fn proxy_from_env(mut self) -> Self {
        self.client.proxy = ProxySetting::Environment;
        self
    }

    /// Sets the hosts that are reached without the proxy, in the form of `NO_PROXY`, which it replaces: names, which
    /// include the names below them, addresses, and networks, separated by commas; `*` is all hosts.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().proxy_from_env().no_proxy("adfs.contoso.com, 10.0.0.0/8");
    /// ```
    pub fn no_proxy(mut self, hosts: impl Into<String>) -> Self {
        self.client.no_proxy = Some(hosts.into());
        self
    }

    /// Enables [identity bindings](https://learn.microsoft.com/azure/aks/identity-bindings-concepts) of Azure Kubernetes
    /// Service: workload identity gets its tokens from the cluster's token proxy.
    ///
    /// The proxy's address is the variable `AZURE_KUBERNETES_TOKEN_PROXY`; without it, this option has no effect. Its
    /// server name is `AZURE_KUBERNETES_SNI_NAME`, and its CA `AZURE_KUBERNETES_CA_FILE` (a path on this machine) or
    /// `AZURE_KUBERNETES_CA_DATA`: the only CA of that server, and of no other. They are taken from [`env`](Self::env),
    /// and from this process if [`inherit_env`](Self::inherit_env) was called. The CA file is read for each request; an
    /// empty one keeps the last CA. The proxy is an allowed host. The variable `AZURE_IDENTITY_ENABLE_AZURE_PROXY=true`
    /// enables the same.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder()
    ///     .inherit_env()
    ///     .preopened_dir("/var/run/secrets/azure/tokens", "/var/run/secrets/azure/tokens")
    ///     .enable_azure_proxy();
    /// ```
    pub fn enable_azure_proxy(mut self) -> Self {
        self.client.azure_proxy = true;
        self
    }

    /// Makes the HTTP client of the instances, unless the embedder brings one.
    pub(super) fn make_client(&mut self) -> Result<(), LoadError> {
        if self.environment.make_client.is_some() {
            let what =
                "http_client replaces the HTTP client that this option is for; remove one of them".to_owned();
            let refused = |option| Err(LoadError::Configuration { option, what });
            return self.client.chosen().map_or(Ok(()), refused);
        }
        let client = self.client.build(&self.variables())?;
        if let Some(proxy) = client.azure_proxy() {
            self.allow_azure_proxy(proxy.to_string());
        }
        self.environment.make_client = Some(Box::new(move |failures| {
            Box::new(InstanceClient { client: client.clone(), failures: failures.clone() })
        }));
        Ok(())
    }

    /// The variables that the client reads: those of the provider.
    fn variables(&self) -> impl Fn(&str) -> Option<String> {
        let variables = self.environment.env.clone();
        move |name: &str| {
            let found = variables.iter().find(|(other, value)| other == name && !value.is_empty());
            found.map(|(_, value)| value.clone())
        }
    }

    fn allow_azure_proxy(&mut self, host: String) {
        self.allowed.push(Allowance::Host(host));
        self.environment.env.retain(|(name, _)| name != ENABLE_AZURE_PROXY);
        self.environment.env.push((ENABLE_AZURE_PROXY.to_owned(), "true".to_owned()));
    }
}

/// The variable by which the component learns that the proxy is enabled.
const ENABLE_AZURE_PROXY: &str = "AZURE_IDENTITY_ENABLE_AZURE_PROXY";
