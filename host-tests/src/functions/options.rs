//! The resources of arguments, created from their values.

use super::{CREDENTIALS, CredentialResult, Functions, SIGN_IN};
use crate::arguments::{
    Assertion, Certificate, Client, ClientAuthentication, ClientOptions, ManagedIdentityOptions,
    SignInOptions,
};
use crate::bindings::Application;
use crate::environment::State;
use wasmtime::component::{ComponentNamedList, ComponentType, Lift, Lower, ResourceAny};
use wasmtime::{Result, Store};

/// Creates the resources that a call needs, and drops them after it.
pub(super) struct Creator<'a> {
    functions: &'a Functions,
    store: &'a mut Store<State>,
    resources: Vec<ResourceAny>,
}

/// A builder whose setters can be called.
pub(super) struct Builder {
    interface: &'static str,
    name: &'static str,
    resource: ResourceAny,
}

impl<'a> Creator<'a> {
    pub(super) fn new(functions: &'a Functions, store: &'a mut Store<State>) -> Self {
        Self { functions, store, resources: Vec::new() }
    }

    /// The builder of a kind of credential.
    pub(super) async fn builder<P>(&mut self, kind: &str, arguments: P) -> Result<Builder>
    where
        P: ComponentNamedList + Lower + Send + Sync,
    {
        let name = "credential-builder";
        let function = format!("[static]{name}.{kind}");
        self.resource(CREDENTIALS, name, &function, arguments).await
    }

    /// Calls `create`.
    pub(super) async fn finish(self, builder: &Builder) -> Result<CredentialResult> {
        self.call(builder, "create", ()).await
    }

    /// Calls the function that the resources are for, and drops them.
    pub(super) async fn call<P, T>(mut self, builder: &Builder, method: &str, arguments: P) -> Result<T>
    where
        P: Prepend + Send + Sync,
        P::All: ComponentNamedList + Lower + Send + Sync,
        T: Send + Sync + 'static,
        (T,): ComponentNamedList + Lift,
    {
        let function = format!("[method]{}.{method}", builder.name);
        let arguments = arguments.prepend(builder.resource);
        let created = self.functions.call(self.store, builder.interface, &function, arguments).await?;
        for resource in self.resources.drain(..) {
            resource.resource_drop_async(&mut *self.store).await?;
        }
        Ok(created)
    }

    /// Sets an option; `None`: it stays unset.
    pub(super) async fn set<T>(&mut self, builder: &Builder, option: &str, value: Option<T>) -> Result<()>
    where
        T: ComponentType + Lower + Send + Sync,
    {
        let Some(value) = value else { return Ok(()) };
        let function = format!("[method]{}.set-{option}", builder.name);
        self.functions.set(self.store, builder.interface, &function, (builder.resource, value)).await
    }

    /// Sets the options of a client of Microsoft Entra.
    pub(super) async fn set_client(&mut self, builder: &Builder, options: &ClientOptions) -> Result<()> {
        self.set(builder, "authority", options.authority.as_deref()).await?;
        let tenants = &options.additionally_allowed_tenants;
        self.set(builder, "additionally-allowed-tenants", listed(tenants)).await?;
        self.set(builder, "disable-instance-discovery", options.disable_instance_discovery).await?;
        self.set(builder, "region", options.region.as_deref()).await
    }

    /// Sets the ids of a managed identity.
    pub(super) async fn set_identity(
        &mut self,
        builder: &Builder,
        options: &ManagedIdentityOptions,
    ) -> Result<()> {
        self.set(builder, "client-id", options.client_id.as_deref()).await?;
        self.set(builder, "object-id", options.object_id.as_deref()).await?;
        self.set(builder, "resource-id", options.resource_id.as_deref()).await
    }

