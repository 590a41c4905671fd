//! The metadata service.

use azure_simulator::network::Fault;

use super::{NOW, TestRequest, azure, fault, send, verified};

const ENDPOINT: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
const GOOD: &str = "api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net";
const USER_ASSIGNED: &str = "11112222-bbbb-3333-cccc-4444dddd5555";

fn good() -> TestRequest {
    query(GOOD)
}

fn query(query: &str) -> TestRequest {
    TestRequest::new("GET", format!("{ENDPOINT}?{query}")).header("metadata", "true")
}

/// The description of a refusal with this status.
async fn refusal(request: TestRequest, status: u16) -> String {
    let response = send(&azure(""), &request).await;
    assert_eq!(response.status, status, "{}", response.text);
    assert_ne!(response.text("error"), "");
    response.text("error_description").to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_valid_request_receives_a_token_of_the_system_assigned_identity() {
    let response = send(&azure(""), &good()).await;
    assert_eq!(response.status, 200, "{}", response.text);
    assert_eq!(response.text("expires_in"), "86400");
    assert_eq!(response.text("expires_on"), (NOW + 86_400).to_string());
    assert_eq!(response.text("ext_expires_in"), "86399");
    assert_eq!(response.text("not_before"), (NOW - 300).to_string());
    assert_eq!(response.text("resource"), "https://vault.azure.net");
    assert_eq!(response.text("token_type"), "Bearer");
    let claims = verified(response.text("access_token"));
    assert_eq!(claims["aud"], "https://vault.azure.net");
    assert_eq!(claims["iss"], "https://sts.windows.net/aaaabbbb-0000-cccc-1111-dddd2222eeee/");
    assert_eq!(claims["appid"], response.text("client_id"));
    assert_eq!(claims["exp"], NOW + 86_400);
    assert!(claims["xms_mirid"].as_str().is_some_and(|it| it.ends_with("/virtualMachines/vm1")));
}

#[tokio::test(start_paused = true)]
async fn a_user_assigned_identity_is_found_by_each_of_its_ids() {
    let resource_id = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourcegroups/RG1/providers/\
                       Microsoft.ManagedIdentity/userAssignedIdentities/id1";
    for (name, id) in [
        ("client_id", USER_ASSIGNED),
        ("object_id", "22223333-cccc-4444-dddd-5555eeee6666"),
        ("msi_res_id", resource_id),
    ] {
        let response = send(&azure(""), &query(&format!("{GOOD}&{name}={id}"))).await;
        assert_eq!(response.text("client_id"), USER_ASSIGNED, "{name}: {}", response.text);
    }
}

#[tokio::test(start_paused = true)]
async fn the_metadata_header_must_be_true_in_lower_case() {
    let expected = "Required metadata header not specified";
    assert_eq!(refusal(good().without("metadata"), 400).await, expected);
    assert_eq!(refusal(good().without("metadata").header("metadata", "True"), 400).await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_forwarded_request_is_refused() {
    let why = refusal(good().header("x-forwarded-for", "10.0.0.4"), 400).await;
    assert_eq!(why, "Requests that contain an X-Forwarded-For header are rejected");
}

#[tokio::test(start_paused = true)]
async fn the_api_version_is_required_and_must_be_supported() {
    let expected = "api-version is invalid or was not specified in the request";
    assert_eq!(refusal(query("resource=https://vault.azure.net"), 400).await, expected);
    assert_eq!(
        refusal(query("api-version=2017-09-01&resource=https://vault.azure.net"), 400).await,
        expected
    );
}

#[tokio::test(start_paused = true)]
async fn the_resource_is_required_and_must_exist() {
    let expected = "Required query variable 'resource' is missing";
    assert_eq!(refusal(query("api-version=2018-02-01"), 400).await, expected);
    assert_eq!(refusal(query("api-version=2018-02-01&resource="), 400).await, expected);
    let why = refusal(query("api-version=2018-02-01&resource=https://nowhere.example"), 400).await;
    assert!(why.starts_with("AADSTS500011: The resource principal named https://nowhere.example"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_names_two_identities_is_refused() {
    let why = refusal(query(&format!("{GOOD}&client_id={USER_ASSIGNED}&object_id=x")), 400).await;
    assert_eq!(why, "Only one of client_id, object_id and msi_res_id can be specified");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_or_duplicate_parameter_is_refused() {
    // App Service's name for the resource id, sent to the wrong host.
    let why = refusal(query(&format!("{GOOD}&mi_res_id=x")), 400).await;
    assert_eq!(why, "The query variable 'mi_res_id' is not supported");
    let why = refusal(query(&format!("{GOOD}&resource=x")), 400).await;
    assert_eq!(why, "The query variable 'resource' is specified more than once");
}

#[tokio::test(start_paused = true)]
async fn an_identity_that_is_not_assigned_is_not_found() {
    assert_eq!(refusal(query(&format!("{GOOD}&client_id=unknown")), 400).await, "Identity not found");
}

#[tokio::test(start_paused = true)]
async fn without_a_system_assigned_identity_the_only_user_assigned_one_is_used() {
    let response = send(&azure("virtual-machine.system-assigned = false"), &good()).await;
    assert_eq!(response.text("client_id"), USER_ASSIGNED);
    let none = azure("virtual-machine = { system-assigned = false, user-assigned = [] }");
    assert_eq!(send(&none, &good()).await.text("error_description"), "Identity not found");
}

#[tokio::test(start_paused = true)]
async fn a_request_must_name_one_of_several_user_assigned_identities() {
    let azure = azure(
        "[virtual-machine]
         system-assigned = false
         user-assigned = [ { client-id = 'c1', object-id = 'o1', resource-id = '/r1' },
                           { client-id = 'c2', object-id = 'o2', resource-id = '/r2' } ]",
    );
    let why = send(&azure, &good()).await.text("error_description").to_owned();
    assert!(why.starts_with("Multiple user assigned identities exist"), "{why}");
    let response = send(&azure, &query(&format!("{GOOD}&msi_res_id=/r2"))).await;
    assert_eq!(response.text("client_id"), "c2");
}

#[tokio::test(start_paused = true)]
async fn another_method_is_not_allowed() {
    refusal(good().method("POST"), 405).await;
}

#[tokio::test(start_paused = true)]
async fn another_path_is_not_found_and_unexpected() {
    let azure = azure("");
    let elsewhere =
        TestRequest::new("GET", "http://169.254.169.254/metadata/instance").header("metadata", "true");
    assert_eq!(send(&azure, &elsewhere).await.status, 404);
    assert_eq!(azure.unexpected().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_metadata_service_is_not_reached_over_tls_or_on_another_port() {
    for address in ["https://169.254.169.254/metadata/x", "http://169.254.169.254:8080/metadata/x"] {
        let azure = azure("");
        assert_eq!(send(&azure, &TestRequest::new("GET", address)).await.status, 501);
        assert_eq!(azure.unexpected().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn another_system_can_respond_at_the_address_of_the_metadata_service() {
    let response = send(&azure("imds = 'other-cloud'"), &good()).await;
    assert_eq!(
        (response.status, response.headers["content-type"].to_str().unwrap_or_default()),
        (404, "text/html")
    );
    let response = send(&azure("imds = 'docker-desktop'"), &good()).await;
    assert_eq!(response.status, 403);
    assert!(response.text.contains("A socket operation was attempted to an unreachable network"));
    assert_eq!(send(&azure("imds = 'portal'"), &good()).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn the_address_of_the_metadata_service_can_be_unreachable() {
    assert!(matches!(fault(&azure("imds = 'refused'"), &good()).await, Fault::Refused));
    assert!(matches!(fault(&azure("imds = 'unroutable'"), &good()).await, Fault::ConnectTimeout));
    assert!(matches!(fault(&azure("imds = 'denied'"), &good()).await, Fault::Denied));
    assert!(matches!(fault(&azure("imds = 'silent'"), &good()).await, Fault::HangBeforeResponse));
}

#[tokio::test(start_paused = true)]
async fn a_response_can_have_refresh_in() {
    let response = send(&azure("lifetimes = { managed-identity = 7200, refresh-in = 3600 }"), &good()).await;
    assert_eq!((response.text("expires_in"), response.text("refresh_in")), ("7200", "3600"));
}
