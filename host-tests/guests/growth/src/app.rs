// An app that requests tokens and returns the parts of the outcome that can grow.

use azure::identity::token_credential::get_token;
use azure::identity::types::{AccessToken, CredentialError, TokenRequest};
use azure::identity_credentials::credentials::{Application, CredentialBuilder};

struct App;

export!(App);

impl Guest for App {
    fn ask(words: Vec<String>) -> String {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let outcome = match &words[..] {
            ["token-credential", options @ ..] => get_token(&request(options)),
            ["client-secret", tenant_id, client_id, secret, options @ ..] => {
                with_a_secret(&application(tenant_id, client_id), secret, options)
            }
            more => ask_for_more(more),
        };
        match outcome {
            Ok(token) => format!("token of {}{}", token.source, pairs(&token.details)),
            Err(error) => format!("{}{}", KINDS[error.kind as usize], pairs(&error.details)),
        }
    }
}

fn with_a_secret(
    application: &Application,
    secret: &str,
    options: &[&str],
) -> Result<AccessToken, CredentialError> {
    let builder = CredentialBuilder::client_secret(application, secret);
    builder.set_authority("https://login.microsoftonline.com");
    builder.create()?.get_token(&request(options))
}

fn application(tenant_id: &str, client_id: &str) -> Application {
    Application { tenant_id: tenant_id.to_owned(), client_id: client_id.to_owned() }
}

/// A request with these keys and values as its options.
fn request(options: &[&str]) -> TokenRequest {
    let pairs = options.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned()));
    TokenRequest {
        scopes: vec!["https://vault.azure.net/.default".to_owned()],
        tenant_id: None,
        claims: None,
        enable_cae: false,
        options: pairs.collect(),
    }
}

fn pairs(details: &[(String, String)]) -> String {
    details.iter().map(|(key, value)| format!(", {key}={value}")).collect()
}

const KINDS: [&str; 5] = ["not-configured", "authentication-failed", "transient", "invalid-argument", "other"];
