//! Microsoft Entra ID: what is common to all grants, and client credentials.

use super::{NOW, TestRequest, azure, send, settings, verified};

const TENANT: &str = settings::TENANT_ID;
const CP1: &str = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;

fn good() -> TestRequest {
    at("login.microsoftonline.com", TENANT)
}

fn at(host: &str, tenant: &str) -> TestRequest {
    TestRequest::new("POST", format!("https://{host}/{tenant}/oauth2/v2.0/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .with("grant_type", "client_credentials")
        .with("client_id", settings::CLIENT_ID)
        .with("client_secret", settings::CLIENT_SECRET)
        .with("scope", "https://vault.azure.net/.default")
}

/// Sends a request to the default Azure, and checks the form of the error; returns the description.
async fn refused(request: TestRequest, status: u16, error: &str, code: u32) -> String {
    refused_by("", request, status, error, code).await
}

async fn refused_by(toml: &str, request: TestRequest, status: u16, error: &str, code: u32) -> String {
    let response = send(&azure(toml), &request).await;
    assert_eq!((response.status, response.text("error")), (status, error), "{}", response.text);
    assert_eq!(response.json["error_codes"], serde_json::json!([code]), "{}", response.text);
    let description = response.text("error_description").to_owned();
    assert!(description.starts_with(&format!("AADSTS{code}: ")), "{description}");
    let (trace, correlation) = (response.text("trace_id"), response.text("correlation_id"));
    let end = format!(" Trace ID: {trace} Correlation ID: {correlation} Timestamp: 2027-01-15 08:00:00Z");
    assert!(description.ends_with(&end), "{description}");
    assert_eq!(response.text("timestamp"), "2027-01-15 08:00:00Z");
    assert!(response.text("error_uri").ends_with(&format!("/error?code={code}")));
    description
}

#[tokio::test(start_paused = true)]
async fn a_valid_request_receives_a_token_of_the_application() {
    let response = send(&azure(""), &good()).await;
    assert_eq!(response.status, 200, "{}", response.text);
    assert_eq!(response.text("token_type"), "Bearer");
    assert_eq!(
        (&response.json["expires_in"], &response.json["ext_expires_in"]),
        (&3599.into(), &3599.into())
    );
    assert!(response.json.get("refresh_token").is_none());
    let claims = verified(response.text("access_token"));
    assert_eq!(claims["aud"], "https://vault.azure.net");
    assert_eq!(claims["iss"], format!("https://sts.windows.net/{TENANT}/"));
    assert_eq!((claims["ver"].as_str(), claims["idtyp"].as_str()), (Some("1.0"), Some("app")));
    assert_eq!(claims["appid"], settings::CLIENT_ID);
    assert_eq!(claims["appidacr"], "1");
    assert_eq!(claims["tid"], TENANT);
    assert_eq!(claims["sub"], claims["oid"]);
    assert_eq!(claims["exp"], NOW + 3599);
    assert!(claims.get("xms_cc").is_none() && claims.get("roles").is_none());
}

#[tokio::test(start_paused = true)]
async fn each_response_has_a_token_of_its_own() {
    let azure = azure("");
    let (one, other) = (send(&azure, &good()).await, send(&azure, &good()).await);
    assert_ne!(one.text("access_token"), other.text("access_token"));
}

#[tokio::test(start_paused = true)]
async fn the_tenant_may_be_a_domain_name_and_the_host_a_regional_one() {
    assert_eq!(send(&azure(""), &at("login.microsoftonline.com", "Contoso.com")).await.status, 200);
    assert_eq!(send(&azure(""), &at("westeurope.login.microsoft.com", TENANT)).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_supports_claims_challenges_receives_a_long_lived_token() {
    let response = send(&azure(""), &good().with("claims", CP1)).await;
    assert_eq!(response.json["expires_in"], 86_399);
    assert_eq!(verified(response.text("access_token"))["xms_cc"], serde_json::json!(["CP1"]));
}

#[tokio::test(start_paused = true)]
async fn an_applications_own_api_can_have_version_2_tokens_and_roles() {
    let azure = azure(&format!(
        "[[applications]]
         client-id = '{}'
         secrets = ['right']
         identifier-uris = ['api://contoso']
         token-version = 2
         roles = ['Reader']",
        settings::CLIENT_ID
    ));
    let request = good().with("client_secret", "right").with("scope", "api://contoso/.default");
    let claims = verified(send(&azure, &request).await.text("access_token"));
    assert_eq!((claims["ver"].as_str(), claims["aud"].as_str()), (Some("2.0"), Some(settings::CLIENT_ID)));
    assert_eq!(claims["iss"], format!("https://login.microsoftonline.com/{TENANT}/v2.0"));
    assert_eq!(claims["azp"], settings::CLIENT_ID);
    assert_eq!(claims["roles"], serde_json::json!(["Reader"]));
}

#[tokio::test(start_paused = true)]
async fn the_final_slash_of_a_resource_stays_in_the_audience() {
    let request = good().with("scope", "https://management.core.windows.net//.default");
    let claims = verified(send(&azure(""), &request).await.text("access_token"));
    assert_eq!(claims["aud"], "https://management.core.windows.net/");
}

#[tokio::test(start_paused = true)]
async fn a_request_must_be_a_post_of_a_form_with_each_parameter_once() {
    refused(good().method("GET"), 400, "invalid_request", 900_561).await;
    let json = good().without("content-type").header("content-type", "application/json");
    refused(json, 400, "invalid_request", 900_144).await;
    refused(good().and("scope", "x"), 400, "invalid_request", 9_000_411).await;
    for name in ["grant_type", "client_id", "scope"] {
        let why = refused(good().without(name), 400, "invalid_request", 900_144).await;
        assert!(why.contains(&format!("'{name}'")), "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_tenant_must_exist_in_the_cloud_of_the_host() {
    refused(at("login.microsoftonline.com", "nosuch.example"), 400, "invalid_request", 90_002).await;
    refused(at("login.microsoftonline.us", TENANT), 400, "invalid_request", 90_002).await;
    refused(at("login.partner.microsoftonline.cn", TENANT), 400, "invalid_request", 90_002).await;
    refused(at("login.microsoftonline.com", "a%20b"), 400, "invalid_request", 900_023).await;
}

#[tokio::test(start_paused = true)]
async fn a_national_cloud_issues_its_own_tokens() {
    let toml = "[[tenants]]\nid = 'cn'\ncloud = 'china'";
    let response = send(&azure(toml), &at("login.partner.microsoftonline.cn", "cn")).await;
    assert_eq!(verified(response.text("access_token"))["iss"], "https://sts.chinacloudapi.cn/cn/");
}

#[tokio::test(start_paused = true)]
async fn an_application_must_name_its_tenant() {
    refused(at("login.microsoftonline.com", "common"), 400, "invalid_request", 50_194).await;
    let toml = format!(
        "[[applications]]\nclient-id = '{}'\nmulti-tenant = true\nsecrets = ['s']",
        settings::CLIENT_ID
    );
    let request = at("login.microsoftonline.com", "organizations").with("client_secret", "s");
    refused_by(&toml, request, 400, "invalid_request", 50_059).await;
}

#[tokio::test(start_paused = true)]
async fn the_client_must_exist_in_the_tenant() {
    let why = refused(good().with("client_id", "unknown"), 400, "unauthorized_client", 700_016).await;
    assert!(why.contains("'unknown' was not found in the directory 'Contoso'"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn the_client_secret_must_be_valid() {
    refused(good().with("client_secret", "wrong"), 401, "invalid_client", 7_000_215).await;
    refused(good().without("client_secret"), 401, "invalid_client", 7_000_216).await;
    refused(good().with("client_secret", ""), 401, "invalid_client", 7_000_216).await;
    let other_grant = good().without("client_secret").with("grant_type", "refresh_token");
    refused(other_grant, 401, "invalid_client", 7_000_218).await;
}

#[tokio::test(start_paused = true)]
async fn an_expired_client_secret_is_refused() {
    let toml = format!("[[applications]]\nclient-id = '{}'\nexpired-secrets = ['old']", settings::CLIENT_ID);
    refused_by(&toml, good().with("client_secret", "old"), 401, "invalid_client", 7_000_222).await;
}

#[tokio::test(start_paused = true)]
async fn a_public_client_must_not_send_a_secret() {
    let azure_cli = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
    refused(good().with("client_id", azure_cli), 401, "invalid_client", 700_025).await;
}

#[tokio::test(start_paused = true)]
async fn the_grant_must_be_supported() {
    refused(good().with("grant_type", "wish"), 400, "unsupported_grant_type", 70_003).await;
}

#[tokio::test(start_paused = true)]
async fn the_scope_must_be_one_known_resource_with_default() {
    for scope in
        ["https://vault.azure.net", "https://vault.azure.net/user_impersonation", "/.default", "a/.default b"]
    {
        refused(good().with("scope", scope), 400, "invalid_scope", 1_002_012).await;
    }
    refused(good().with("scope", "\"/.default"), 400, "invalid_scope", 70_011).await;
    refused(good().with("scope", "a/.default b/.default"), 400, "invalid_scope", 28_000).await;
    let unknown = good().with("scope", "https://nowhere.example/.default");
    refused(unknown, 400, "invalid_resource", 500_011).await;
}

#[tokio::test(start_paused = true)]
async fn claims_must_be_json() {
    refused(good().with("claims", "{oops"), 400, "invalid_request", 9_002_313).await;
}

#[tokio::test(start_paused = true)]
async fn a_claims_challenge_is_satisfied_by_a_request_with_its_claims() {
    let toml = "[[challenges]]\nresource = 'https://vault.azure.net'";
    let response = send(&azure(toml), &good().with("claims", CP1)).await;
    assert_eq!((response.status, response.text("error")), (400, "interaction_required"));
    assert_eq!(response.text("suberror"), "basic_action");
    let challenge = response.text("claims");
    assert_eq!(challenge, r#"{"access_token":{"capolids":{"essential":true,"values":["c1"]}}}"#);
    let merged =
        r#"{"access_token":{"xms_cc":{"values":["cp1"]},"capolids":{"essential":true,"values":["c1"]}}}"#;
    assert_eq!(send(&azure(toml), &good().with("claims", merged)).await.status, 200);
    refused_by(toml, good(), 400, "interaction_required", 50_076).await;
}

#[tokio::test(start_paused = true)]
async fn an_error_has_the_clients_correlation_id() {
    let request = good().with("client_secret", "wrong").header("client-request-id", "mine");
    assert_eq!(send(&azure(""), &request).await.text("correlation_id"), "mine");
}

#[tokio::test(start_paused = true)]
async fn the_discovery_document_names_the_endpoints_that_exist() {
    let get = |path: &str| TestRequest::new("GET", format!("https://login.microsoftonline.com/{path}"));
    let azure = azure("");
    let response = send(&azure, &get(&format!("{TENANT}/v2.0/.well-known/openid-configuration"))).await;
    assert_eq!(response.text("issuer"), format!("https://login.microsoftonline.com/{TENANT}/v2.0"));
    let token_endpoint = good().address;
    assert_eq!(response.text("token_endpoint"), token_endpoint);
    let keys = send(&azure, &TestRequest::new("GET", response.text("jwks_uri"))).await;
    assert_eq!(keys.json["keys"][0]["kty"], "RSA");
    let response = send(&azure, &get("nosuch.example/v2.0/.well-known/openid-configuration")).await;
    assert_eq!((response.status, response.text("error")), (400, "invalid_tenant"));
    let response = send(&azure, &get("organizations/v2.0/.well-known/openid-configuration")).await;
    assert_eq!(response.text("issuer"), "https://login.microsoftonline.com/{tenantid}/v2.0");
}

#[tokio::test(start_paused = true)]
async fn instance_discovery_lists_the_public_clouds_only() {
    let about = |host: &str| {
        let endpoint = format!("https%3A%2F%2F{host}%2Fcommon%2Foauth2%2Fauthorize");
        let query = format!("api-version=1.1&authorization_endpoint={endpoint}");
        TestRequest::new(
            "GET",
            format!("https://login.microsoftonline.com/common/discovery/instance?{query}"),
        )
    };
    let azure = azure("");
    let response = send(&azure, &about("login.microsoftonline.us")).await;
    assert_eq!(response.json["metadata"][2]["preferred_network"], "login.microsoftonline.us");
    assert_eq!(send(&azure, &about("login.evil.example")).await.text("error"), "invalid_instance");
}
