//! The output of the demo: short, aligned, and without the token.

use anyhow::Result;
use azure_simulator::timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use host_tests::bindings::{AccessToken, Attempt, CredentialError};
use host_tests::error_kind::name;
use host_tests::journal::Journal;
use std::time::Duration;

/// The component, its size and its environment.
pub fn title(environment: &str, component: &str) -> Result<()> {
    let size = std::fs::metadata(component)?.len() as f64 / 1000.0;
    println!("azure-identity {} ({size:.0} KB of wasm) on {environment}\n", env!("CARGO_PKG_VERSION"));
    Ok(())
}

/// The sources that returned no token.
pub fn attempts(attempts: &[Attempt]) {
    for attempt in attempts {
        let why = attempt.message.strip_prefix(&format!("{}: ", attempt.source)).unwrap_or(&attempt.message);
        println!("  {:<22} {}: {why}", attempt.source, name(attempt.kind));
    }
}

/// The attempts of a chain; an error of a chain with one member lists none, and is that attempt itself.
pub fn as_attempts(error: CredentialError) -> Vec<Attempt> {
    if !error.attempts.is_empty() {
        return error.attempts;
    }
    let source = error.message.split(':').next().unwrap_or_default().to_owned();
    vec![Attempt { source, kind: error.kind, message: error.message, response: error.response }]
}

/// The error. The attempts of a chain have been printed before, so its message is cut there.
pub fn error(error: &CredentialError) {
    let why = error.message.split("; tried: ").next().unwrap_or_default();
    println!("\n  {:<22} {}: {why}", "no token", name(error.kind));
    if let Some(claims) = &error.claims {
        println!("  {:<22} {claims}", "claims");
    }
}

/// The claims of a token, and its expiry.
pub fn token(token: &AccessToken, now: u64) {
    println!("  {:<22} returned a token\n", token.source);
    if let Some(claims) = claims(&token.token) {
        for name in ["aud", "iss", "tid", "appid", "azp", "oid", "upn", "roles"] {
            if let Some(value) = claims.get(name) {
                println!(
                    "  {name:<22} {}",
                    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
                );
            }
        }
    } else {
        println!("  {:<22} opaque, {} bytes", "token", token.token.len());
    }
    println!("  {:<22} {}", "expires on", moment(token.expires_on, now));
    if let Some(refresh_on) = token.refresh_on {
        println!("  {:<22} {}", "refresh on", moment(refresh_on, now));
    }
    println!();
}

/// A call.
pub fn call(which: &str, took: Duration, requests: Option<usize>, remark: &str) {
    let requests = match requests {
        Some(1) => "1 request".to_owned(),
        Some(count) => format!("{count} requests"),
        None => String::new(),
    };
    println!("  {which:<22} {:<10} {requests:<11} {remark}", format!("{took:.1?}"));
}

/// The requests of a run that failed.
pub fn requests(verbose: bool, journal: Option<&Journal>, secrets: &[(String, String)]) {
    sent(verbose, journal, usize::MAX, secrets);
}

/// The first requests of the run.
pub fn sent(verbose: bool, journal: Option<&Journal>, count: usize, secrets: &[(String, String)]) {
    for sent in journal.filter(|_| verbose).into_iter().flat_map(|journal| journal.sent()).take(count) {
        println!("\n{}", sent.render(secrets).trim_end());
    }
}

/// The claims of a JWT. They are not verified, because they are only printed.
fn claims(token: &str) -> Option<serde_json::Value> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

fn moment(time: u64, now: u64) -> String {
    let remaining = Duration::from_secs(time.saturating_sub(now)).as_secs();
    format!("{} (in {} h {} min)", timestamp::entra(time), remaining / 3600, remaining % 3600 / 60)
}
