//! Key Vault.

use std::time::Duration;

use azure_simulator::Azure;
use azure_simulator::jwt;
use azure_simulator::network::Fault;
use serde_json::{Value, json};

use super::{Ask, NOW, Told, ask, azure, fault, settings};

const VAULT: &str = "https://contoso.vault.azure.net";
const MACHINE: &str = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01";
const AUTHORITY: &str = "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee";

fn get(path: &str) -> Ask {
    Ask::new("GET", format!("{VAULT}{path}"))
}

fn greeting() -> Ask {
    get("/secrets/greeting?api-version=7.6")
}

fn with_token(request: Ask, token: &str) -> Ask {
    request.without("authorization").header("authorization", &format!("Bearer {token}"))
}

/// A token of the machine's identity for `resource`.
async fn token(azure: &Azure, resource: &str) -> String {
    let request = Ask::new("GET", format!("{MACHINE}&resource={resource}")).header("metadata", "true");
    ask(azure, &request).await.text("access_token").to_owned()
}

/// Sends `request` as the machine's identity.
async fn told(toml: &str, request: Ask) -> Told {
    let azure = azure(toml);
    let token = token(&azure, "https://vault.azure.net").await;
    ask(&azure, &with_token(request, &token)).await
}

/// Checks the shape of a refusal, and returns its message.
fn message<'a>(told: &'a Told, status: u16, code: &str) -> &'a str {
    let error = &told.json["error"];
    assert_eq!((told.status, &error["code"]), (status, &json!(code)), "{}", told.text);
    error["message"].as_str().expect("an error has a message")
}