    /// The builder of a sign-in.
    pub(super) async fn sign_in(
        &mut self,
        client: &Client,
        scopes: &[String],
        options: &SignInOptions,
    ) -> Result<Builder> {
        let name = "sign-in-builder";
        let arguments = (application(client), scopes);
        let builder = self.resource(SIGN_IN, name, "[constructor]sign-in-builder", arguments).await?;
        self.set_client(&builder, &client.options).await?;
        self.set(&builder, "claims", options.claims.as_deref()).await?;
        self.set(&builder, "enable-cae", Some(options.enable_cae)).await?;
        self.set(&builder, "login-hint", options.login_hint.as_deref()).await?;
        self.set(&builder, "domain-hint", options.domain_hint.as_deref()).await?;
        self.set(&builder, "prompt", options.prompt.as_deref()).await?;
        self.set(&builder, "authentication-record", options.authentication_record.as_deref()).await?;
        Ok(builder)
    }

    pub(super) async fn certificate(&mut self, certificate: &Certificate) -> Result<ResourceAny> {
        let (name, data) = ("certificate", (certificate.data.as_slice(),));
        let created = self.resource(CREDENTIALS, name, "[constructor]certificate", data).await?;
        self.set(&created, "password", certificate.password.as_deref()).await?;
        self.set(&created, "send-chain", Some(certificate.send_chain)).await?;
        Ok(created.resource)
    }

    pub(super) async fn assertion(&mut self, assertion: &Assertion) -> Result<ResourceAny> {
        let name = "assertion";
        let created = match assertion {
            Assertion::Text(text) => {
                self.resource(CREDENTIALS, name, "[static]assertion.text", (text.as_str(),)).await?
            }
            Assertion::File(path) => {
                self.resource(CREDENTIALS, name, "[static]assertion.file", (path.as_str(),)).await?
            }
            Assertion::Credential(credential, scope) => {
                let arguments = (*credential, scope.as_deref());
                self.resource(CREDENTIALS, name, "[static]assertion.credential", arguments).await?
            }
        };
        Ok(created.resource)
    }

    pub(super) async fn authentication(
        &mut self,
        authentication: &ClientAuthentication,
    ) -> Result<ResourceAny> {
        let name = "client-authentication";
        let created = match authentication {
            ClientAuthentication::Secret(secret) => {
                let function = "[static]client-authentication.secret";
                self.resource(CREDENTIALS, name, function, (secret.as_str(),)).await?
            }
            ClientAuthentication::Certificate(certificate) => {
                let certificate = self.certificate(certificate).await?;
                let function = "[static]client-authentication.certificate";
                self.resource(CREDENTIALS, name, function, (certificate,)).await?
            }
            ClientAuthentication::Assertion(assertion) => {
                let assertion = self.assertion(assertion).await?;
                let function = "[static]client-authentication.assertion";
                self.resource(CREDENTIALS, name, function, (assertion,)).await?
            }
        };
        Ok(created.resource)
    }

    async fn resource<P>(
        &mut self,
        interface: &'static str,
        name: &'static str,
        function: &str,
        arguments: P,
    ) -> Result<Builder>
    where
        P: ComponentNamedList + Lower + Send + Sync,
    {
        let resource: ResourceAny = self.functions.call(self.store, interface, function, arguments).await?;
        self.resources.push(resource);
        Ok(Builder { interface, name, resource })
    }
}

/// The arguments of a method after the resource itself.
pub(super) trait Prepend {
    /// All arguments.
    type All;

    /// The arguments with the resource.
    fn prepend(self, resource: ResourceAny) -> Self::All;
}

impl Prepend for () {
    type All = (ResourceAny,);

    fn prepend(self, resource: ResourceAny) -> Self::All {
        (resource,)
    }
}

impl Prepend for (&str,) {
    type All = (ResourceAny, String);

    fn prepend(self, resource: ResourceAny) -> Self::All {
        (resource, self.0.to_owned())
    }
}

/// The record `application` of a client.
pub(super) fn application(client: &Client) -> Application {
    Application { tenant_id: client.tenant_id.clone(), client_id: client.client_id.clone() }
}

/// A list to set; `None`: it is empty, which is the default.
pub(super) fn listed(texts: &[String]) -> Option<&[String]> {
    (!texts.is_empty()).then_some(texts)
}
