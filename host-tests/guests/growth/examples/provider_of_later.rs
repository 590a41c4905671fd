//! A provider of a later version, with one addition of each kind. It returns no real token: its tokens and errors name
//! what the app asked for.

use azure::identity::types::{AccessToken, CredentialError, ErrorKind, TokenRequest};
use exports::azure::identity::token_credential;
use exports::azure::identity_credentials::credentials::{
    self, Application, AssertionBorrow, AuthorizationCodeGrant, CertificateBorrow,
    ClientAuthenticationBorrow, CredentialBorrow, OidcRequestBorrow, PasswordGrant, ServiceConnection,
};
use std::cell::RefCell;

wit_bindgen::generate!({ path: "wit/later", world: "provider", generate_all });
export!(Provider);

struct Provider;

impl token_credential::Guest for Provider {
    fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
        Description::of("default").get_token(request)
    }
}

impl credentials::Guest for Provider {
    type Credential = Description;
    type Certificate = Argument;
    type Assertion = Argument;
    type ClientAuthentication = Argument;
    type OidcRequest = Argument;
    type CredentialBuilder = Builder;
}

/// A kind of credential and the options that were set.
#[derive(Clone)]
struct Description {
    kind: &'static str,
    options: Vec<(String, String)>,
}

impl Description {
    fn of(kind: &'static str) -> Self {
        Self { kind, options: Vec::new() }
    }

    /// A secret `wrong` is refused, and so is an option that this version does not have.
    fn get_token(&self, request: TokenRequest) -> Result<AccessToken, CredentialError> {
        let mut details = self.options.clone();
        let mut includes_details = false;
        for (key, value) in request.options {
            match key.as_str() {
                "include-details" => includes_details = value == "true",
                "fmi-path" => details.push((key, value)),
                _ => return Err(refusal(ErrorKind::InvalidArgument)),
            }
        }
        if self.options.contains(&pair("secret", "wrong")) {
            return Err(refusal(ErrorKind::AuthenticationFailed));
        }
        details.push(pair("device-id", "7"));
        Ok(AccessToken {
            token: "token".to_owned(),
            token_type: "Bearer".to_owned(),
            expires_on: 4_102_444_800,
            refresh_on: None,
            source: self.kind.to_owned(),
            details: if includes_details { details } else { Vec::new() },
        })
    }
}

