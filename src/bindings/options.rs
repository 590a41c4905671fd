//! The options of callers: resources whose setters check nothing. The function that takes the options checks them.

use super::exports::azure::identity_credentials::credentials as wit;
use super::exports::azure::identity_credentials::user_credentials as user_wit;
use crate::credential::Credential;
use crate::entra::ClientOptions;
use crate::http::Body;
use crate::prelude::*;
use crate::sources::sign_in_options::RawSignInOptions;
use crate::token::Secret;
use core::cell::RefCell;

/// The values of an options resource.
pub struct Options<T>(RefCell<T>);

impl<T: Clone + Default> Options<T> {
    fn change(&self, change: impl FnOnce(&mut T)) {
        change(&mut self.0.borrow_mut());
    }

    /// The values as they are now.
    pub fn values(&self) -> T {
        self.0.borrow().clone()
    }
}

impl<T: Default> Default for Options<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

/// A text that a caller set; a blank one is unset.
pub fn set(text: String) -> Option<String> {
    Some(text).filter(|text| !text.trim().is_empty())
}

/// Of `certificate`.
#[derive(Clone)]
pub struct RawCertificate {
    pub data: Body,
    pub password: Option<Secret>,
    pub send_chain: bool,
}

impl Default for RawCertificate {
    fn default() -> Self {
        Self { data: Body(Vec::new()), password: None, send_chain: false }
    }
}

/// Of `assertion`.
#[derive(Clone)]
pub enum RawAssertion {
    Credential { credential: Credential, scope: Option<String> },
    File(String),
    Text(Secret),
}

/// Of `client-authentication`.
#[derive(Clone)]
pub enum RawAuthentication {
    Assertion(RawAssertion),
    Certificate(RawCertificate),
    Secret(Secret),
}

/// Of `workload-identity-options`.
#[derive(Clone, Default)]
pub struct RawWorkloadIdentity {
    pub tenant_id: Option<String>,
    pub client_id: Option<String>,
    pub token_file_path: Option<String>,
}

/// Of `managed-identity-options`.
#[derive(Clone, Default)]
pub struct RawManagedIdentity {
    pub client_id: Option<String>,
    pub object_id: Option<String>,
    pub resource_id: Option<String>,
}

/// Of `developer-tool-options`.
#[derive(Clone, Default)]
pub struct RawDeveloperTool {
    pub tenant_id: Option<String>,
    pub subscription: Option<String>,
    pub allowed_tenants: Vec<String>,
}

/// Of `default-chain-options`.
#[derive(Clone, Default)]
pub struct RawDefaultChain {
    pub exclude: Vec<String>,
    pub managed_identity: RawManagedIdentity,
}

/// Of `chain-options`.
#[derive(Clone, Default)]
pub struct RawChain {
    pub retry_sources: bool,
}

/// Of `shared-token-cache-options`.
#[derive(Clone, Default)]
pub struct RawSharedTokenCache {
    pub authentication_record: Option<String>,
    pub username: Option<String>,
    pub tenant_id: Option<String>,
}

impl wit::GuestClientOptions for Options<ClientOptions> {
    fn new() -> Self {
        Self::default()
    }

    fn set_authority(&self, authority: String) {
        self.change(|options| options.authority = set(authority));
    }

    fn set_additionally_allowed_tenants(&self, tenants: Vec<String>) {
        self.change(|options| options.allowed_tenants = tenants);
    }

    fn set_disable_instance_discovery(&self, disable: bool) {
        self.change(|options| options.disable_instance_discovery = Some(disable));
    }

    fn set_region(&self, region: String) {
        self.change(|options| options.region = set(region));
    }
}

impl wit::GuestCertificate for Options<RawCertificate> {
    fn new(data: Vec<u8>) -> Self {
        Self(RefCell::new(RawCertificate { data: Body(data), ..Default::default() }))
    }

    fn set_password(&self, password: String) {
        self.change(|options| options.password = Some(Secret::from(password)));
    }

    fn set_send_chain(&self, send: bool) {
        self.change(|options| options.send_chain = send);
    }
}

impl wit::GuestAssertion for RawAssertion {
    fn text(assertion: String) -> wit::Assertion {
        wit::Assertion::new(Self::Text(assertion.into()))
    }

    fn file(path: String) -> wit::Assertion {
        wit::Assertion::new(Self::File(path))
    }

