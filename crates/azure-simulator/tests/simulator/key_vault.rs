//! Key Vault.

use std::time::Duration;

use azure_simulator::Azure;
use azure_simulator::jwt;
use azure_simulator::network::Fault;
use serde_json::{Value, json};

use super::{NOW, TestRequest, TestResponse, azure, fault, send, settings};

const VAULT: &str = "https://contoso.vault.azure.net";
const MACHINE: &str = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01";
const AUTHORITY: &str = "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee";

fn get(path: &str) -> TestRequest {
    TestRequest::new("GET", format!("{VAULT}{path}"))
}

fn greeting() -> TestRequest {
    get("/secrets/greeting?api-version=7.6")
}

fn with_token(request: TestRequest, token: &str) -> TestRequest {
    request.without("authorization").header("authorization", &format!("Bearer {token}"))
}

/// A token of the machine's identity for `resource`.
async fn token(azure: &Azure, resource: &str) -> String {
    let request =
        TestRequest::new("GET", format!("{MACHINE}&resource={resource}")).header("metadata", "true");
    send(azure, &request).await.text("access_token").to_owned()
}

/// Sends `request` as the machine's identity.
async fn send_as_machine(toml: &str, request: TestRequest) -> TestResponse {
    let azure = azure(toml);
    let token = token(&azure, "https://vault.azure.net").await;
    send(&azure, &with_token(request, &token)).await
}

/// Checks the shape of a refusal, and returns its message.
fn message<'a>(response: &'a TestResponse, status: u16, code: &str) -> &'a str {
    let error = &response.json["error"];
    assert_eq!((response.status, &error["code"]), (status, &json!(code)), "{}", response.text);
    error["message"].as_str().expect("an error has a message")
}

