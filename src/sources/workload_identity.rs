//! Workload identity: a platform such as Kubernetes issues a federated token for the workload and writes it
//! to a file (Microsoft Learn, "Microsoft Entra Workload ID on Azure Kubernetes Service").
//!
//! The variables are `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_FEDERATED_TOKEN_FILE`, as the webhook of
//! AKS sets them. Other sources use the first two as well; only the file announces this one.

use super::client_credentials::ClientCredentials;
use super::environment::missing;
use super::managed_identity::user_assigned::UserAssigned;
use crate::call_context::CallContext;
use crate::entra::assertion::Assertion;
use crate::entra::{Client, ClientOptions};
use crate::error::Error;
use crate::host::{self, Host};
use crate::http::Url;
use crate::identifiers::{ClientId, IdentifierError, TenantId};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::source::Source;
use crate::token::AccessToken;
use alloc::rc::Rc;

/// What the caller sets. The environment has the rest, and is read with each request.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The tenant; `None`: `AZURE_TENANT_ID`.
    pub tenant_id: Option<TenantId>,
    /// The client; `None`: `AZURE_CLIENT_ID`.
    pub client_id: Option<ClientId>,
    /// The file with the federated token; `None`: `AZURE_FEDERATED_TOKEN_FILE`.
    pub token_file_path: Option<String>,
    /// The settings of the client.
    pub client: ClientOptions,
}

/// The source.
#[derive(Debug)]
pub struct WorkloadIdentity {
    options: Options,
    name: &'static str,
    label: &'static str,
}

impl WorkloadIdentity {
    /// The workload that options and environment describe.
    pub fn new(options: Options) -> Self {
        Self { options, name: NAME, label: NAME }
    }

    /// Workload identity in place of managed identity, as in the Azure SDKs: the pods of AKS have no managed
    /// identity. `Ok(None)`: the environment has no workload identity.
    ///
    /// # Errors
    /// `invalid-argument` for an identity that is not named by its client id.
    pub fn as_managed_identity(
        host: &dyn Host,
        identity: Option<&UserAssigned>,
    ) -> Result<Option<Self>, Error> {
        let is_set = |name| host::env(host, name).is_some();
        let has_client_id =
            identity.is_some_and(|identity| identity.client_id().is_some()) || is_set(CLIENT_ID);
        if !(is_set(TOKEN_FILE) && is_set(TENANT_ID) && has_client_id) {
            return Ok(None);
        }
        let malformed = |error: IdentifierError| {
            Error::invalid_argument(MANAGED_IDENTITY, format_args!("{CLIENT_ID} {error}"))
        };
        let client_id = match identity.map(UserAssigned::client_id) {
            None => None,
            Some(Some(id)) => Some(ClientId::parse(id).map_err(malformed)?),
            Some(None) => {
                return Err(Error::invalid_argument(
                    MANAGED_IDENTITY,
                    "workload identity stands in for managed identity here, and knows identities by client id alone; name it so",
                ));
            }
        };
        let options = Options { client_id, ..Default::default() };
        Ok(Some(Self { options, name: MANAGED_IDENTITY, label: "managed-identity/workload-identity" }))
    }

    fn client_credentials(&self, host: &dyn Host) -> Result<ClientCredentials, Error> {
        let options = &self.options;
        let path = options.token_file_path.clone().or_else(|| host::env(host, TOKEN_FILE));
        let path = path.ok_or_else(|| {
            Error::not_configured(
                self.name,
                "AZURE_FEDERATED_TOKEN_FILE is not set; set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE to use a federated token",
            )
        })?;
        let (tenant_id, client_id) = self.ids(host)?;
        let client = options.client.with_tenants_of_environment(host);
        let client = self.behind_proxy(host, client.client(host, self.name, tenant_id, client_id)?)?;
        let named_by = if options.token_file_path.is_some() { "token-file-path" } else { TOKEN_FILE };
        let assertion = Assertion::File { path, named_by };
        Ok(ClientCredentials::new(client, Rc::new(assertion), self.label))
    }

