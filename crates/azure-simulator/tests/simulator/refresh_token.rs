//! The refresh token grant.

use serde_json::json;

use super::{TestRequest, azure, send, settings, verified};

const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const VISUAL_STUDIO: &str = "872cd9fa-d31f-45e0-9eab-6e460a02d1f1";

/// Users, guests and refresh tokens in all states.
const SETTINGS: &str = "
    [[tenants]]
    id = 'home'
    [[tenants]]
    id = 'fabrikam'
    name = 'Fabrikam'
    [[tenants]]
    id = 'elsewhere'
    [[applications]]
    client-id = 'desktop'
    multi-tenant = true
    [[users]]
    username = 'ann@contoso.com'
    oid = 'ann'
    guest-of = ['fabrikam']
    refresh-tokens = [
        { token = 'family', client-id = '04b07795-8ddb-461a-bbee-02f9e1bf7b46', family = true },
        { token = 'own', client-id = 'desktop' },
        { token = 'old', client-id = 'desktop', state = 'expired' },
        { token = 'gone', client-id = 'desktop', state = 'revoked' },
    ]";

fn redeem(token: &str, client_id: &str, tenant: &str) -> TestRequest {
    TestRequest::new("POST", format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .with("grant_type", "refresh_token")
        .with("client_id", client_id)
        .with("client_info", "1")
        .with("refresh_token", token)
        .with("scope", "https://storage.azure.com//.default offline_access openid profile")
}

async fn error_code(request: TestRequest) -> u64 {
    let response = send(&azure(SETTINGS), &request).await;
    assert_eq!(response.status, 400, "{}", response.text);
    assert_eq!(response.text("error"), "invalid_grant", "{}", response.text);
    response.json["error_codes"][0].as_u64().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn the_azure_cli_receives_every_member_that_it_caches() {
    let azure = azure("");
    let response = send(&azure, &redeem(settings::REFRESH_TOKEN, AZURE_CLI, settings::TENANT_ID)).await;
    assert_eq!(response.status, 200, "{}", response.text);
    let names: Vec<_> =
        response.json.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "token_type",
            "scope",
            "expires_in",
            "ext_expires_in",
            "access_token",
            "refresh_token",
            "foci",
            "id_token",
            "client_info"
        ]
    );
    assert_eq!(
        response.text("scope"),
        "https://storage.azure.com//user_impersonation https://storage.azure.com//.default"
    );
    let claims = verified(response.text("access_token"));
    assert_eq!(claims["aud"], "https://storage.azure.com/");
    assert_eq!(
        (claims["scp"].as_str(), claims["appidacr"].as_str()),
        (Some("user_impersonation"), Some("0"))
    );
    let id = verified(response.text("id_token"));
    assert_eq!(
        (id["aud"].as_str(), id["preferred_username"].as_str()),
        (Some(AZURE_CLI), Some(settings::USERNAME))
    );
}

#[tokio::test(start_paused = true)]
async fn the_new_refresh_token_is_valid_and_so_is_the_old() {
    let azure = azure(SETTINGS);
    let response = send(&azure, &redeem("own", "desktop", "home")).await;
    let new = response.text("refresh_token");
    assert_ne!(new, "own");
    assert_eq!(send(&azure, &redeem(new, "desktop", "home")).await.status, 200);
    assert_eq!(send(&azure, &redeem("own", "desktop", "home")).await.status, 200);
    assert!(response.json.get("foci").is_none(), "the client is not of the family");
}

#[tokio::test(start_paused = true)]
async fn a_response_has_no_token_that_the_scope_does_not_request() {
    let request = redeem("own", "desktop", "home").with("scope", "User.Read").without("client_info");
    let response = send(&azure(SETTINGS), &request).await;
    assert_eq!(verified(response.text("access_token"))["aud"], "https://graph.microsoft.com");
    for name in ["refresh_token", "id_token", "client_info"] {
        assert!(response.json.get(name).is_none(), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_clients_of_the_family_share_a_refresh_token() {
    let azure = azure(SETTINGS);
    let response = send(&azure, &redeem("family", VISUAL_STUDIO, "home")).await;
    assert_eq!((response.status, response.text("foci")), (200, "1"));
    assert_eq!(error_code(redeem("family", "desktop", "home")).await, 700_007);
    assert_eq!(error_code(redeem("own", AZURE_CLI, "home")).await, 700_007);
}

#[tokio::test(start_paused = true)]
async fn a_user_receives_tokens_of_the_home_tenant_and_as_a_guest() {
    let azure = azure(SETTINGS);
    for (tenant, expected) in [("home", "home"), ("fabrikam", "fabrikam"), ("organizations", "home")] {
        let response = send(&azure, &redeem("own", "desktop", tenant)).await;
        assert_eq!(verified(response.text("access_token"))["tid"], expected);
        let client_info = from_base64(response.text("client_info"));
        assert_eq!(client_info, json!({ "uid": "ann", "utid": "home" }));
    }
    assert_eq!(error_code(redeem("own", "desktop", "elsewhere")).await, 50_020);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_expired_or_revoked_refresh_token_is_refused() {
    assert_eq!(error_code(redeem("forged", "desktop", "home")).await, 70_000);
    assert_eq!(error_code(redeem("old", "desktop", "home")).await, 700_082);
    assert_eq!(error_code(redeem("gone", "desktop", "home")).await, 50_173);
}

#[tokio::test(start_paused = true)]
async fn a_scope_has_permissions_of_one_resource_only() {
    for (scope, code) in [("https://vault.azure.net", 70_011), ("a/x b/x", 28_000)] {
        let response = send(&azure(SETTINGS), &redeem("own", "desktop", "home").with("scope", scope)).await;
        assert_eq!(response.json["error_codes"][0], code, "{}", response.text);
    }
}

fn from_base64(text: &str) -> serde_json::Value {
    use base64::Engine;
    let json = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(text).expect("client_info is base64url");
    serde_json::from_slice(&json).expect("client_info is JSON")
}
