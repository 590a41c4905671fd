//! The registered applications.

use serde::Deserialize;

use super::federated_credential::FederatedCredential;

/// The client id of the default confidential client.
pub const CLIENT_ID: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
/// The client id of the default public client.
pub const PUBLIC_CLIENT_ID: &str = "22220000-cccc-4444-dddd-5555eeee6666";
/// The secret of the default confidential client; it has the characters that a form must encode.
pub const CLIENT_SECRET: &str = "s3cr3t~+/=&%x";
/// The certificate of the default confidential client, PEM. This crate does not contain its private key.
pub const CLIENT_CERTIFICATE: &str = include_str!("../../keys/client-certificate.pem");
/// The client id of the Azure CLI.
pub const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// An application registration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Application {
    /// The client id, a GUID.
    pub client_id: String,
    /// The object id of the service principal; `None`: the client id with its first block replaced by `0b1ec700`.
    #[serde(default)]
    pub object_id: Option<String>,
    /// The id of the home tenant; `None`: the first tenant.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Whether the application has a service principal in every tenant.
    #[serde(default)]
    pub multi_tenant: bool,
    /// The valid client secrets.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// The expired client secrets.
    #[serde(default)]
    pub expired_secrets: Vec<String>,
    /// The federated identity credentials.
    #[serde(default)]
    pub federated_credentials: Vec<FederatedCredential>,
    /// The certificates, PEM.
    #[serde(default)]
    pub certificates: Vec<String>,
    /// Whether an assertion signed with a certificate must contain the certificate chain (`x5c`).
    #[serde(default)]
    pub chain_required: bool,
    /// The application ID URIs of the application's own API, e.g. `api://contoso`.
    #[serde(default)]
    pub identifier_uris: Vec<String>,
    /// 1 or 2: `requestedAccessTokenVersion` of the registration, for tokens to the application's own API.
    #[serde(default)]
    pub token_version: TokenVersion,
    /// The redirect URIs; the port of a loopback address is not compared (RFC 8252, section 7.3).
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// The application roles in the tokens issued to the application.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Whether the application shares refresh tokens with Microsoft's family of first-party clients.
    #[serde(default)]
    pub family: bool,
}

/// The format of an access token, which the resource determines ("Access tokens in the Microsoft
/// identity platform", section "Token formats").
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(try_from = "u8")]
pub enum TokenVersion {
    /// `ver` is `1.0`, and `aud` is the resource as the request spelled it.
    #[default]
    V1,
    /// `ver` is `2.0`, and `aud` is the client id of the resource.
    V2,
}

impl Application {
    /// A public client with this client id, a GUID; with a secret, certificate or federated credential it is a confidential one.
    pub fn new(client_id: impl Into<String>) -> Application {
        Application { client_id: client_id.into(), ..Application::default() }
    }

    /// Sets the home tenant.
    pub fn in_tenant(mut self, id: impl Into<String>) -> Application {
        self.tenant = Some(id.into());
        self
    }

    /// Adds a client secret.
    pub fn with_secret(mut self, secret: impl Into<String>) -> Application {
        self.secrets.push(secret.into());
        self
    }

    /// Adds a certificate, PEM.
    pub fn with_certificate(mut self, certificate: impl Into<String>) -> Application {
        self.certificates.push(certificate.into());
        self
    }

    /// Adds a federated identity credential.
    pub fn with_federated_credential(mut self, credential: FederatedCredential) -> Application {
        self.federated_credentials.push(credential);
        self
    }

    /// Adds a redirect URI.
    pub fn with_redirect_uri(mut self, uri: impl Into<String>) -> Application {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Adds an application role to its tokens.
    pub fn with_role(mut self, role: impl Into<String>) -> Application {
        self.roles.push(role.into());
        self
    }

    /// The default confidential client, with a secret, a certificate and federated credentials.
    pub fn example_confidential_client() -> Application {
        Application {
            client_id: CLIENT_ID.into(),
            object_id: Some("33334444-dddd-5555-eeee-6666ffff7777".into()),
            secrets: vec![CLIENT_SECRET.into()],
            federated_credentials: FederatedCredential::examples(),
            redirect_uris: redirect_uris(),
            certificates: vec![CLIENT_CERTIFICATE.into()],
            ..Application::default()
        }
    }

    /// The default public client.
    pub fn example_public_client() -> Application {
        Application {
            client_id: PUBLIC_CLIENT_ID.into(),
            redirect_uris: redirect_uris(),
            ..Application::default()
        }
    }

    /// The object id of the service principal.
    pub fn object_id(&self) -> String {
        let derived = || format!("0b1ec700{}", self.client_id.get(8..).unwrap_or_default());
        self.object_id.clone().unwrap_or_else(derived)
    }

    /// Whether no credential was ever registered ("Public client and confidential client applications").
    pub fn is_public(&self) -> bool {
        self.secrets.is_empty()
            && self.expired_secrets.is_empty()
            && self.federated_credentials.is_empty()
            && self.certificates.is_empty()
    }
}

impl TryFrom<u8> for TokenVersion {
    type Error = String;

    fn try_from(version: u8) -> Result<TokenVersion, String> {
        match version {
            1 => Ok(TokenVersion::V1),
            2 => Ok(TokenVersion::V2),
            other => Err(format!("the version of an access token is 1 or 2, not {other}")),
        }
    }
}

fn redirect_uris() -> Vec<String> {
    vec![
        "https://app.example/callback?from=entra".into(),
        "http://localhost".into(),
        "http://127.0.0.1".into(),
    ]
}
