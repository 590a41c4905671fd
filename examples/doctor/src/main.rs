//! Reports which sources return a token on this host, and why the others do not.

use azure::identity::types::{AccessToken, CredentialError, ErrorKind, TokenRequest};
use azure::identity_credentials::credentials::{Credential, CredentialBuilder};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::process::ExitCode;

wit_bindgen::generate!({
    path: ["../../wit/0.2", "../../wit/0.2/credentials"],
    inline: "
        package example:doctor;
        world doctor {
            import azure:identity-credentials/credentials@0.2.0;
        }
    ",
    world: "example:doctor/doctor",
    generate_all,
});

/// The sources of the default chain, in order; a test compares this list with the component's.
const SOURCES: &[&str] = &[
    "environment",
    "workload-identity",
    "managed-identity",
    "shared-token-cache",
    "azure-cli",
    "azure-developer-cli",
];

fn main() -> ExitCode {
    let scope = std::env::args().nth(1).unwrap_or_else(|| "https://vault.azure.net/.default".to_owned());
    let request = TokenRequest {
        scopes: vec![scope],
        tenant_id: None,
        claims: None,
        enable_cae: false,
        options: Vec::new(),
    };
    let mut first = None;
    let width = SOURCES.iter().map(|source| source.len() + 1).max().unwrap_or_default();
    println!("{:<width$} {:<16} {:<10} reason", "source", "state", "endpoint");
    for source in SOURCES {
        let outcome = only(source).and_then(|credential| credential.get_token(&request));
        let (state, endpoint, reason) = diagnose(&outcome);
        println!("{source:<width$} {state:<16} {endpoint:<10} {reason}");
        first = first.or(outcome.ok());
    }
    match first {
        Some(token) => {
            describe(&token);
            ExitCode::SUCCESS
        }
        None => ExitCode::FAILURE,
    }
}

/// A chain with a single source. It is a member twice, because a chain of several members has the short timeouts of the
/// default chain.
fn only(source: &str) -> Result<Credential, CredentialError> {
    let others: Vec<_> = SOURCES.iter().filter(|other| *other != &source).map(ToString::to_string).collect();
    let builder = CredentialBuilder::default_chain();
    builder.set_exclude(&others);
    CredentialBuilder::chain(&[&builder.create()?, &builder.create()?]).create()
}

/// The state of a source, whether its endpoint was reached, and the reason of a failure.
fn diagnose(outcome: &Result<AccessToken, CredentialError>) -> (&'static str, &'static str, String) {
    let error = match outcome {
        Ok(token) => return ("returns a token", "reached", format!("as {}", token.source)),
        Err(error) => error,
    };
    let state = match error.kind {
        ErrorKind::NotConfigured => "not configured",
        ErrorKind::AuthenticationFailed => "refused",
        ErrorKind::Transient => "not reached",
        ErrorKind::InvalidArgument => "misconfigured",
        ErrorKind::Other => "broken",
    };
    // Both members report the same attempt.
    let reason = error.attempts.first().map_or(&error.message, |attempt| &attempt.message);
    let endpoint = match error.kind {
        _ if reason.contains("the host does not allow requests") => "denied",
        ErrorKind::AuthenticationFailed => "reached",
        ErrorKind::Transient => "allowed",
        _ => "-",
    };
    (state, endpoint, reason.split_once(": ").map_or(reason.as_str(), |(_, reason)| reason).to_owned())
}

/// Prints the token's claims about the identity. They are not verified, which is the task of the resource.
fn describe(token: &AccessToken) {
    println!("\n{:<20} {}", "the source is", token.source);
    let payload = token.token.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    let Some(claims) = payload.and_then(|json| serde_json::from_slice::<serde_json::Value>(&json).ok())
    else {
        println!("{:<20} {} (the token is opaque)", "expires on", token.expires_on);
        return;
    };
    for name in ["aud", "tid", "appid", "azp", "oid", "upn", "roles", "exp"] {
        if let Some(value) = claims.get(name) {
            println!("{name:<20} {}", value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned));
        }
    }
}