    fn ids(&self, host: &dyn Host) -> Result<(TenantId, ClientId), Error> {
        let (tenant_id, client_id) = (self.options.tenant_id.clone(), self.options.client_id.clone());
        let tenant_id = tenant_id.map(Ok).or_else(|| host::env(host, TENANT_ID).map(TenantId::parse));
        let client_id = client_id.map(Ok).or_else(|| host::env(host, CLIENT_ID).map(ClientId::parse));
        let malformed = |name: &str, error: IdentifierError| {
            Error::invalid_argument(self.name, format_args!("{name} {error}"))
        };
        match (tenant_id, client_id) {
            (Some(tenant_id), Some(client_id)) => Ok((
                tenant_id.map_err(|error| malformed(TENANT_ID, error))?,
                client_id.map_err(|error| malformed(CLIENT_ID, error))?,
            )),
            // AKS sets the file for pods that name no client, too. The source is not configured then.
            (tenant_id, client_id) => {
                let missing = missing(&[(TENANT_ID, tenant_id.is_some()), (CLIENT_ID, client_id.is_some())]);
                let what = format_args!("there is a federated token file; set {missing} as well");
                Err(Error::not_configured(self.name, what))
            }
        }
    }

    /// The client, whose requests go to the token proxy of AKS identity bindings if `AZURE_IDENTITY_ENABLE_AZURE_PROXY`
    /// is on. Without it the variables of the proxy have no effect, as in the Azure SDKs, where the caller enables it.
    /// The rules are those of azure-identity for Python.
    fn behind_proxy(&self, host: &dyn Host, client: Client) -> Result<Client, Error> {
        if !host::is_on(host, ENABLE_PROXY) {
            return Ok(client);
        }
        let invalid = |what: core::fmt::Arguments<'_>| Err(Error::invalid_argument(self.name, what));
        let is_set = |name: &&&str| host::env(host, name).is_some();
        let Some(url) = host::env(host, TOKEN_PROXY) else {
            return match [SNI_NAME, CA_FILE, CA_DATA].iter().find(is_set) {
                Some(name) => invalid(format_args!("{name} is set; set {TOKEN_PROXY} as well")),
                None => Ok(client),
            };
        };
        if [CA_FILE, CA_DATA].iter().all(|name| is_set(&name)) {
            return invalid(format_args!("{CA_FILE} and {CA_DATA} are set; unset one of them"));
        }
        match Url::parse_token_proxy(url.trim()) {
            Ok(proxy) => Ok(Client { authority: client.authority.proxied(proxy), ..client }),
            Err(error) => invalid(format_args!("{TOKEN_PROXY} {error}")),
        }
    }
}

#[maybe_async(AFIT)]
impl Source for WorkloadIdentity {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        self.client_credentials(call.host)?.get_token(call, request).await
    }
}

