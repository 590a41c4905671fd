//! `credential-builder`: a kind of credential, and the options that a caller has set. Nothing is checked here but
//! whether the kind has these options; `credentials.rs` creates the credential.

use super::exports::azure::identity_credentials::credentials as wit;
use crate::credential::Credential;
use crate::entra::ClientOptions;
use crate::error::Error;
use crate::http::Body;
use crate::prelude::*;
use crate::token::Secret;
use core::cell::RefCell;

/// A credential that is not created yet.
pub struct Builder {
    pub kind: Kind,
    options: RefCell<BuilderOptions>,
}

/// The kinds of credentials, with what each of them requires.
pub enum Kind {
    AuthorizationCode(wit::Application, wit::AuthorizationCodeGrant, Option<RawAuthentication>),
    AzureCli,
    AzureDeveloperCli,
    AzurePipelines(wit::Application, wit::ServiceConnection),
    Chain(Vec<Credential>),
    ClientAssertion(wit::Application, RawAssertion),
    ClientCertificate(wit::Application, RawCertificate),
    ClientSecret(wit::Application, Secret),
    DefaultChain,
    Environment,
    ManagedIdentity,
    OnBehalfOf(wit::Application, RawAuthentication, String),
    SharedTokenCache,
    UsernamePassword(wit::Application, wit::PasswordGrant),
    WorkloadIdentity,
}

/// The options of all kinds.
#[derive(Clone, Default)]
pub struct BuilderOptions {
    pub client: ClientOptions,
    pub tenant_id: Option<String>,
    pub client_id: Option<String>,
    pub object_id: Option<String>,
    pub resource_id: Option<String>,
    pub token_file_path: Option<String>,
    pub subscription: Option<String>,
    pub username: Option<String>,
    pub authentication_record: Option<String>,
    pub exclude: Vec<String>,
    pub retry_sources: Option<bool>,
}

/// Of `certificate`.
#[derive(Clone)]
pub struct RawCertificate {
    pub data: Body,
    pub password: Option<Secret>,
    pub send_chain: bool,
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

impl Builder {
    /// The resource of a builder without options.
    pub fn of(kind: Kind) -> wit::CredentialBuilder {
        wit::CredentialBuilder::new(Self { kind, options: RefCell::default() })
    }

    pub fn change(&self, change: impl FnOnce(&mut BuilderOptions)) {
        change(&mut self.options.borrow_mut());
    }

    /// The options.
    ///
    /// # Errors
    /// `invalid-argument` when the kind does not have one of them.
    pub fn options(&self) -> Result<BuilderOptions, Error> {
        let options = self.options.borrow().clone();
        let (name, is_client, own) = self.kind.options();
        let has = |option: &&str| own.contains(option) || (is_client && OF_CLIENT.contains(option));
        let foreign = options.names().into_iter().find(|(option, is_set)| *is_set && !has(option));
        match foreign {
            Some((option, _)) => {
                let what = format_args!("it has no option {option}; leave it out");
                Err(Error::invalid_argument(name, what))
            }
            None => Ok(options),
        }
    }
}

impl Kind {
    /// The name of the kind, whether it has the options of a client of Microsoft Entra, and its own options.
    fn options(&self) -> (&'static str, bool, &'static [&'static str]) {
        match self {
            Self::AuthorizationCode(..) => ("authorization-code", true, &[]),
            Self::AzureCli => ("azure-cli", false, &["tenant-id", "subscription", ALLOWED_TENANTS]),
            Self::AzureDeveloperCli => ("azure-developer-cli", false, &["tenant-id", ALLOWED_TENANTS]),
            Self::AzurePipelines(..) => ("azure-pipelines", true, &[]),
            Self::Chain(..) => ("chain", false, &["retry-sources"]),
            Self::ClientAssertion(..) => ("client-assertion", true, &[]),
            Self::ClientCertificate(..) => ("client-certificate", true, &[]),
            Self::ClientSecret(..) => ("client-secret", true, &[]),
            Self::DefaultChain => ("default", true, &["exclude", "client-id", "object-id", "resource-id"]),
            Self::Environment => ("environment", true, &[]),
            Self::ManagedIdentity => ("managed-identity", false, &["client-id", "object-id", "resource-id"]),
            Self::OnBehalfOf(..) => ("on-behalf-of", true, &[]),
            Self::SharedTokenCache => {
                ("shared-token-cache", true, &["username", "tenant-id", "authentication-record"])
            }
            Self::UsernamePassword(..) => ("username-password", true, &[]),
            Self::WorkloadIdentity => {
                ("workload-identity", true, &["tenant-id", "client-id", "token-file-path"])
            }
        }
    }
}

const ALLOWED_TENANTS: &str = "additionally-allowed-tenants";
/// The options of a client of Microsoft Entra.
const OF_CLIENT: &[&str] = &["authority", "region", ALLOWED_TENANTS, "disable-instance-discovery"];

impl BuilderOptions {
    /// The names of all options, and whether each of them is set.
    fn names(&self) -> [(&'static str, bool); 14] {
        [
            ("authority", self.client.authority.is_some()),
            ("region", self.client.region.is_some()),
            (ALLOWED_TENANTS, !self.client.allowed_tenants.is_empty()),
            ("disable-instance-discovery", self.client.disable_instance_discovery.is_some()),
            ("tenant-id", self.tenant_id.is_some()),
            ("client-id", self.client_id.is_some()),
            ("object-id", self.object_id.is_some()),
            ("resource-id", self.resource_id.is_some()),
            ("token-file-path", self.token_file_path.is_some()),
            ("subscription", self.subscription.is_some()),
            ("username", self.username.is_some()),
            ("authentication-record", self.authentication_record.is_some()),
            ("exclude", !self.exclude.is_empty()),
            ("retry-sources", self.retry_sources.is_some()),
        ]
    }
}

/// A text that a caller set; a blank one is unset.
pub fn set(text: String) -> Option<String> {
    Some(text).filter(|text| !text.trim().is_empty())
}

/// The certificate that a caller describes.
pub struct CertificateResource(RefCell<RawCertificate>);

impl CertificateResource {
    pub fn certificate(&self) -> RawCertificate {
        self.0.borrow().clone()
    }
}

impl wit::GuestCertificate for CertificateResource {
    fn new(data: Vec<u8>) -> Self {
        Self(RefCell::new(RawCertificate { data: Body(data), password: None, send_chain: false }))
    }

    fn set_password(&self, password: String) {
        self.0.borrow_mut().password = Some(password.into());
    }

    fn set_send_chain(&self, send: bool) {
        self.0.borrow_mut().send_chain = send;
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
        let certificate = certificate.get::<CertificateResource>().certificate();
        wit::ClientAuthentication::new(Self::Certificate(certificate))
    }

    fn assertion(assertion: wit::AssertionBorrow<'_>) -> wit::ClientAuthentication {
        wit::ClientAuthentication::new(Self::Assertion(assertion.get::<RawAssertion>().clone()))
    }
}
