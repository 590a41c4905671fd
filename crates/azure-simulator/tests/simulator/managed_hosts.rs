//! The identity endpoints beside that of IMDS.

use super::{NOW, TestRequest, TestResponse, azure, send};

const HEADER: &str = "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a";
const KEY: &str = "QXJjIGtleSBvZiB0aGUgdGVzdHM-7f3a";
const USER_ASSIGNED: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
const RESOURCE: &str = "resource=https%3A%2F%2Fvault.azure.net";

fn app_service(query: &str) -> TestRequest {
    TestRequest::new("GET", format!("http://127.0.0.1:41741/msi/token?{query}"))
        .header("x-identity-header", HEADER)
}

fn azure_ml(query: &str) -> TestRequest {
    TestRequest::new("GET", format!("http://127.0.0.1:46808/MSI/auth?{query}")).header("secret", HEADER)
}

fn service_fabric(query: &str) -> TestRequest {
    let address = "https://localhost:2377/metadata/identity/oauth2/token";
    TestRequest::new("GET", format!("{address}?{query}")).header("secret", HEADER)
}

fn azure_arc(query: &str) -> TestRequest {
    let address = "http://localhost:40342/metadata/identity/oauth2/token";
    TestRequest::new("GET", format!("{address}?{query}")).header("metadata", "true")
}

fn cloud_shell() -> TestRequest {
    TestRequest::new("POST", "http://localhost:50342/oauth2/token")
        .header("metadata", "true")
        .header("content-type", "application/x-www-form-urlencoded")
        .with("resource", "https://vault.azure.net")
}

async fn send_to_default(request: TestRequest) -> TestResponse {
    send(&azure(""), &request).await
}

/// Sends a request and returns the status, which must not be 200.
async fn refusal(request: TestRequest) -> u16 {
    let response = send_to_default(request).await;
    assert_ne!(response.status, 200, "{}", response.text);
    response.status
}

#[tokio::test(start_paused = true)]
async fn app_service_requires_the_identity_header() {
    let good = format!("api-version=2019-08-01&{RESOURCE}");
    let response = send_to_default(app_service(&good)).await;
    assert_eq!((response.status, response.text("expires_on")), (200, (NOW + 86_400).to_string().as_str()));
    let response = send_to_default(app_service(&format!("{good}&client_id={USER_ASSIGNED}"))).await;
    assert_eq!(response.text("client_id"), USER_ASSIGNED);
    assert_eq!(refusal(app_service(&good).without("x-identity-header")).await, 403);
    assert_eq!(refusal(app_service(&format!("api-version=2017-09-01&{RESOURCE}"))).await, 400);
    assert_eq!(refusal(app_service("api-version=2019-08-01")).await, 400);
    assert_eq!(refusal(app_service(&format!("{good}&msi_res_id=/r"))).await, 400);
    assert_eq!(refusal(app_service(&format!("{good}&client_id=unknown"))).await, 400);
    assert_eq!(refusal(app_service(&format!("{good}&client_id=a&object_id=b"))).await, 400);
    assert_eq!(refusal(app_service("api-version=2019-08-01&resource=https://nowhere.example")).await, 500);
    assert_eq!(refusal(app_service(&good).method("POST")).await, 405);
}

#[tokio::test(start_paused = true)]
async fn azure_ml_supports_client_ids_only() {
    let good = format!("api-version=2017-09-01&{RESOURCE}");
    assert_eq!(send_to_default(azure_ml(&good)).await.json["expires_on"], NOW + 86_400);
    assert_eq!(send_to_default(azure_ml(&format!("{good}&clientid={USER_ASSIGNED}"))).await.status, 200);
    for other in ["client_id", "object_id", "msi_res_id"] {
        assert_eq!(refusal(azure_ml(&format!("{good}&{other}={USER_ASSIGNED}"))).await, 400);
    }
    assert_eq!(refusal(azure_ml(&good).without("secret")).await, 401);
    assert_eq!(refusal(azure_ml(&format!("api-version=2019-08-01&{RESOURCE}"))).await, 400);
}