const NAME: &str = "workload-identity";
const MANAGED_IDENTITY: &str = "managed-identity";
const TENANT_ID: &str = "AZURE_TENANT_ID";
const CLIENT_ID: &str = "AZURE_CLIENT_ID";
const TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
/// A variable of this project: the Azure SDKs have `enable_azure_proxy` in their options alone.
const ENABLE_PROXY: &str = "AZURE_IDENTITY_ENABLE_AZURE_PROXY";
const TOKEN_PROXY: &str = "AZURE_KUBERNETES_TOKEN_PROXY";
const SNI_NAME: &str = "AZURE_KUBERNETES_SNI_NAME";
const CA_FILE: &str = "AZURE_KUBERNETES_CA_FILE";
const CA_DATA: &str = "AZURE_KUBERNETES_CA_DATA";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::run;
    use crate::host::fake::FakeHost;
    use crate::http::HttpError;
    use crate::identifiers::Scope;

    const PROXY: &str = "https://10.0.0.1:6443/bindings/x/";

    /// The URLs of the requests for a token in a pod with these variables, and the message of the error.
    fn outcome(variables: &[(&str, &str)], error: HttpError) -> (Vec<String>, String) {
        let pod = FakeHost::new()
            .env(TENANT_ID, "contoso.com")
            .env(CLIENT_ID, "client")
            .env(TOKEN_FILE, "/token")
            .env("AZURE_AUTHORITY_HOST", "https://login.example")
            .env("AZURE_REGIONAL_AUTHORITY_NAME", "westeurope")
            .file("/token", "eyJ.eyJ.sig")
            .respond(Err(error));
        let host = variables.iter().fold(pod, |host, (name, value)| host.env(name, value));
        let request = TokenRequest::for_scope(Scope::parse("s").expect("a scope"));
        let source = WorkloadIdentity::new(Options::default());
        let error = run(source.get_token(&CallContext::new(&host), &request)).expect_err("there is no token");
        let requests = host.requests.borrow();
        (requests.iter().map(|request| request.url.clone()).collect(), error.into_details().message)
    }

    #[test]
    fn the_proxy_gets_the_token_request_and_no_other_and_its_path_is_kept() {
        let (urls, message) = outcome(&[(ENABLE_PROXY, "true"), (TOKEN_PROXY, PROXY)], HttpError::Denied);
        assert_eq!(urls, ["https://10.0.0.1:6443/bindings/x/contoso.com/oauth2/v2.0/token"]);
        assert!(message.starts_with("workload-identity: 10.0.0.1:6443 gave no token: the host"), "{message}");
    }

    #[test]
    fn an_error_of_tls_names_what_the_host_has_to_do() {
        let (_, message) = outcome(&[(ENABLE_PROXY, "1"), (TOKEN_PROXY, PROXY)], HttpError::Tls);
        let expected = "the secure connection failed; the component's host has to verify this proxy, with AZURE_KUBERNETES_SNI_NAME";
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn a_proxy_that_is_not_enabled_or_not_set_gets_nothing() {
        for variables in [
            &[(TOKEN_PROXY, PROXY), (SNI_NAME, "name"), (CA_FILE, "/ca"), (CA_DATA, "ca")][..],
            &[(ENABLE_PROXY, "false"), (TOKEN_PROXY, "http://no")],
            &[(ENABLE_PROXY, "true")],
        ] {
            let (urls, _) = outcome(variables, HttpError::Denied);
            assert!(
                urls.iter().all(|url| url.starts_with("https://login.microsoftonline.com/common")),
                "{urls:?}"
            );
            assert_eq!(urls.len(), 1, "instance discovery of the authority, which is denied");
        }
    }

    #[test]
    fn variables_that_contradict_each_other_are_refused_and_nothing_is_sent() {
        for (variables, expected) in [
            (
                &[(SNI_NAME, "name")][..],
                "AZURE_KUBERNETES_SNI_NAME is set; set AZURE_KUBERNETES_TOKEN_PROXY as well",
            ),
            (&[(CA_DATA, "ca")], "AZURE_KUBERNETES_CA_DATA is set; set AZURE_KUBERNETES_TOKEN_PROXY as well"),
            (
                &[(TOKEN_PROXY, PROXY), (CA_FILE, "/ca"), (CA_DATA, "ca")],
                "AZURE_KUBERNETES_CA_FILE and AZURE_KUBERNETES_CA_DATA are set; unset one of them",
            ),
            (&[(TOKEN_PROXY, "http://127.0.0.1")], "AZURE_KUBERNETES_TOKEN_PROXY must start with https://"),
            (&[(TOKEN_PROXY, "10.0.0.1")], "AZURE_KUBERNETES_TOKEN_PROXY must start with https://"),
            (
                &[(TOKEN_PROXY, "https://a:b@h")],
                "AZURE_KUBERNETES_TOKEN_PROXY must not have a user or password in it",
            ),
            (&[(TOKEN_PROXY, "https://h/?a=b")], "AZURE_KUBERNETES_TOKEN_PROXY must not have a query"),
            (
                &[(TOKEN_PROXY, "https://h/#a")],
                "AZURE_KUBERNETES_TOKEN_PROXY has a character that no address has",
            ),
        ] {
            let variables = [variables, &[(ENABLE_PROXY, "true")]].concat();
            let (urls, message) = outcome(&variables, HttpError::Denied);
            assert_eq!((urls.len(), message), (0, format!("workload-identity: {expected}")));
        }
    }
}
