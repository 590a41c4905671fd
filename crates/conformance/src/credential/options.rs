//! The arguments of a Python constructor. Each is consumed once; one that is left has no counterpart in WIT.

use super::config::{Client, CredentialConfig, Inexpressible};
use crate::case::Content;
use host_tests::arguments::{
    Assertion, Certificate, ClientAuthentication, ClientOptions, DefaultChainOptions, ManagedIdentityOptions,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The arguments.
pub struct Options<'a> {
    left: Map<String, Value>,
    files: &'a BTreeMap<String, Content>,
}

impl<'a> Options<'a> {
    /// The arguments, and the files that they may refer to.
    pub fn new(options: &Map<String, Value>, files: &'a BTreeMap<String, Content>) -> Self {
        Self { left: options.clone(), files }
    }

    /// Fails when an argument is left.
    pub fn finish(self) -> Result<(), Inexpressible> {
        match self.left.keys().next() {
            Some(name) => Err(format!("the argument {name} has no counterpart in WIT")),
            None => Ok(()),
        }
    }

    /// An argument.
    pub fn value(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name)
    }

    /// A text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.value(name)?.as_str().map(ToOwned::to_owned)
    }

    /// Texts; empty when there is no such argument.
    pub fn texts(&mut self, name: &str) -> Vec<String> {
        let texts = self.value(name).map(Vec::<String>::deserialize);
        texts.and_then(Result::ok).unwrap_or_default()
    }

    /// A text that WIT requires.
    pub fn required(&mut self, name: &str) -> Result<String, Inexpressible> {
        self.text(name).ok_or_else(|| format!("WIT requires {name}"))
    }

    /// Sets an argument that is missing.
    pub fn or_else(&mut self, name: &str, value: &str) {
        self.left.entry(name).or_insert_with(|| json!(value));
    }

    /// The assertion that a callback returns. WIT has a file in place of Python's function; a missing file stands for a
    /// function that raises.
    pub fn returned_by(&mut self, name: &str) -> Result<Assertion, Inexpressible> {
        match self.value(name).as_ref().and_then(|value| value.get("$func")) {
            Some(Value::String(text)) => Ok(Assertion::Text(text.clone())),
            Some(_) => Ok(Assertion::File("/no-such-file".to_owned())),
            None => Err(format!("WIT requires {name}")),
        }
    }

    /// The options that all clients of Microsoft Entra share.
    pub fn client(&mut self) -> Result<Client, Inexpressible> {
        let (tenant_id, client_id) = (self.required("tenant_id")?, self.required("client_id")?);
        Ok(Client { tenant_id, client_id, options: self.client_options() })
    }

    /// The authority and the tenants of a client.
    pub fn client_options(&mut self) -> ClientOptions {
        let disable = self.value("disable_instance_discovery");
        ClientOptions {
            authority: self.text("authority"),
            additionally_allowed_tenants: self.texts("additionally_allowed_tenants"),
            disable_instance_discovery: disable.and_then(|disable| disable.as_bool()),
            region: None,
        }
    }

    /// A certificate, by path or by value. In WIT the caller reads the file.
    pub fn certificate(&mut self) -> Result<Certificate, Inexpressible> {
        let path = self.text("certificate_path");
        let content = match (path, self.value("certificate_data")) {
            (Some(_), Some(_)) => {
                return Err("WIT takes the certificate itself, and no path".to_owned());
            }
            // WIT requires the certificate; an empty one stands for a missing one.
            (None, None) => Some(Content::Text(String::new())),
            (Some(path), None) => self.files.get(&path).cloned(),
            (None, Some(data)) => Content::deserialize(data).ok(),
        };
        let content = content.ok_or("WIT takes the certificate itself; the caller reads the file")?;
        self.with_password(&content)
    }

    /// The authentication of a confidential client.
    pub fn authentication(&mut self) -> Result<ClientAuthentication, Inexpressible> {
        let secret = self.text("client_secret");
        let certificate = self.value("client_certificate");
        match (secret, certificate) {
            (Some(_), Some(_)) => Err("WIT takes one client authentication".to_owned()),
            (Some(secret), None) => Ok(ClientAuthentication::Secret(secret)),
            (None, Some(data)) => {
                let content = Content::deserialize(data).map_err(|error| error.to_string())?;
                Ok(ClientAuthentication::Certificate(self.with_password(&content)?))
            }
            (None, None) => self.returned_by("client_assertion_func").map(ClientAuthentication::Assertion),
        }
    }

    fn with_password(&mut self, content: &Content) -> Result<Certificate, Inexpressible> {
        Ok(Certificate {
            data: content.bytes().map_err(|error| error.to_string())?,
            password: self.text("password"),
            send_chain: self.value("send_certificate_chain") == Some(Value::Bool(true)),
        })
    }

    /// The user-assigned managed identity.
    pub fn user_assigned(&mut self) -> Result<ManagedIdentityOptions, Inexpressible> {
        let client_id = self.text("client_id");
        let mut identity = ManagedIdentityOptions { client_id, ..ManagedIdentityOptions::default() };
        let config = self.value("identity_config");
        for (name, value) in config.iter().filter_map(Value::as_object).flatten() {
            let id = value.as_str().map(ToOwned::to_owned);
            match name.as_str() {
                "client_id" if identity.client_id.is_some() => {
                    return Err("WIT takes one client id of a managed identity".to_owned());
                }
                "client_id" => identity.client_id = id,
                "object_id" => identity.object_id = id,
                "resource_id" => identity.resource_id = id,
                other => return Err(format!("WIT has no managed identity by {other}")),
            }
        }
        Ok(identity)
    }

    /// The default chain; without arguments it is `token-credential`.
    pub fn default_chain(&mut self) -> Result<CredentialConfig, Inexpressible> {
        if self.left.is_empty() {
            return Ok(CredentialConfig::TokenCredential);
        }
        let mut exclude = Vec::new();
        for (theirs, ours) in SOURCES {
            match self.value(&format!("exclude_{theirs}_credential")) {
                Some(Value::Bool(true)) => exclude.extend(ours.map(ToOwned::to_owned)),
                Some(_) => return Err("WIT can exclude a source, but not include one".to_owned()),
                None => {}
            }
        }
        let client_id = self.text("managed_identity_client_id");
        let managed_identity = ManagedIdentityOptions { client_id, ..ManagedIdentityOptions::default() };
        let client = self.client_options();
        Ok(CredentialConfig::DefaultChain(DefaultChainOptions { exclude, managed_identity, client }))
    }
}

/// The members of Python's default chain and their names in WIT. `None`: a component cannot have it, because it needs a process
/// or a browser.
const SOURCES: &[(&str, Option<&str>)] = &[
    ("environment", Some("environment")),
    ("workload_identity", Some("workload-identity")),
    ("managed_identity", Some("managed-identity")),
    ("shared_token_cache", Some("shared-token-cache")),
    ("cli", Some("azure-cli")),
    ("visual_studio_code", None),
    ("developer_cli", Some("azure-developer-cli")),
    ("powershell", None),
    ("broker", None),
    ("interactive_browser", None),
];