/// An error with a detail that today's version does not name.
fn refusal(kind: ErrorKind) -> CredentialError {
    CredentialError {
        kind,
        message: "refused".to_owned(),
        claims: None,
        response: None,
        attempts: Vec::new(),
        details: vec![pair("client-request-id", "1"), pair("troubleshooting-url", "https://example.com/1")],
    }
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

impl credentials::GuestCredential for Description {
    fn get_token(&self, request: TokenRequest) -> Result<AccessToken, CredentialError> {
        self.get_token(request)
    }
    fn describe(&self) -> Vec<(String, String)> {
        vec![pair("source", self.kind)]
    }
    fn authentication_record(&self) -> Option<String> {
        None
    }
}

/// A resource that is only an argument.
struct Argument;

impl credentials::GuestCertificate for Argument {
    fn new(_: Vec<u8>) -> Self {
        Self
    }
    fn set_password(&self, _: String) {}
    fn set_send_chain(&self, _: bool) {}
}

impl credentials::GuestAssertion for Argument {
    fn text(_: String) -> credentials::Assertion {
        credentials::Assertion::new(Self)
    }
    fn file(_: String) -> credentials::Assertion {
        credentials::Assertion::new(Self)
    }
    fn credential(_: CredentialBorrow<'_>, _: Option<String>) -> credentials::Assertion {
        credentials::Assertion::new(Self)
    }
}

impl credentials::GuestClientAuthentication for Argument {
    fn secret(_: String) -> credentials::ClientAuthentication {
        credentials::ClientAuthentication::new(Self)
    }
    fn certificate(_: CertificateBorrow<'_>) -> credentials::ClientAuthentication {
        credentials::ClientAuthentication::new(Self)
    }
    fn assertion(_: AssertionBorrow<'_>) -> credentials::ClientAuthentication {
        credentials::ClientAuthentication::new(Self)
    }
}

impl credentials::GuestOidcRequest for Argument {
    fn new(_: String) -> Self {
        Self
    }
}

struct Builder(RefCell<Description>);

impl Builder {
    fn of(kind: &'static str) -> credentials::CredentialBuilder {
        credentials::CredentialBuilder::new(Self(RefCell::new(Description::of(kind))))
    }

    fn set(&self, key: &str, value: impl ToString) {
        self.0.borrow_mut().options.push((key.to_owned(), value.to_string()));
    }
}

impl credentials::GuestCredentialBuilder for Builder {
    fn client_secret(_: Application, secret: String) -> credentials::CredentialBuilder {
        let builder = Builder::of("client-secret");
        builder.get::<Builder>().set("secret", secret);
        builder
    }
    fn client_certificate(_: Application, _: CertificateBorrow<'_>) -> credentials::CredentialBuilder {
        Builder::of("client-certificate")
    }
    fn client_assertion(_: Application, _: AssertionBorrow<'_>) -> credentials::CredentialBuilder {
        Builder::of("client-assertion")
    }
    fn azure_pipelines(_: Application, _: ServiceConnection) -> credentials::CredentialBuilder {
        Builder::of("azure-pipelines")
    }
    fn workload_identity() -> credentials::CredentialBuilder {
        Builder::of("workload-identity")
    }
    fn managed_identity() -> credentials::CredentialBuilder {
        Builder::of("managed-identity")
    }
    fn azure_cli() -> credentials::CredentialBuilder {
        Builder::of("azure-cli")
    }
    fn azure_developer_cli() -> credentials::CredentialBuilder {
        Builder::of("azure-developer-cli")
    }
    fn environment() -> credentials::CredentialBuilder {
        Builder::of("environment")
    }
    fn default_chain() -> credentials::CredentialBuilder {
        Builder::of("default")
    }
    fn chain(_: Vec<CredentialBorrow<'_>>) -> credentials::CredentialBuilder {
        Builder::of("chain")
    }
    fn authorization_code(
        _: Application,
        _: AuthorizationCodeGrant,
        _: Option<ClientAuthenticationBorrow<'_>>,
    ) -> credentials::CredentialBuilder {
        Builder::of("authorization-code")
    }
    fn on_behalf_of(
        _: Application,
        _: ClientAuthenticationBorrow<'_>,
        _: String,
    ) -> credentials::CredentialBuilder {
        Builder::of("on-behalf-of")
    }
    fn username_password(_: Application, _: PasswordGrant) -> credentials::CredentialBuilder {
        Builder::of("username-password")
    }
    fn shared_token_cache() -> credentials::CredentialBuilder {
        Builder::of("shared-token-cache")
    }
    fn github_actions(_: Application, _: OidcRequestBorrow<'_>) -> credentials::CredentialBuilder {
        Builder::of("github-actions")
    }

    fn set_authority(&self, authority: String) {
        self.set("authority", authority);
    }
    fn set_region(&self, region: String) {
        self.set("region", region);
    }
    fn set_additionally_allowed_tenants(&self, tenants: Vec<String>) {
        self.set("additionally-allowed-tenants", tenants.join(" "));
    }
    fn set_disable_instance_discovery(&self, disable: bool) {
        self.set("disable-instance-discovery", disable);
    }
    fn set_tenant_id(&self, tenant_id: String) {
        self.set("tenant-id", tenant_id);
    }
    fn set_client_id(&self, client_id: String) {
        self.set("client-id", client_id);
    }
    fn set_object_id(&self, object_id: String) {
        self.set("object-id", object_id);
    }
    fn set_resource_id(&self, resource_id: String) {
        self.set("resource-id", resource_id);
    }
    fn set_token_file_path(&self, path: String) {
        self.set("token-file-path", path);
    }
    fn set_subscription(&self, subscription: String) {
        self.set("subscription", subscription);
    }
    fn set_username(&self, username: String) {
        self.set("username", username);
    }
    fn set_authentication_record(&self, account: String) {
        self.set("authentication-record", account);
    }
    fn set_exclude(&self, sources: Vec<String>) {
        self.set("exclude", sources.join(" "));
    }
    fn set_retry_sources(&self, retry: bool) {
        self.set("retry-sources", retry);
    }
    fn set_fmi_path(&self, path: String) {
        self.set("fmi-path", path);
    }

    fn create(&self) -> Result<credentials::Credential, CredentialError> {
        Ok(credentials::Credential::new(self.0.borrow().clone()))
    }
}