#[tokio::test(start_paused = true)]
async fn service_fabric_supports_no_id_and_requires_tls() {
    let good = format!("api-version=2019-07-01-preview&{RESOURCE}");
    assert_eq!(send_to_default(service_fabric(&good)).await.json["expires_on"], NOW + 86_400);
    let response = send_to_default(service_fabric(&good).without("secret")).await;
    assert_eq!((response.status, &response.json["error"]["code"]), (401, &"SecretHeaderNotFound".into()));
    assert_eq!(refusal(service_fabric(&good).without("secret").header("secret", "x")).await, 404);
    assert_eq!(refusal(service_fabric(&format!("{good}&client_id={USER_ASSIGNED}"))).await, 400);
    assert_eq!(refusal(service_fabric(RESOURCE)).await, 400);
    let plain = TestRequest::new("GET", "http://localhost:2377/metadata/identity/oauth2/token");
    assert_eq!(refusal(plain).await, 501);
}

#[tokio::test(start_paused = true)]
async fn azure_arc_requires_the_content_of_its_key_file() {
    let good = format!("api-version=2020-06-01&{RESOURCE}");
    let response = send_to_default(azure_arc(&good)).await;
    assert_eq!(response.status, 401);
    assert_eq!(response.headers["www-authenticate"], "Basic realm=/var/opt/azcmagent/tokens/12b1a0e6.key");
    let with_key = |query: &str| azure_arc(query).header("authorization", &format!("Basic {KEY}"));
    assert_eq!(send_to_default(with_key(&good)).await.text("expires_in"), "86400");
    assert_eq!(refusal(azure_arc(&good).header("authorization", &format!("Basic {KEY}\t"))).await, 401);
    assert_eq!(refusal(with_key(&good).without("metadata")).await, 400);
    assert_eq!(refusal(with_key(&format!("{good}&mi_res_id=/r"))).await, 400);
}

#[tokio::test(start_paused = true)]
async fn the_azure_arc_agent_returns_the_id_unless_it_is_too_old_to_support_one() {
    let query = format!("api-version=2020-06-01&{RESOURCE}&object_id=22223333-cccc-4444-dddd-5555eeee6666");
    let with_key = azure_arc(&query).header("authorization", &format!("Basic {KEY}"));
    let response = send_to_default(with_key.clone()).await;
    assert_eq!(
        (response.text("client_id"), response.text("object_id")),
        (USER_ASSIGNED, "22223333-cccc-4444-dddd-5555eeee6666")
    );
    let old = send(&azure("managed-hosts.arc-user-assigned = false"), &with_key).await;
    assert_eq!((old.status, old.text("object_id")), (200, ""));
    assert_ne!(old.text("client_id"), USER_ASSIGNED);
}

#[tokio::test(start_paused = true)]
async fn cloud_shell_requires_a_form_with_a_resource_and_nothing_else() {
    assert_eq!(send_to_default(cloud_shell()).await.text("expires_in"), "86400");
    assert_eq!(refusal(cloud_shell().method("GET")).await, 405);
    assert_eq!(refusal(cloud_shell().without("metadata")).await, 400);
    assert_eq!(refusal(cloud_shell().without("resource")).await, 400);
    assert_eq!(refusal(cloud_shell().with("client_id", USER_ASSIGNED)).await, 400);
    let response = send_to_default(cloud_shell().with("resource", "https://nowhere.example")).await;
    assert_eq!(&response.json["error"]["code"], "AudienceNotSupported");
}

#[tokio::test(start_paused = true)]
async fn a_request_to_another_path_is_unexpected() {
    for address in ["http://127.0.0.1:41741/x", "http://127.0.0.1:46808/x", "http://localhost:40342/x"] {
        let azure = azure("");
        send(&azure, &TestRequest::new("GET", address)).await;
        assert_eq!(azure.unexpected().len(), 1, "{address}");
    }
}
