//! The constructors of azure-identity for Python, as functions of `wit/0.2/credentials`.

mod config;
mod construct;
mod options;

use crate::case::{Case, Match, Respond, Rule};
use host_tests::arguments::{
    App, ClientAuthentication, ClientOptions, DeveloperToolOptions, SharedTokenCacheOptions,
    WorkloadIdentityOptions,
};
use host_tests::bindings::{PasswordGrant, ServiceConnection};
use options::Options;
use serde_json::{Map, Value, json};

pub use config::{Client, CredentialConfig, Inexpressible};

/// The argument for which the component has the variable `AZURE_IDENTITY_ENABLE_AZURE_PROXY`.
pub const ENABLE_AZURE_PROXY: &str = "enable_azure_proxy";

/// The credential of a call whose own options are `with`, and the network rules for chain members that only exist in Python.
///
/// # Errors
/// When the credential cannot be expressed in WIT: the case is not applicable.
pub fn config(
    case: &Case,
    with: &Map<String, Value>,
) -> Result<(CredentialConfig, Vec<Rule>), Inexpressible> {
    let mut options = case.options.clone();
    options.extend(with.clone());
    if case.credential != "ChainedTokenCredential" && case.chain.is_empty() {
        return Ok((single(&case.credential, &options, case)?, Vec::new()));
    }
    let mut rules = Vec::new();
    let members = case.chain.iter().enumerate().map(|(index, member)| match member.get("$custom") {
        Some(custom) => custom_member(index, custom, &mut rules),
        None => {
            let empty = Map::new();
            let options = member.get("options").and_then(Value::as_object).unwrap_or(&empty);
            single(member.get("$cred").and_then(Value::as_str).unwrap_or_default(), options, case)
        }
    });
    let members = members.collect::<Result<_, _>>()?;
    Ok((CredentialConfig::Chain(members), rules))
}

fn single(
    credential: &str,
    options: &Map<String, Value>,
    case: &Case,
) -> Result<CredentialConfig, Inexpressible> {
    let mut options = Options::new(options, &case.files);
    let config = match credential {
        "AuthorizationCodeCredential" => authorization_code(&mut options)?,
        "AzureCliCredential" => CredentialConfig::AzureCli(DeveloperToolOptions {
            tenant_id: options.text("tenant_id"),
            subscription: options.text("subscription"),
            additionally_allowed_tenants: options.texts("additionally_allowed_tenants"),
        }),
        "AzurePipelinesCredential" => CredentialConfig::AzurePipelines(
            options.client()?,
            ServiceConnection {
                id: options.required("service_connection_id")?,
                system_access_token: options.required("system_access_token")?,
            },
        ),
        "CertificateCredential" => {
            CredentialConfig::ClientCertificate(options.client()?, options.certificate()?)
        }
        "ClientAssertionCredential" => {
            CredentialConfig::ClientAssertion(options.client()?, options.returned_by("func")?)
        }
        "ClientSecretCredential" => {
            CredentialConfig::ClientSecret(options.client()?, options.required("client_secret")?)
        }
        "DefaultAzureCredential" => options.default_chain()?,
        "DeviceCodeCredential" => {
            options.value("prompt_callback");
            CredentialConfig::DeviceCode(options.client()?)
        }
        "EnvironmentCredential" => CredentialConfig::Environment,
        "ManagedIdentityCredential" => CredentialConfig::ManagedIdentity(options.user_assigned()?),
        "OnBehalfOfCredential" => {
            let user_assertion = options.required("user_assertion")?;
            CredentialConfig::OnBehalfOf(options.client()?, options.authentication()?, user_assertion)
        }
        "SharedTokenCacheCredential" => CredentialConfig::SharedTokenCache(SharedTokenCacheOptions {
            username: options.text("username"),
            tenant_id: options.text("tenant_id"),
            authentication_record: None,
            client: options.client_options(),
        }),
        "UsernamePasswordCredential" => {
            // Python's default.
            options.or_else("tenant_id", "organizations");
            let (username, password) = (options.required("username")?, options.required("password")?);
            CredentialConfig::UsernamePassword(options.client()?, PasswordGrant { username, password })
        }
        "WorkloadIdentityCredential" => {
            // A variable of the component: `replay.rs` sets it.
            options.value(ENABLE_AZURE_PROXY);
            CredentialConfig::WorkloadIdentity(WorkloadIdentityOptions {
                tenant_id: options.text("tenant_id"),
                client_id: options.text("client_id"),
                token_file_path: options.text("token_file_path"),
                client: options.client_options(),
            })
        }
        other => return Err(format!("the component has no {other}")),
    };
    options.finish()?;
    Ok(config)
}

fn authorization_code(options: &mut Options) -> Result<CredentialConfig, Inexpressible> {
    let authentication = options.text("client_secret").map(ClientAuthentication::Secret);
    let code = options.required("authorization_code")?;
    let redirect_uri = options.required("redirect_uri")?;
    let app = App { client: options.client()?, authentication, redirect_uri };
    Ok(CredentialConfig::AuthorizationCode(app, code))
}

/// A member that only exists in Python: a credential of the component, and a network rule that gives it that behaviour.
fn custom_member(
    index: usize,
    behaviour: &Value,
    rules: &mut Vec<Rule>,
) -> Result<CredentialConfig, Inexpressible> {
    let behaviour = behaviour.as_str().unwrap_or_default();
    let respond = match behaviour {
        // No case with such a member has a login of the Azure CLI.
        "unavailable" => {
            return Ok(CredentialConfig::AzureCli(DeveloperToolOptions::default()));
        }
        // An exception outside the SDK's own; the component has no counterpart but a malformed response.
        "value-error" => (200, json!({"no": "token"})),
        "auth-failed" => (401, json!({"error": "invalid_client"})),
        token => (200, json!({"token_type": "Bearer", "expires_in": 3600, "access_token": token})),
    };
    let tenant_id = format!("member-{index}");
    rules.push(Rule {
        r#match: Match { path: Some(format!("^/{tenant_id}/")), ..Match::default() },
        respond: Respond { status: Some(respond.0), json: Some(respond.1), ..Respond::default() },
        times: None,
    });
    let options = ClientOptions {
        authority: Some(CUSTOM.to_owned()),
        additionally_allowed_tenants: Vec::new(),
        disable_instance_discovery: Some(true),
        region: None,
    };
    let client = Client { tenant_id, client_id: "custom".to_owned(), options };
    Ok(CredentialConfig::ClientSecret(client, "custom".to_owned()))
}

/// The authority of members that only exist in Python. Requests to it are not compared.
pub const CUSTOM: &str = "https://custom.invalid";
