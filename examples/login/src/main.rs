//! Signs a user in with the browser, and says who it is.
//!
//! This is what the Azure SDKs call `InteractiveBrowserCredential`. The provider makes the address and
//! redeems the code; the socket that the browser comes back to is the app's, because the provider opens none.

mod claims;
mod listener;
mod redirect;

use azure::identity::credentials::{
    AuthorizationCodeFlow, AuthorizationCodeOptions, ClientOptions, Credential, begin_authorization_code,
};
use azure::identity::types::TokenRequest;
use listener::Listener;
use std::process::ExitCode;
use std::time::{Duration, Instant};

wit_bindgen::generate!({
    path: "../../wit/0.2",
    inline: "
        package example:login;
        world login {
            import azure:identity/credentials@0.2.0;
        }
    ",
    world: "example:login/login",
    generate_all,
});

fn main() -> ExitCode {
    match sign_in() {
        Ok(who) => {
            println!("\n{who}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("\nlogin: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Sends the user to the browser, waits for the redirect, and describes whoever signed in.
fn sign_in() -> Result<String, String> {
    let mut arguments = std::env::args().skip(1);
    let tenant_id = arguments.next().unwrap_or_else(|| "organizations".to_owned());
    let client_id = arguments.next().unwrap_or_else(|| AZURE_CLI.to_owned());
    let scopes = vec![arguments.next().unwrap_or_else(|| "https://vault.azure.net/.default".to_owned())];

    // Whichever port is free: Microsoft Entra does not look at the port of `http://localhost`.
    let listener = Listener::bind().map_err(|error| format!("no port to listen on: {error}"))?;
    let options = AuthorizationCodeOptions {
        tenant_id,
        client_id,
        client: None,
        redirect_uri: format!("http://localhost:{}", listener.port()),
        options: ClientOptions {
            authority: None,
            additionally_allowed_tenants: Vec::new(),
            disable_instance_discovery: false,
            region: None,
        },
    };
    let flow = begin_authorization_code(options, &scopes).map_err(|error| error.message)?;
    println!("to sign in, open this address in a browser:\n\n{}", flow.url());
    let credential = wait(&listener, &flow)?;
    // It is in the credential's cache since the code was redeemed.
    let request = TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false };
    let token = credential.get_token(&request).map_err(|error| error.message)?;
    Ok(claims::describe(&token.token, token.expires_on))
}

/// Answers the browser until it brings the redirect of this sign-in.
fn wait(listener: &Listener, flow: &AuthorizationCodeFlow) -> Result<Credential, String> {
    let deadline = Instant::now() + PATIENCE;
    while let Some(visitor) = listener.next(deadline) {
        match redirect::read(visitor.target(), &flow.state()) {
            // A browser asks for more than it was sent for, and other programs knock as well.
            Err(refusal) => visitor.refuse(refusal),
            Ok(Err(declined)) => {
                visitor.tell("The sign-in was not completed.");
                return Err(declined);
            }
            Ok(Ok(redirect)) => {
                let redeemed = flow.redeem(&redirect.code, &redirect.state);
                let signed_in = redeemed.is_ok();
                visitor.tell(if signed_in { "You are signed in." } else { "The sign-in failed." });
                return redeemed.map_err(|error| error.message);
            }
        }
    }
    Err(format!("nobody signed in within {} minutes", PATIENCE.as_secs() / 60))
}

/// The Azure CLI's client id, which every tenant knows; so do the Azure SDKs when none is named.
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/// As long as the Azure SDKs wait.
const PATIENCE: Duration = Duration::from_secs(300);
