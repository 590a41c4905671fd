//! An app with bindings of its own, of the same interface and of another one, beside the crate for guests.

use azure::identity::token_credential;
use azure::identity::types::TokenRequest;
use azure::identity_credentials::credentials::CredentialBuilder;
use azure_identity_guest::CredentialError;

wit_bindgen::generate!({
    path: ["../../../wit/0.2", "../../../wit/0.2/credentials"],
    inline: "
        package host-tests:two-bindings;
        world app {
            import azure:identity/token-credential@0.2.0;
            import azure:identity-credentials/credentials@0.2.0;
        }
    ",
    world: "host-tests:two-bindings/app",
    generate_all,
});

const SCOPE: &str = "https://vault.azure.net/.default";

fn main() {
    match azure_identity_guest::get_token(azure_identity_guest::TokenRequest::new([SCOPE]).include_details())
    {
        Ok(token) => println!("crate: {}, {:?}", token.source, token.detail("from-cache")),
        Err(error) => println!("crate: {}", describe(&error)),
    }
    match azure_identity_guest::get_token([""]) {
        Ok(token) => println!("no scope: {}", token.source),
        Err(error) => println!("no scope: {}", describe(&error)),
    }
    let request = || TokenRequest {
        scopes: vec![SCOPE.to_owned()],
        tenant_id: None,
        claims: None,
        enable_cae: false,
        options: Vec::new(),
    };
    println!(
        "own: {}",
        token_credential::get_token(&request()).map_or_else(|error| error.message, |it| it.source)
    );
    let imds = CredentialBuilder::managed_identity()
        .create()
        .and_then(|credential| credential.get_token(&request()));
    println!("credentials: {}", imds.map_or_else(|error| error.message, |token| token.source));
}

/// The kind and the sources of the attempts, which do not depend on the messages.
fn describe(error: &CredentialError) -> String {
    let sources: Vec<_> = error.attempts.iter().map(|attempt| attempt.source.as_str()).collect();
    format!("{} {sources:?}", error.kind.name())
}
