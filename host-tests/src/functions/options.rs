//! The resources of options, created from their values.

use super::{CREDENTIALS, CredentialResult, Functions, USER_CREDENTIALS};
use crate::arguments::{
    App, Assertion, Certificate, ChainOptions, ClientAuthentication, ClientOptions, DefaultChainOptions,
    DeveloperToolOptions, ManagedIdentityOptions, SharedTokenCacheOptions, SignInOptions,
    WorkloadIdentityOptions,
};
use crate::environment::State;
use wasmtime::component::{ComponentNamedList, ComponentType, Lower, ResourceAny};
use wasmtime::{Result, Store};

/// The resources that a call needs. They are dropped after it.
#[derive(Default)]
pub(super) struct Resources(Vec<ResourceAny>);

impl Resources {
    pub(super) async fn drop_all(self, store: &mut Store<State>) -> Result<()> {
        for resource in self.0 {
            resource.resource_drop_async(&mut *store).await?;
        }
        Ok(())
    }
}

/// Creates resources on one instance.
pub(super) struct Creator<'a> {
    pub(super) functions: &'a Functions,
    pub(super) store: &'a mut Store<State>,
    pub(super) resources: Resources,
}

impl<'a> Creator<'a> {
    pub(super) fn new(functions: &'a Functions, store: &'a mut Store<State>) -> Self {
        Self { functions, store, resources: Resources::default() }
    }

    /// Calls the function that the resources are for, and drops them.
    pub(super) async fn finish<P>(
        self,
        interface: &str,
        function: &str,
        arguments: P,
    ) -> Result<CredentialResult>
    where
        P: ComponentNamedList + Lower + Send + Sync,
    {
        let created = self.functions.call(self.store, interface, function, arguments).await?;
        self.resources.drop_all(self.store).await?;
        Ok(created)
    }

    pub(super) async fn optional_authentication(&mut self, app: &App) -> Result<Option<ResourceAny>> {
        match &app.authentication {
            Some(authentication) => self.authentication(authentication).await.map(Some),
            None => Ok(None),
        }
    }

    async fn create(&mut self, interface: &'static str, name: &'static str) -> Result<Setter> {
        let resource: ResourceAny =
            self.functions.call(self.store, interface, &format!("[constructor]{name}"), ()).await?;
        self.resources.0.push(resource);
        Ok(Setter { interface, name, resource })
    }

    async fn set<T>(&mut self, setter: &Setter, option: &str, value: Option<T>) -> Result<()>
    where
        T: ComponentType + Lower + Send + Sync,
    {
        let Some(value) = value else { return Ok(()) };
        let function = format!("[method]{}.set-{option}", setter.name);
        self.functions.set(self.store, setter.interface, &function, (setter.resource, value)).await
    }

    pub(super) async fn client(&mut self, options: &ClientOptions) -> Result<Option<ResourceAny>> {
        let created = self.create(CREDENTIALS, "client-options").await?;
        self.set(&created, "authority", options.authority.as_deref()).await?;
        let tenants = &options.additionally_allowed_tenants;
        self.set(&created, "additionally-allowed-tenants", listed(tenants)).await?;
        self.set(&created, "disable-instance-discovery", options.disable_instance_discovery).await?;
        self.set(&created, "region", options.region.as_deref()).await?;
        Ok(Some(created.resource))
    }

    pub(super) async fn certificate(&mut self, certificate: &Certificate) -> Result<ResourceAny> {
        let data = (certificate.data.as_slice(),);
        let resource = self.functions.call(self.store, CREDENTIALS, "[constructor]certificate", data).await?;
        self.resources.0.push(resource);
        let created = Setter { interface: CREDENTIALS, name: "certificate", resource };
        self.set(&created, "password", certificate.password.as_deref()).await?;
        self.set(&created, "send-chain", Some(certificate.send_chain)).await?;
        Ok(resource)
    }

    pub(super) async fn assertion(&mut self, assertion: &Assertion) -> Result<ResourceAny> {
        let (functions, store) = (self.functions, &mut *self.store);
        let resource = match assertion {
            Assertion::Text(text) => {
                functions.call(store, CREDENTIALS, "[static]assertion.text", (text.as_str(),)).await?
            }
            Assertion::File(path) => {
                functions.call(store, CREDENTIALS, "[static]assertion.file", (path.as_str(),)).await?
            }
            Assertion::Credential(credential, scope) => {
                let arguments = (*credential, scope.as_deref());
                functions.call(store, CREDENTIALS, "[static]assertion.credential", arguments).await?
            }
        };
        self.resources.0.push(resource);
        Ok(resource)
    }

