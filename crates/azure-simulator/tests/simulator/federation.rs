//! Workload identity federation: the OIDC tokens of Azure DevOps, and what Microsoft Entra checks of an assertion.

use super::{TestRequest, azure, send, settings, verified};
use azure_simulator::jwt;
use serde_json::{Value, json};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn devops() -> TestRequest {
    let pipelines = settings::Pipelines::default();
    let id = &pipelines.service_connections[0].id;
    let query = format!("api-version=7.1&serviceConnectionId={id}");
    TestRequest::new("POST", format!("https://dev.azure.com{}?{query}", pipelines.path))
        .header("authorization", &format!("Bearer {}", pipelines.system_access_token))
        .header("content-type", "application/json")
        .header("x-tfs-fedauthredirect", "Suppress")
}

fn entra(assertion: &str) -> TestRequest {
    let tenant = settings::TENANT_ID;
    TestRequest::new("POST", format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .with("grant_type", "client_credentials")
        .with("client_id", settings::CLIENT_ID)
        .with("client_assertion_type", JWT_BEARER)
        .with("client_assertion", assertion)
        .with("scope", "https://vault.azure.net/.default")
}

/// A valid assertion of the example cluster with one claim replaced.
fn assertion(name: &str, value: Value) -> String {
    let mut claims = json!({
        "aud": "api://AzureADTokenExchange",
        "exp": super::NOW + 3600,
        "iss": "https://oidc.contoso.example/cluster/",
        "nbf": super::NOW,
        "sub": "system:serviceaccount:shop:web",
    });
    claims[name] = value;
    jwt::sign(&claims)
}

#[tokio::test(start_paused = true)]
async fn entra_accepts_the_oidc_token_of_a_service_connection() {
    let azure = azure("");
    let response = send(&azure, &devops()).await;
    assert_eq!(response.status, 200, "{}", response.text);
    let response = send(&azure, &entra(response.text("oidcToken"))).await;
    assert_eq!(response.status, 200, "{}", response.text);
    assert_eq!(verified(response.text("access_token"))["appidacr"], "2");
}

#[tokio::test(start_paused = true)]
async fn azure_devops_refuses_what_the_real_one_refuses() {
    let other =
        |from: &str, to: &str| TestRequest { address: devops().address.replace(from, to), ..devops() };
    for (request, status) in [
        (devops().without("authorization"), 401),
        (devops().without("authorization").header("authorization", "Bearer x"), 401),
        (devops().without("authorization").without("x-tfs-fedauthredirect"), 302),
        (devops().without("content-type"), 415),
        (devops().with("a", "b"), 415),
        (other("api-version=7.1&", ""), 400),
        (other("serviceConnectionId=", "serviceConnectionId=x"), 404),
        (other("api-version=7.1&", "api-version=7.1&serviceConnectionId=y&"), 400),
        (devops().method("GET"), 501),
    ] {
        assert_eq!(send(&azure(""), &request).await.status, status, "{} {}", request.method, request.address);
    }
}

#[tokio::test(start_paused = true)]
async fn entra_reports_what_is_wrong_with_an_assertion() {
    let good = assertion("jti", "1".into());
    let unsigned = format!("{}.AAAA", good.rsplit_once('.').expect("three parts").0);
    for (assertion, code) in [
        ("x".to_owned(), 50027),
        ("a.b.c".to_owned(), 50027),
        (unsigned, 50013),
        (assertion("iss", "https://oidc.contoso.example/cluster".into()), 700_211),
        (assertion("sub", "system:serviceaccount:shop:api".into()), 700_213),
        (assertion("sub", "system:serviceaccount:shop:WEB".into()), 7_002_138),
        (assertion("aud", "api://other".into()), 700_212),
        (assertion("exp", (super::NOW - 301).into()), 700_024),
        (assertion("nbf", (super::NOW + 301).into()), 700_024),
    ] {
        let response = send(&azure(""), &entra(&assertion)).await;
        assert_eq!(response.json["error_codes"], json!([code]), "{}", response.text);
    }
    let response = send(&azure(""), &entra(&good).without("client_assertion_type")).await;
    assert_eq!(response.json["error_codes"], json!([900_144]), "{}", response.text);
    assert_eq!(send(&azure(""), &entra(&good)).await.status, 200);
}
