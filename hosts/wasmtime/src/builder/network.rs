//! The hosts that a provider may send requests to.

use super::ProviderBuilder;
use crate::allowance::Allowance;
use crate::cloud::Cloud;

impl ProviderBuilder {
    /// Lets the provider send requests to this host. A request to a host that is not allowed fails as `transient`, or as
    /// `not-configured` when no setting names that host.
    ///
    /// A host is a scheme and a name, with or without a port; a leading `*.` stands for one label or more.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder()
    ///     .allow_host("https://login.microsoftonline.com")
    ///     .allow_host("https://*.login.microsoft.com")
    ///     .allow_host("http://169.254.169.254");
    /// ```
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.allowed.push(Allowance::Host(host.into()));
        self
    }

    /// Lets the provider send requests to the hosts that its sources have in a cloud: the authorities of Microsoft Entra, the
    /// instance metadata service, the agent of Azure Arc, and the endpoints that the provider's variables name
    /// (`IDENTITY_ENDPOINT` and the like; see [`Cloud`]). An authority of another cloud in `AZURE_AUTHORITY_HOST` is not
    /// among them.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::{Cloud, Provider};
    /// let builder = Provider::builder().inherit_env().allow_azure(Cloud::Public);
    /// ```
    pub fn allow_azure(mut self, cloud: Cloud) -> Self {
        self.allowed.push(Allowance::Azure(cloud));
        self
    }

    /// Lets the provider send requests to every host: for tests, and where the HTTP client or the network restricts them.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().allow_any_host();
    /// ```
    pub fn allow_any_host(mut self) -> Self {
        self.allowed.push(Allowance::Any);
        self
    }
}
