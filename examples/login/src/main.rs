//! Signs a user in with the browser, and prints who signed in.
//!
//! The Azure SDKs call this `InteractiveBrowserCredential`. The provider creates the address and redeems the code. The app
//! listens for the redirect, because the provider opens no sockets.

mod claims;
mod listener;
mod redirect;

use azure::identity::types::TokenRequest;
use azure::identity_credentials::credentials::{Application, Credential};
use azure::identity_credentials::sign_in::{AuthorizationCodeFlow, SignInBuilder};
use listener::Listener;
use std::process::ExitCode;
use std::time::{Duration, Instant};

wit_bindgen::generate!({
    path: ["../../wit/0.2", "../../wit/0.2/credentials"],
    inline: "
        package example:login;
        world login {
            import azure:identity-credentials/sign-in@0.2.0;
        }
    ",
    world: "example:login/login",
    generate_all,
});

fn main() -> ExitCode {
    match sign_in() {
        Ok(description) => {
            println!("\n{description}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("\nlogin: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the address for the browser, waits for the redirect, and describes the user.
fn sign_in() -> Result<String, String> {
    let mut arguments = std::env::args().skip(1);
    let tenant_id = arguments.next().unwrap_or_else(|| "organizations".to_owned());
    let client_id = arguments.next().unwrap_or_else(|| AZURE_CLI.to_owned());
    let scopes = vec![arguments.next().unwrap_or_else(|| "https://vault.azure.net/.default".to_owned())];

    // Any free port: Microsoft Entra ignores the port of `http://localhost`.
    let listener = Listener::bind().map_err(|error| format!("no port to listen on: {error}"))?;
    let redirect_uri = format!("http://localhost:{}", listener.port());
    let application = Application { tenant_id, client_id };
    let flow = SignInBuilder::new(&application, &scopes).begin_authorization_code(&redirect_uri);
    let flow = flow.map_err(|error| error.message)?;
    println!("to sign in, open this address in a browser:\n\n{}", flow.url());
    let credential = wait(&listener, &flow)?;
    // The token is cached since the code was redeemed.
    let request =
        TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false, options: Vec::new() };
    let token = credential.get_token(&request).map_err(|error| error.message)?;
    Ok(claims::describe(&token.token, token.expires_on))
}

/// Responds to requests until the redirect of this sign-in arrives.
fn wait(listener: &Listener, flow: &AuthorizationCodeFlow) -> Result<Credential, String> {
    let deadline = Instant::now() + SIGN_IN_TIMEOUT;
    while let Some(request) = listener.next(deadline) {
        match redirect::check(request.target(), &flow.state()) {
            // Browsers send further requests, e.g. for an icon, and other programs may connect as well.
            Err(refusal) => request.refuse(refusal),
            Ok(()) => {
                let redeemed = flow.redeem(request.target());
                let signed_in = redeemed.is_ok();
                request.respond(if signed_in { "You are signed in." } else { "The sign-in failed." });
                return redeemed.map_err(|error| error.message);
            }
        }
    }
    Err(format!("there was no sign-in within {} minutes", SIGN_IN_TIMEOUT.as_secs() / 60))
}

/// The client id of the Azure CLI, which exists in every tenant. The Azure SDKs use it by default, too.
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/// The timeout of the Azure SDKs.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(300);