    pub(super) async fn authentication(
        &mut self,
        authentication: &ClientAuthentication,
    ) -> Result<ResourceAny> {
        const SECRET: &str = "[static]client-authentication.secret";
        let resource = match authentication {
            ClientAuthentication::Secret(secret) => {
                self.functions.call(self.store, CREDENTIALS, SECRET, (secret.as_str(),)).await?
            }
            ClientAuthentication::Certificate(certificate) => {
                let certificate = self.certificate(certificate).await?;
                let function = "[static]client-authentication.certificate";
                self.functions.call(self.store, CREDENTIALS, function, (certificate,)).await?
            }
            ClientAuthentication::Assertion(assertion) => {
                let assertion = self.assertion(assertion).await?;
                let function = "[static]client-authentication.assertion";
                self.functions.call(self.store, CREDENTIALS, function, (assertion,)).await?
            }
        };
        self.resources.0.push(resource);
        Ok(resource)
    }

    pub(super) async fn workload_identity(
        &mut self,
        options: &WorkloadIdentityOptions,
    ) -> Result<Option<ResourceAny>> {
        let created = self.create(CREDENTIALS, "workload-identity-options").await?;
        self.set(&created, "tenant-id", options.tenant_id.as_deref()).await?;
        self.set(&created, "client-id", options.client_id.as_deref()).await?;
        self.set(&created, "token-file-path", options.token_file_path.as_deref()).await?;
        Ok(Some(created.resource))
    }

    pub(super) async fn managed_identity(
        &mut self,
        options: &ManagedIdentityOptions,
    ) -> Result<Option<ResourceAny>> {
        let created = self.create(CREDENTIALS, "managed-identity-options").await?;
        self.set(&created, "client-id", options.client_id.as_deref()).await?;
        self.set(&created, "object-id", options.object_id.as_deref()).await?;
        self.set(&created, "resource-id", options.resource_id.as_deref()).await?;
        Ok(Some(created.resource))
    }

    pub(super) async fn developer_tool(
        &mut self,
        options: &DeveloperToolOptions,
    ) -> Result<Option<ResourceAny>> {
        let created = self.create(CREDENTIALS, "developer-tool-options").await?;
        self.set(&created, "tenant-id", options.tenant_id.as_deref()).await?;
        self.set(&created, "subscription", options.subscription.as_deref()).await?;
        let tenants = &options.additionally_allowed_tenants;
        self.set(&created, "additionally-allowed-tenants", listed(tenants)).await?;
        Ok(Some(created.resource))
    }

    pub(super) async fn default_chain(
        &mut self,
        options: &DefaultChainOptions,
    ) -> Result<Option<ResourceAny>> {
        let created = self.create(CREDENTIALS, "default-chain-options").await?;
        self.set(&created, "exclude", listed(&options.exclude)).await?;
        let identity = self.managed_identity(&options.managed_identity).await?;
        self.set(&created, "managed-identity", identity).await?;
        Ok(Some(created.resource))
    }

    pub(super) async fn chain(&mut self, options: &ChainOptions) -> Result<Option<ResourceAny>> {
        let created = self.create(CREDENTIALS, "chain-options").await?;
        self.set(&created, "retry-sources", Some(options.retry_sources)).await?;
        Ok(Some(created.resource))
    }

    pub(super) async fn sign_in(&mut self, options: &SignInOptions) -> Result<Option<ResourceAny>> {
        let created = self.create(USER_CREDENTIALS, "sign-in-options").await?;
        self.set(&created, "claims", options.claims.as_deref()).await?;
        self.set(&created, "enable-cae", Some(options.enable_cae)).await?;
        self.set(&created, "login-hint", options.login_hint.as_deref()).await?;
        self.set(&created, "domain-hint", options.domain_hint.as_deref()).await?;
        self.set(&created, "prompt", options.prompt.as_deref()).await?;
        self.set(&created, "authentication-record", options.authentication_record.as_deref()).await?;
        Ok(Some(created.resource))
    }

    pub(super) async fn shared_token_cache(
        &mut self,
        options: &SharedTokenCacheOptions,
    ) -> Result<Option<ResourceAny>> {
        let created = self.create(USER_CREDENTIALS, "shared-token-cache-options").await?;
        self.set(&created, "username", options.username.as_deref()).await?;
        self.set(&created, "tenant-id", options.tenant_id.as_deref()).await?;
        self.set(&created, "authentication-record", options.authentication_record.as_deref()).await?;
        Ok(Some(created.resource))
    }
}

/// An options resource whose setters can be called.
struct Setter {
    interface: &'static str,
    name: &'static str,
    resource: ResourceAny,
}

/// A list to set; `None`: it is empty, which is the default.
fn listed(texts: &[String]) -> Option<&[String]> {
    (!texts.is_empty()).then_some(texts)
}
