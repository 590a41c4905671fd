//! The constructors of azure-identity for Python, as functions of `wit/0.2/credentials.wit`: what to make.
//! `credential/make.rs` makes it.

mod make;
mod options;

use super::corpus::{Case, Match, Respond, Rule};
use host_tests::bindings::credentials::{
    Assertion, AuthorizationCodeOptions, AzureCliOptions, Certificate, ClientAuthentication, ClientOptions,
    DefaultChainOptions, SharedTokenCacheOptions, UserAssigned, WorkloadIdentityOptions,
};
use options::Options;
use serde_json::{Map, Value, json};

/// What to make. The names of the variants are those of the functions.
#[expect(missing_docs, reason = "wit/0.2/credentials.wit has the words")]
pub enum Plan {
    /// Nothing: `token-credential` is asked.
    TokenCredential,
    AuthorizationCode(AuthorizationCodeOptions, String),
    AzureCli(AzureCliOptions),
    AzurePipelines(Client, String, String),
    Chain(Vec<Plan>),
    ClientAssertion(Client, Assertion),
    ClientCertificate(Client, Certificate),
    ClientSecret(Client, String),
    DefaultChain(DefaultChainOptions),
    DeviceCode(Client),
    Environment,
    ManagedIdentity(Option<UserAssigned>),
    OnBehalfOf(Client, ClientAuthentication, String),
    SharedTokenCache(SharedTokenCacheOptions),
    UsernamePassword(Client, String, String),
    WorkloadIdentity(WorkloadIdentityOptions),
}

/// What all clients of Microsoft Entra have.
pub struct Client {
    /// The tenant's id.
    pub tenant_id: String,
    /// The client's id.
    pub client_id: String,
    /// The rest.
    pub options: ClientOptions,
}

/// Why something cannot be said in WIT.
pub type Inexpressible = String;

/// What the case makes for a call, and who answers for members that only exist in Python.
///
/// # Errors
/// Why it cannot be made: the case is not applicable.
pub fn plan(case: &Case, with: &Map<String, Value>) -> Result<(Plan, Vec<Rule>), Inexpressible> {
    let mut options = case.options.clone();
    options.extend(with.clone());
    if case.credential != "ChainedTokenCredential" && case.chain.is_empty() {
        return Ok((of(&case.credential, &options, case)?, Vec::new()));
    }
    let mut rules = Vec::new();
    let members = case.chain.iter().enumerate().map(|(index, member)| match member.get("$custom") {
        Some(custom) => self::custom(index, custom, &mut rules),
        None => {
            let empty = Map::new();
            let options = member.get("options").and_then(Value::as_object).unwrap_or(&empty);
            of(member.get("$cred").and_then(Value::as_str).unwrap_or_default(), options, case)
        }
    });
    let members = members.collect::<Result<_, _>>()?;
    Ok((Plan::Chain(members), rules))
}

fn of(credential: &str, options: &Map<String, Value>, case: &Case) -> Result<Plan, Inexpressible> {
    let mut options = Options::new(options, &case.files);
    let plan = match credential {
        "AuthorizationCodeCredential" => authorization_code(&mut options)?,
        "AzureCliCredential" => Plan::AzureCli(AzureCliOptions {
            tenant_id: options.text("tenant_id"),
            subscription: options.text("subscription"),
            additionally_allowed_tenants: options.texts("additionally_allowed_tenants"),
        }),
        "AzurePipelinesCredential" => Plan::AzurePipelines(
            options.client()?,
            options.required("service_connection_id")?,
            options.required("system_access_token")?,
        ),
        "CertificateCredential" => Plan::ClientCertificate(options.client()?, options.certificate()?),
        "ClientAssertionCredential" => Plan::ClientAssertion(options.client()?, options.returned_by("func")?),
        "ClientSecretCredential" => Plan::ClientSecret(options.client()?, options.required("client_secret")?),
        "DefaultAzureCredential" => options.default_chain()?,
        "DeviceCodeCredential" => {
            options.value("prompt_callback");
            Plan::DeviceCode(options.client()?)
        }
        "EnvironmentCredential" => Plan::Environment,
        "ManagedIdentityCredential" => Plan::ManagedIdentity(options.user_assigned()?),
        "OnBehalfOfCredential" => {
            let user_assertion = options.required("user_assertion")?;
            Plan::OnBehalfOf(options.client()?, options.authentication()?, user_assertion)
        }
        "SharedTokenCacheCredential" => Plan::SharedTokenCache(SharedTokenCacheOptions {
            username: options.text("username"),
            tenant_id: options.text("tenant_id"),
            client: options.client_options(),
        }),
        "UsernamePasswordCredential" => {
            // Python's tenant, where none is named.
            options.or_else("tenant_id", "organizations");
            let (username, password) = (options.required("username")?, options.required("password")?);
            Plan::UsernamePassword(options.client()?, username, password)
        }
        "WorkloadIdentityCredential" => Plan::WorkloadIdentity(WorkloadIdentityOptions {
            tenant_id: options.text("tenant_id"),
            client_id: options.text("client_id"),
            token_file_path: options.text("token_file_path"),
            client: options.client_options(),
        }),
        other => return Err(format!("there is no {other} here")),
    };
    options.finish()?;
    Ok(plan)
}

fn authorization_code(options: &mut Options) -> Result<Plan, Inexpressible> {
    let secret = options.text("client_secret").map(ClientAuthentication::Secret);
    let code = options.required("authorization_code")?;
    let redirect_uri = options.required("redirect_uri")?;
    let Client { tenant_id, client_id, options } = options.client()?;
    let options = AuthorizationCodeOptions { tenant_id, client_id, client: secret, redirect_uri, options };
    Ok(Plan::AuthorizationCode(options, code))
}

/// A member that only exists in Python, as a credential of ours with a server that answers so.
fn custom(index: usize, answers: &Value, rules: &mut Vec<Rule>) -> Result<Plan, Inexpressible> {
    let answers = answers.as_str().unwrap_or_default();
    let respond = match answers {
        // Nobody is logged in to the CLI in any of these cases.
        "unavailable" => {
            return Ok(Plan::AzureCli(AzureCliOptions {
                tenant_id: None,
                subscription: None,
                additionally_allowed_tenants: Vec::new(),
            }));
        }
        // An exception that is none of the SDK's; none of ours is the server's.
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
        disable_instance_discovery: true,
        region: None,
    };
    let client = Client { tenant_id, client_id: "custom".to_owned(), options };
    Ok(Plan::ClientSecret(client, "custom".to_owned()))
}

/// Where members that only exist in Python get their answers. What goes there is not compared.
pub const CUSTOM: &str = "https://custom.invalid";
