//! One function for each kind of credential that an app can create. The pages of docs/credentials/ quote them.
//!
//! `credentials KIND` creates one from variables of its own (`TENANT`, `CLIENT`, `SECRET`, …), and prints the source of its
//! token.

use azure::identity::types::{CredentialError, TokenRequest};
use azure::identity_credentials::credentials::{
    Application, Assertion, AuthorizationCodeGrant, Certificate, ClientAuthentication, Credential,
    CredentialBuilder, PasswordGrant, ServiceConnection,
};
use azure::identity_credentials::sign_in::SignInBuilder;
use std::process::ExitCode;

wit_bindgen::generate!({
    path: ["../../wit/0.2", "../../wit/0.2/credentials"],
    inline: "
        package example:credentials;
        world credentials {
            import azure:identity-credentials/credentials@0.2.0;
            import azure:identity-credentials/sign-in@0.2.0;
        }
    ",
    world: "example:credentials/credentials",
    generate_all,
});

type Created = Result<Credential, CredentialError>;

fn main() -> ExitCode {
    let kind = std::env::args().nth(1).unwrap_or_default();
    let Some((_, create)) = KINDS.iter().find(|(name, _)| *name == kind) else {
        eprintln!("credentials: name a kind: {}", KINDS.map(|(name, _)| name).join(", "));
        return ExitCode::FAILURE;
    };
    let request = TokenRequest {
        scopes: vec!["https://vault.azure.net/.default".to_owned()],
        tenant_id: None,
        claims: None,
        enable_cae: false,
        options: Vec::new(),
    };
    match create().and_then(|credential| credential.get_token(&request)) {
        Ok(token) => {
            println!("{}", token.source);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}", error.message);
            ExitCode::FAILURE
        }
    }
}

const KINDS: [(&str, fn() -> Created); 15] = [
    ("client-secret", client_secret),
    ("client-certificate", client_certificate),
    ("client-assertion", client_assertion),
    ("environment", environment),
    ("workload-identity", workload_identity),
    ("managed-identity", managed_identity),
    ("azure-cli", azure_cli),
    ("azure-developer-cli", azure_developer_cli),
    ("shared-token-cache", shared_token_cache),
    ("chain", chain),
    ("azure-pipelines", azure_pipelines),
    ("on-behalf-of", on_behalf_of),
    ("authorization-code", authorization_code),
    ("username-password", username_password),
    ("device-code", device_code),
];

/// The app registration of `TENANT` and `CLIENT`.
fn application() -> Application {
    Application { tenant_id: variable("TENANT"), client_id: variable("CLIENT") }
}

/// The value of a variable; empty if it is unset, which the provider refuses by the argument's name.
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

fn client_secret() -> Created {
    let (application, secret) = (application(), variable("SECRET"));
    let credential = CredentialBuilder::client_secret(&application, &secret).create()?;
    Ok(credential)
}

fn client_certificate() -> Created {
    let (application, pem) = (application(), variable("CERTIFICATE").into_bytes());
    let certificate = Certificate::new(&pem);
    let credential = CredentialBuilder::client_certificate(&application, &certificate).create()?;
    Ok(credential)
}

fn client_assertion() -> Created {
    let application = application();
    let machine = CredentialBuilder::managed_identity().create()?;
    let assertion = Assertion::credential(&machine, None);
    let credential = CredentialBuilder::client_assertion(&application, &assertion).create()?;
    Ok(credential)
}

fn environment() -> Created {
    let credential = CredentialBuilder::environment().create()?;
    Ok(credential)
}

fn workload_identity() -> Created {
    let application = application();
    let builder = CredentialBuilder::workload_identity();
    builder.set_client_id(&application.client_id);
    let credential = builder.create()?;
    Ok(credential)
}

fn managed_identity() -> Created {
    let identity = variable("IDENTITY");
    let builder = CredentialBuilder::managed_identity();
    builder.set_client_id(&identity); // or set_object_id, set_resource_id; none of them: the system-assigned identity
    let credential = builder.create()?;
    Ok(credential)
}

fn azure_cli() -> Created {
    let builder = CredentialBuilder::azure_cli();
    builder.set_subscription("staging");
    let credential = builder.create()?;
    Ok(credential)
}

fn azure_developer_cli() -> Created {
    let credential = CredentialBuilder::azure_developer_cli().create()?;
    Ok(credential)
}

fn shared_token_cache() -> Created {
    let builder = CredentialBuilder::shared_token_cache();
    builder.set_username("user@contoso.com");
    let credential = builder.create()?;
    Ok(credential)
}

fn chain() -> Created {
    let machine = CredentialBuilder::managed_identity().create()?;
    let developer = CredentialBuilder::azure_cli().create()?;
    let credential = CredentialBuilder::chain(&[&machine, &developer]).create()?;
    Ok(credential)
}

fn azure_pipelines() -> Created {
    let (application, connection_id) = (application(), variable("CONNECTION"));
    let system_access_token = variable("SYSTEM_ACCESSTOKEN");
    let connection = ServiceConnection { id: connection_id, system_access_token };
    let credential = CredentialBuilder::azure_pipelines(&application, &connection).create()?;
    Ok(credential)
}

fn on_behalf_of() -> Created {
    let (application, secret, users_token) = (application(), variable("SECRET"), variable("USERS_TOKEN"));
    let authentication = ClientAuthentication::secret(&secret);
    let credential = CredentialBuilder::on_behalf_of(&application, &authentication, &users_token).create()?;
    Ok(credential)
}

fn authorization_code() -> Created {
    let (application, code, redirect_uri) = (application(), variable("CODE"), variable("REDIRECT_URI"));
    let code_verifier = variable("CODE_VERIFIER");
    let grant = AuthorizationCodeGrant { code, redirect_uri, code_verifier: Some(code_verifier) };
    let credential = CredentialBuilder::authorization_code(&application, &grant, None).create()?;
    Ok(credential)
}

fn username_password() -> Created {
    let (application, username, password) = (application(), variable("USERNAME"), variable("PASSWORD"));
    let grant = PasswordGrant { username, password };
    let credential = CredentialBuilder::username_password(&application, &grant).create()?;
    Ok(credential)
}

fn device_code() -> Created {
    let (application, scopes) = (application(), vec!["https://vault.azure.net/.default".to_owned()]);
    let flow = SignInBuilder::new(&application, &scopes).begin_device_code()?;
    println!("{}", flow.message());
    let credential = flow.wait()?;
    Ok(credential)
}