/// Sends `request` without a good token; returns the message.
async fn unauthorized(azure: &Azure, request: &TestRequest) -> String {
    let response = send(azure, request).await;
    let challenge = format!(r#"Bearer authorization="{AUTHORITY}", resource="https://vault.azure.net""#);
    assert_eq!(response.headers["www-authenticate"], challenge);
    message(&response, 401, "Unauthorized").to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_read_by_name_and_by_version() {
    for path in ["greeting", "Greeting/", "greeting/4387e9f3d6e14c459867679a90fd0f79"] {
        for version in ["7.4", "7.5", "7.6", "2025-07-01"] {
            let response = send_as_machine("", get(&format!("/secrets/{path}?api-version={version}"))).await;
            assert_eq!(
                (response.status, response.text("value")),
                (200, "hello from the vault"),
                "{}",
                response.text
            );
            assert_eq!(
                response.text("id"),
                format!("{VAULT}/secrets/greeting/4387e9f3d6e14c459867679a90fd0f79")
            );
            assert_eq!(
                (response.text("contentType"), &response.json["attributes"]["enabled"]),
                ("text/plain", &json!(true))
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_token_receives_a_challenge() {
    let azure = azure("");
    for request in [greeting(), get("/secrets/nothing"), greeting().header("authorization", "Basic YTpi")] {
        let message = unauthorized(&azure, &request).await;
        assert_eq!(message, "AKV10000: Request is missing a Bearer or PoP token.");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_for_another_resource_is_refused_even_if_only_a_slash_differs() {
    let azure = azure("");
    for resource in ["https://management.azure.com", "https://vault.azure.net/"] {
        let token = token(&azure, resource).await;
        let message = unauthorized(&azure, &with_token(greeting(), &token)).await;
        let expected = "AKV10022: Invalid audience. Expected https://vault.azure.net, found: ";
        assert_eq!(message, format!("{expected}{resource}."));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_of_another_tenant_is_refused() {
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
async fn a_token_that_was_changed_is_refused() {
    let azure = azure("");
    let good = token(&azure, "https://vault.azure.net").await;
    let mut claims = jwt::claims(&good).expect("a token");
    claims["oid"] = json!("another");
    let parts: Vec<_> = good.split('.').collect();
    let forged = format!("{}.{}.{}", parts[0], jwt::base64url(claims.to_string()), parts[2]);
    let message = unauthorized(&azure, &with_token(greeting(), &forged)).await;
    assert_eq!(message, "AKV10046: Unable to resolve the key used for signature validation.");
    let unsigned = format!("{}.{}.", jwt::base64url(r#"{"alg":"none"}"#), parts[1]);
    let message = unauthorized(&azure, &with_token(greeting(), &unsigned)).await;
    assert_eq!(message, "AKV10046: Unable to resolve the key used for signature validation.");
    let message = unauthorized(&azure, &with_token(greeting(), "opaque")).await;
    assert_eq!(message, "[BearerReadAccessTokenFailed] Error validating token: 'S2S12005'.");
}

#[tokio::test(start_paused = true)]
async fn a_token_is_accepted_until_the_second_it_expires() {
    let azure = azure("lifetimes.managed-identity = 3600");
    let good = with_token(greeting(), &token(&azure, "https://vault.azure.net").await);
    tokio::time::sleep(Duration::from_secs(3599)).await;
    assert_eq!(send(&azure, &good).await.status, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let message = unauthorized(&azure, &good).await;
    assert_eq!(message, "[TokenExpired] Error validating token: 'S2S12086'.");
}

#[tokio::test(start_paused = true)]
async fn a_caller_without_permission_is_named_in_the_error() {
    let response =
        send_as_machine("key-vaults = [ { name = 'contoso', readers = ['another'] } ]", greeting()).await;
    let text = message(&response, 403, "Forbidden");
    assert!(text.contains("does not have secrets get permission on key vault 'contoso;location=westeurope'"));
    assert!(text.contains(";oid="), "{text}");
    assert_eq!(response.json["error"]["innererror"]["code"], "AccessDenied");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_secret_is_not_found_and_a_disabled_one_is_forbidden() {
    for path in ["/secrets/nothing?api-version=7.6", "/secrets/greeting/0?api-version=7.6"] {
        let response = send_as_machine("", get(path)).await;
        assert!(message(&response, 404, "SecretNotFound").starts_with("A secret with (name/id) "));
    }
    let disabled =
        "[[key-vaults]]\nname = 'contoso'\nsecrets = [ { name = 'greeting', value = 'x', enabled = false } ]";
    let response = send_as_machine(disabled, greeting()).await;
    assert_eq!(message(&response, 403, "Forbidden"), "Operation get is not allowed on a disabled secret.");
    assert_eq!(response.json["error"]["innererror"]["code"], "SecretDisabled");
}

#[tokio::test(start_paused = true)]
async fn the_last_version_is_the_newest() {
    let two = "[[key-vaults]]\nname = 'contoso'\n\
               secrets = [ { name = 'a', value = 'old', version = '1' }, { name = 'a', value = 'new', version = '2' } ]";
    for (path, value) in [("a", "new"), ("a/1", "old"), ("a/2", "new")] {
        assert_eq!(
            send_as_machine(two, get(&format!("/secrets/{path}?api-version=7.6"))).await.text("value"),
            value
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_api_version_must_exist() {
    let missing = send_as_machine("", get("/secrets/greeting")).await;
    assert_eq!(message(&missing, 400, "BadParameter"), "api-version must be specified");
    let unknown = send_as_machine("", get("/secrets/greeting?api-version=6.0")).await;
    assert!(
        message(&unknown, 400, "BadParameter").starts_with("The specified version (6.0) is not recognized.")
    );
}

#[tokio::test(start_paused = true)]
async fn an_unknown_vault_does_not_resolve_and_an_operation_that_is_not_simulated_is_unexpected() {
    let azure = azure("");
    let nowhere = TestRequest::new("GET", "https://nowhere.vault.azure.net/secrets/greeting?api-version=7.6");
    assert!(matches!(fault(&azure, &nowhere).await, Fault::DnsError));
    assert_eq!(azure.unexpected(), Vec::<String>::new());
    for request in [greeting().method("PUT"), get("/secrets?api-version=7.6"), get("/keys/k?api-version=7.6")]
    {
        assert_eq!(send_as_machine("", request).await.status, 501);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_issued_before_the_revocation_receives_a_claims_challenge() {
    let revoked_on = NOW + 60;
    let azure = azure(&format!(
        "[[key-vaults]]\nname = 'contoso'\nrevoked-on = {revoked_on}\n\
         secrets = [ {{ name = 'greeting', value = 'x' }} ]"
    ));
    let supported = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
    let sign_in = |claims: &str| {
        TestRequest::new("POST", format!("{AUTHORITY}/oauth2/v2.0/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .with("grant_type", "client_credentials")
            .with("client_id", settings::CLIENT_ID)
            .with("client_secret", settings::CLIENT_SECRET)
            .with("scope", "https://vault.azure.net/.default")
            .with("claims", claims)
    };
    let old = send(&azure, &sign_in(supported)).await;
    let unsupported = send(&azure, &sign_in("{}")).await;
    let request = |response: &TestResponse| with_token(greeting(), response.text("access_token"));
    tokio::time::sleep(Duration::from_secs(61)).await;
    let challenged = send(&azure, &request(&old)).await;
    assert_eq!(challenged.status, 401, "{}", challenged.text);
    let header = challenged.headers["www-authenticate"].to_str().expect("a header is text");
    assert!(header.starts_with(r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/"#));
    assert!(header.contains(r#"error="insufficient_claims", claims=""#), "{header}");
    let claims = claims_of(header);
    assert_eq!(claims["access_token"]["nbf"], json!({ "essential": true, "value": revoked_on.to_string() }));
    let mut merged = claims;
    merged["access_token"]["xms_cc"] = json!({ "values": ["cp1"] });
    let new = send(&azure, &sign_in(&merged.to_string())).await;
    assert_eq!(send(&azure, &request(&new)).await.status, 200);
    assert_eq!(
        send(&azure, &request(&unsupported)).await.status,
        200,
        "a client that supports no claims challenge receives none"
    );
}

/// The claims in a challenge.
fn claims_of(challenge: &str) -> Value {
    use base64::Engine;
    let claims = challenge.split("claims=\"").nth(1).and_then(|rest| rest.split('"').next());
    let claims = base64::prelude::BASE64_STANDARD.decode(claims.expect("it has claims")).expect("base64");
    serde_json::from_slice(&claims).expect("JSON")
}