    fn credential(credential: wit::CredentialBorrow<'_>, scope: Option<String>) -> wit::Assertion {
        let credential = credential.get::<Credential>().clone();
        wit::Assertion::new(Self::Credential { credential, scope: scope.and_then(set) })
    }
}

impl wit::GuestClientAuthentication for RawAuthentication {
    fn secret(secret: String) -> wit::ClientAuthentication {
        wit::ClientAuthentication::new(Self::Secret(secret.into()))
    }

    fn certificate(certificate: wit::CertificateBorrow<'_>) -> wit::ClientAuthentication {
        let certificate = certificate.get::<Options<RawCertificate>>().values();
        wit::ClientAuthentication::new(Self::Certificate(certificate))
    }

    fn assertion(assertion: wit::AssertionBorrow<'_>) -> wit::ClientAuthentication {
        wit::ClientAuthentication::new(Self::Assertion(assertion.get::<RawAssertion>().clone()))
    }
}

impl wit::GuestWorkloadIdentityOptions for Options<RawWorkloadIdentity> {
    fn new() -> Self {
        Self::default()
    }

    fn set_tenant_id(&self, tenant_id: String) {
        self.change(|options| options.tenant_id = set(tenant_id));
    }

    fn set_client_id(&self, client_id: String) {
        self.change(|options| options.client_id = set(client_id));
    }

    fn set_token_file_path(&self, path: String) {
        self.change(|options| options.token_file_path = set(path));
    }
}

impl wit::GuestManagedIdentityOptions for Options<RawManagedIdentity> {
    fn new() -> Self {
        Self::default()
    }

    fn set_client_id(&self, client_id: String) {
        self.change(|options| options.client_id = Some(client_id));
    }

    fn set_object_id(&self, object_id: String) {
        self.change(|options| options.object_id = Some(object_id));
    }

    fn set_resource_id(&self, resource_id: String) {
        self.change(|options| options.resource_id = Some(resource_id));
    }
}

impl wit::GuestDeveloperToolOptions for Options<RawDeveloperTool> {
    fn new() -> Self {
        Self::default()
    }

    fn set_tenant_id(&self, tenant_id: String) {
        self.change(|options| options.tenant_id = set(tenant_id));
    }

    fn set_subscription(&self, subscription: String) {
        self.change(|options| options.subscription = set(subscription));
    }

    fn set_additionally_allowed_tenants(&self, tenants: Vec<String>) {
        self.change(|options| options.allowed_tenants = tenants);
    }
}

impl wit::GuestDefaultChainOptions for Options<RawDefaultChain> {
    fn new() -> Self {
        Self::default()
    }

    fn set_exclude(&self, sources: Vec<String>) {
        self.change(|options| options.exclude = sources);
    }

    fn set_managed_identity(&self, identity: wit::ManagedIdentityOptionsBorrow<'_>) {
        let identity = identity.get::<Options<RawManagedIdentity>>().values();
        self.change(|options| options.managed_identity = identity);
    }
}

impl wit::GuestChainOptions for Options<RawChain> {
    fn new() -> Self {
        Self::default()
    }

    fn set_retry_sources(&self, retry: bool) {
        self.change(|options| options.retry_sources = retry);
    }
}

impl user_wit::GuestSignInOptions for Options<RawSignInOptions> {
    fn new() -> Self {
        Self::default()
    }

    fn set_claims(&self, claims: String) {
        self.change(|options| options.claims = Some(claims));
    }

    fn set_enable_cae(&self, enable: bool) {
        self.change(|options| options.enable_cae = enable);
    }

    fn set_login_hint(&self, login_hint: String) {
        self.change(|options| options.login_hint = Some(login_hint));
    }

    fn set_domain_hint(&self, domain_hint: String) {
        self.change(|options| options.domain_hint = Some(domain_hint));
    }

    fn set_prompt(&self, prompt: String) {
        self.change(|options| options.prompt = Some(prompt));
    }

    fn set_authentication_record(&self, record: String) {
        self.change(|options| options.authentication_record = Some(record));
    }
}

impl user_wit::GuestSharedTokenCacheOptions for Options<RawSharedTokenCache> {
    fn new() -> Self {
        Self::default()
    }

    fn set_username(&self, username: String) {
        self.change(|options| options.username = set(username));
    }

    fn set_tenant_id(&self, tenant_id: String) {
        self.change(|options| options.tenant_id = set(tenant_id));
    }

    fn set_authentication_record(&self, record: String) {
        self.change(|options| options.authentication_record = set(record));
    }
}