/// Sends `request` without a good token; returns the message.
async fn unauthorized(azure: &Azure, request: &Ask) -> String {
    let told = ask(azure, request).await;
    let challenge = format!(r#"Bearer authorization="{AUTHORITY}", resource="https://vault.azure.net""#);
    assert_eq!(told.headers["www-authenticate"], challenge);
    message(&told, 401, "Unauthorized").to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_read_by_its_name_and_by_its_version() {
    for path in ["greeting", "Greeting/", "greeting/4387e9f3d6e14c459867679a90fd0f79"] {
        for version in ["7.4", "7.5", "7.6", "2025-07-01"] {
            let told = told("", get(&format!("/secrets/{path}?api-version={version}"))).await;
            assert_eq!((told.status, told.text("value")), (200, "hello from the vault"), "{}", told.text);
            assert_eq!(told.text("id"), format!("{VAULT}/secrets/greeting/4387e9f3d6e14c459867679a90fd0f79"));
            assert_eq!(
                (told.text("contentType"), &told.json["attributes"]["enabled"]),
                ("text/plain", &json!(true))
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_brings_no_token_is_told_where_to_get_one() {
    let azure = azure("");
    for request in [greeting(), get("/secrets/nothing"), greeting().header("authorization", "Basic YTpi")] {
        let message = unauthorized(&azure, &request).await;
        assert_eq!(message, "AKV10000: Request is missing a Bearer or PoP token.");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_for_another_resource_is_no_good_even_if_only_a_slash_differs() {
    let azure = azure("");
    for resource in ["https://management.azure.com", "https://vault.azure.net/"] {
        let token = token(&azure, resource).await;
        let message = unauthorized(&azure, &with_token(greeting(), &token)).await;
        let expected = "AKV10022: Invalid audience. Expected https://vault.azure.net, found: ";
        assert_eq!(message, format!("{expected}{resource}."));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_of_another_tenant_is_no_good() {
    let other = "[[tenants]]\nid = 'aaaabbbb-0000-cccc-1111-dddd2222eeee'\n\
                 [[tenants]]\nid = 'ffffbbbb-0000-cccc-1111-dddd2222eeee'\n\
                 [virtual-machine]\ntenant = 'ffffbbbb-0000-cccc-1111-dddd2222eeee'\nsystem-assigned = true";
    let azure = azure(other);
    let token = token(&azure, "https://vault.azure.net").await;
    let message = unauthorized(&azure, &with_token(greeting(), &token)).await;
    assert!(message.starts_with("AKV10032: Invalid issuer. Expected one of https://sts.windows.net/aaaa"));
    assert!(message.ends_with("found https://sts.windows.net/ffffbbbb-0000-cccc-1111-dddd2222eeee/."));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_somebody_changed_is_no_good() {
    let azure = azure("");
    let good = token(&azure, "https://vault.azure.net").await;
    let mut claims = jwt::claims(&good).expect("a token");
    claims["oid"] = json!("somebody else");
    let parts: Vec<_> = good.split('.').collect();
    let forged = format!("{}.{}.{}", parts[0], jwt::base64url(&claims.to_string()), parts[2]);
    let message = unauthorized(&azure, &with_token(greeting(), &forged)).await;
    assert_eq!(message, "AKV10046: Unable to resolve the key used for signature validation.");
    let unsigned = format!("{}.{}.", jwt::base64url(r#"{"alg":"none"}"#), parts[1]);
    let message = unauthorized(&azure, &with_token(greeting(), &unsigned)).await;
    assert_eq!(message, "AKV10046: Unable to resolve the key used for signature validation.");
    let message = unauthorized(&azure, &with_token(greeting(), "opaque")).await;
    assert_eq!(message, "[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'.");
}

#[tokio::test(start_paused = true)]
async fn a_token_is_good_until_the_second_it_expires() {
    let azure = azure("lifetimes.managed-identity = 3600");
    let good = with_token(greeting(), &token(&azure, "https://vault.azure.net").await);
    tokio::time::sleep(Duration::from_secs(3599)).await;
    assert_eq!(ask(&azure, &good).await.status, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let message = unauthorized(&azure, &good).await;
    assert_eq!(message, "[TokenExpired] Error validating token: 'S2S12086'.");
}

#[tokio::test(start_paused = true)]
async fn who_may_not_read_is_told_who_he_is() {
    let told = told("key-vaults = [ { name = 'contoso', readers = ['somebody'] } ]", greeting()).await;
    let text = message(&told, 403, "Forbidden");
    assert!(text.contains("does not have secrets get permission on key vault 'contoso;location=westeurope'"));
    assert!(text.contains(";oid="), "{text}");
    assert_eq!(told.json["error"]["innererror"]["code"], "AccessDenied");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_not_found_and_what_is_disabled_is_forbidden() {
    for path in ["/secrets/nothing?api-version=7.6", "/secrets/greeting/0?api-version=7.6"] {
        let told = told("", get(path)).await;
        assert!(message(&told, 404, "SecretNotFound").starts_with("A secret with (name/id) "));
    }
    let disabled =
        "[[key-vaults]]\nname = 'contoso'\nsecrets = [ { name = 'greeting', value = 'x', enabled = false } ]";
    let told = told(disabled, greeting()).await;
    assert_eq!(message(&told, 403, "Forbidden"), "Operation get is not allowed on a disabled secret.");
    assert_eq!(told.json["error"]["innererror"]["code"], "SecretDisabled");
}

#[tokio::test(start_paused = true)]
async fn the_newest_version_is_the_last_one() {
    let two = "[[key-vaults]]\nname = 'contoso'\n\
               secrets = [ { name = 'a', value = 'old', version = '1' }, { name = 'a', value = 'new', version = '2' } ]";
    for (path, value) in [("a", "new"), ("a/1", "old"), ("a/2", "new")] {
        assert_eq!(told(two, get(&format!("/secrets/{path}?api-version=7.6"))).await.text("value"), value);
    }
}

#[tokio::test(start_paused = true)]
async fn the_version_of_the_api_must_be_one_that_there_is() {
    let missing = told("", get("/secrets/greeting")).await;
    assert_eq!(message(&missing, 400, "BadParameter"), "api-version must be specified");
    let unknown = told("", get("/secrets/greeting?api-version=6.0")).await;
    assert!(
        message(&unknown, 400, "BadParameter").starts_with("The specified version (6.0) is not recognized.")
    );
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_does_not_exist_has_no_address_and_an_operation_that_is_not_simulated_is_unexpected() {
    let azure = azure("");
    let nowhere = Ask::new("GET", "https://nowhere.vault.azure.net/secrets/greeting?api-version=7.6");
    assert!(matches!(fault(&azure, &nowhere).await, Fault::DnsError));
    assert_eq!(azure.unexpected(), Vec::<String>::new());
    for request in [greeting().by("PUT"), get("/secrets?api-version=7.6"), get("/keys/k?api-version=7.6")] {
        assert_eq!(told("", request).await.status, 501);
    }
}

#[tokio::test(start_paused = true)]
async fn after_something_happened_older_tokens_are_challenged_for_newer_ones() {
    let revoked_at = NOW + 60;
    let azure = azure(&format!(
        "[[key-vaults]]\nname = 'contoso'\nrevoked-at = {revoked_at}\n\
         secrets = [ {{ name = 'greeting', value = 'x' }} ]"
    ));
    let able = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
    let sign_in = |claims: &str| {
        Ask::new("POST", format!("{AUTHORITY}/oauth2/v2.0/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .with("grant_type", "client_credentials")
            .with("client_id", settings::CLIENT_ID)
            .with("client_secret", settings::CLIENT_SECRET)
            .with("scope", "https://vault.azure.net/.default")
            .with("claims", claims)
    };
    let old = ask(&azure, &sign_in(able)).await;
    let unable = ask(&azure, &sign_in("{}")).await;
    let request = |told: &Told| with_token(greeting(), told.text("access_token"));
    tokio::time::sleep(Duration::from_secs(61)).await;
    let challenged = ask(&azure, &request(&old)).await;
    assert_eq!(challenged.status, 401, "{}", challenged.text);
    let header = challenged.headers["www-authenticate"].to_str().expect("a header is text");
    assert!(header.starts_with(r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/"#));
    assert!(header.contains(r#"error="insufficient_claims", claims=""#), "{header}");
    let claims = claims_of(header);
    assert_eq!(claims["access_token"]["nbf"], json!({ "essential": true, "value": revoked_at.to_string() }));
    let mut merged = claims;
    merged["access_token"]["xms_cc"] = json!({ "values": ["cp1"] });
    let new = ask(&azure, &sign_in(&merged.to_string())).await;
    assert_eq!(ask(&azure, &request(&new)).await.status, 200);
    assert_eq!(ask(&azure, &request(&unable)).await.status, 200, "who cannot answer is not asked");
}

/// The claims in a challenge.
fn claims_of(challenge: &str) -> Value {
    use base64::Engine;
    let claims = challenge.split("claims=\"").nth(1).and_then(|rest| rest.split('"').next());
    let claims = base64::prelude::BASE64_STANDARD.decode(claims.expect("it has claims")).expect("base64");
    serde_json::from_slice(&claims).expect("JSON")
}
