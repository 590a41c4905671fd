//! The grant `refresh_token`.

use serde_json::json;

use super::{Ask, ask, azure, settings, verified};

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

fn redeem(token: &str, client_id: &str, tenant: &str) -> Ask {
    Ask::new("POST", format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .with("grant_type", "refresh_token")
        .with("client_id", client_id)
        .with("client_info", "1")
        .with("refresh_token", token)
        .with("scope", "https://storage.azure.com//.default offline_access openid profile")
}

async fn error_code(request: Ask) -> u64 {
    let told = ask(&azure(SETTINGS), &request).await;
    assert_eq!(told.status, 400, "{}", told.text);
    assert_eq!(told.text("error"), "invalid_grant", "{}", told.text);
    told.json["error_codes"][0].as_u64().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn the_azure_cli_gets_all_that_it_keeps() {
    let azure = azure("");
    let told = ask(&azure, &redeem(settings::REFRESH_TOKEN, AZURE_CLI, settings::TENANT_ID)).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let names: Vec<_> = told.json.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
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
        told.text("scope"),
        "https://storage.azure.com//user_impersonation https://storage.azure.com//.default"
    );
    let claims = verified(told.text("access_token"));
    assert_eq!(claims["aud"], "https://storage.azure.com/");
    assert_eq!(
        (claims["scp"].as_str(), claims["appidacr"].as_str()),
        (Some("user_impersonation"), Some("0"))
    );
    let id = verified(told.text("id_token"));
    assert_eq!(
        (id["aud"].as_str(), id["preferred_username"].as_str()),
        (Some(AZURE_CLI), Some(settings::USERNAME))
    );
}

#[tokio::test(start_paused = true)]
async fn the_new_refresh_token_works_and_so_does_the_old() {
    let azure = azure(SETTINGS);
    let told = ask(&azure, &redeem("own", "desktop", "home")).await;
    let new = told.text("refresh_token");
    assert_ne!(new, "own");
    assert_eq!(ask(&azure, &redeem(new, "desktop", "home")).await.status, 200);
    assert_eq!(ask(&azure, &redeem("own", "desktop", "home")).await.status, 200);
    assert!(told.json.get("foci").is_none(), "it is not of the family");
}

#[tokio::test(start_paused = true)]
async fn what_the_scope_does_not_ask_for_is_not_given() {
    let request = redeem("own", "desktop", "home").with("scope", "User.Read").without("client_info");
    let told = ask(&azure(SETTINGS), &request).await;
    assert_eq!(verified(told.text("access_token"))["aud"], "https://graph.microsoft.com");
    for name in ["refresh_token", "id_token", "client_info"] {
        assert!(told.json.get(name).is_none(), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn clients_of_the_family_share_and_others_do_not() {
    let azure = azure(SETTINGS);
    let told = ask(&azure, &redeem("family", VISUAL_STUDIO, "home")).await;
    assert_eq!((told.status, told.text("foci")), (200, "1"));
    assert_eq!(error_code(redeem("family", "desktop", "home")).await, 700_007);
    assert_eq!(error_code(redeem("own", AZURE_CLI, "home")).await, 700_007);
}

#[tokio::test(start_paused = true)]
async fn a_user_is_served_at_home_and_as_a_guest() {
    let azure = azure(SETTINGS);
    for (tenant, expected) in [("home", "home"), ("fabrikam", "fabrikam"), ("organizations", "home")] {
        let told = ask(&azure, &redeem("own", "desktop", tenant)).await;
        assert_eq!(verified(told.text("access_token"))["tid"], expected);
        let client_info = from_base64(told.text("client_info"));
        assert_eq!(client_info, json!({ "uid": "ann", "utid": "home" }));
    }
    assert_eq!(error_code(redeem("own", "desktop", "elsewhere")).await, 50_020);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_never_was_or_is_no_more_is_refused() {
    assert_eq!(error_code(redeem("forged", "desktop", "home")).await, 70_000);
    assert_eq!(error_code(redeem("old", "desktop", "home")).await, 700_082);
    assert_eq!(error_code(redeem("gone", "desktop", "home")).await, 50_173);
}

#[tokio::test(start_paused = true)]
async fn a_scope_names_permissions_of_one_resource() {
    for (scope, code) in [("https://vault.azure.net", 70_011), ("a/x b/x", 28_000)] {
        let told = ask(&azure(SETTINGS), &redeem("own", "desktop", "home").with("scope", scope)).await;
        assert_eq!(told.json["error_codes"][0], code, "{}", told.text);
    }
}

fn from_base64(text: &str) -> serde_json::Value {
    use base64::Engine;
    let json = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(text).expect("client_info is base64url");
    serde_json::from_slice(&json).expect("client_info is JSON")
}
