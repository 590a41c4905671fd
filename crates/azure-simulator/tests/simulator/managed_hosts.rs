//! The hosts with an identity endpoint of their own.

use super::{Ask, NOW, Told, ask, azure};

const HEADER: &str = "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a";
const KEY: &str = "QXJjIGtleSBvZiB0aGUgdGVzdHM-7f3a";
const USER_ASSIGNED: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
const RESOURCE: &str = "resource=https%3A%2F%2Fvault.azure.net";

fn app_service(query: &str) -> Ask {
    Ask::new("GET", format!("http://127.0.0.1:41741/msi/token?{query}")).header("x-identity-header", HEADER)
}

fn azure_ml(query: &str) -> Ask {
    Ask::new("GET", format!("http://127.0.0.1:46808/MSI/auth?{query}")).header("secret", HEADER)
}

fn service_fabric(query: &str) -> Ask {
    let address = "https://localhost:2377/metadata/identity/oauth2/token";
    Ask::new("GET", format!("{address}?{query}")).header("secret", HEADER)
}

fn azure_arc(query: &str) -> Ask {
    let address = "http://localhost:40342/metadata/identity/oauth2/token";
    Ask::new("GET", format!("{address}?{query}")).header("metadata", "true")
}

fn cloud_shell() -> Ask {
    Ask::new("POST", "http://localhost:50342/oauth2/token")
        .header("metadata", "true")
        .header("content-type", "application/x-www-form-urlencoded")
        .with("resource", "https://vault.azure.net")
}

async fn answer(request: Ask) -> Told {
    ask(&azure(""), &request).await
}

/// Asks and returns the status, which must not be that of a token.
async fn refusal(request: Ask) -> u16 {
    let told = answer(request).await;
    assert_ne!(told.status, 200, "{}", told.text);
    told.status
}

#[tokio::test(start_paused = true)]
async fn app_service_gives_a_token_to_whoever_knows_its_header() {
    let good = format!("api-version=2019-08-01&{RESOURCE}");
    let told = answer(app_service(&good)).await;
    assert_eq!((told.status, told.text("expires_on")), (200, (NOW + 86_400).to_string().as_str()));
    let told = answer(app_service(&format!("{good}&client_id={USER_ASSIGNED}"))).await;
    assert_eq!(told.text("client_id"), USER_ASSIGNED);
    assert_eq!(refusal(app_service(&good).without("x-identity-header")).await, 403);
    assert_eq!(refusal(app_service(&format!("api-version=2017-09-01&{RESOURCE}"))).await, 400);
    assert_eq!(refusal(app_service("api-version=2019-08-01")).await, 400);
    assert_eq!(refusal(app_service(&format!("{good}&msi_res_id=/r"))).await, 400);
    assert_eq!(refusal(app_service(&format!("{good}&client_id=nobody"))).await, 400);
    assert_eq!(refusal(app_service(&format!("{good}&client_id=a&object_id=b"))).await, 400);
    assert_eq!(refusal(app_service("api-version=2019-08-01&resource=https://nowhere.example")).await, 500);
    assert_eq!(refusal(app_service(&good).by("POST")).await, 405);
}

#[tokio::test(start_paused = true)]
async fn azure_ml_knows_client_ids_alone() {
    let good = format!("api-version=2017-09-01&{RESOURCE}");
    assert_eq!(answer(azure_ml(&good)).await.json["expires_on"], NOW + 86_400);
    assert_eq!(answer(azure_ml(&format!("{good}&clientid={USER_ASSIGNED}"))).await.status, 200);
    for other in ["client_id", "object_id", "msi_res_id"] {
        assert_eq!(refusal(azure_ml(&format!("{good}&{other}={USER_ASSIGNED}"))).await, 400);
    }
    assert_eq!(refusal(azure_ml(&good).without("secret")).await, 401);
    assert_eq!(refusal(azure_ml(&format!("api-version=2019-08-01&{RESOURCE}"))).await, 400);
}

#[tokio::test(start_paused = true)]
async fn service_fabric_takes_no_id_and_is_not_there_without_tls() {
    let good = format!("api-version=2019-07-01-preview&{RESOURCE}");
    assert_eq!(answer(service_fabric(&good)).await.json["expires_on"], NOW + 86_400);
    let told = answer(service_fabric(&good).without("secret")).await;
    assert_eq!((told.status, &told.json["error"]["code"]), (401, &"SecretHeaderNotFound".into()));
    assert_eq!(refusal(service_fabric(&good).without("secret").header("secret", "x")).await, 404);
    assert_eq!(refusal(service_fabric(&format!("{good}&client_id={USER_ASSIGNED}"))).await, 400);
    assert_eq!(refusal(service_fabric(RESOURCE)).await, 400);
    let plain = Ask::new("GET", "http://localhost:2377/metadata/identity/oauth2/token");
    assert_eq!(refusal(plain).await, 501);
}

#[tokio::test(start_paused = true)]
async fn azure_arc_wants_to_see_what_stands_in_its_file() {
    let good = format!("api-version=2020-06-01&{RESOURCE}");
    let told = answer(azure_arc(&good)).await;
    assert_eq!(told.status, 401);
    assert_eq!(told.headers["www-authenticate"], "Basic realm=/var/opt/azcmagent/tokens/12b1a0e6.key");
    let proven = |query: &str| azure_arc(query).header("authorization", &format!("Basic {KEY}"));
    assert_eq!(answer(proven(&good)).await.text("expires_in"), "86400");
    assert_eq!(refusal(azure_arc(&good).header("authorization", &format!("Basic {KEY}\t"))).await, 401);
    assert_eq!(refusal(proven(&good).without("metadata")).await, 400);
    assert_eq!(refusal(proven(&format!("{good}&mi_res_id=/r"))).await, 400);
}

#[tokio::test(start_paused = true)]
async fn azure_arcs_agent_confirms_an_id_unless_it_is_too_old_to_know_any() {
    let query = format!("api-version=2020-06-01&{RESOURCE}&object_id=22223333-cccc-4444-dddd-5555eeee6666");
    let proven = azure_arc(&query).header("authorization", &format!("Basic {KEY}"));
    let told = answer(proven.clone()).await;
    assert_eq!(
        (told.text("client_id"), told.text("object_id")),
        (USER_ASSIGNED, "22223333-cccc-4444-dddd-5555eeee6666")
    );
    let old = ask(&azure("managed-hosts.arc-user-assigned = false"), &proven).await;
    assert_eq!((old.status, old.text("object_id")), (200, ""));
    assert_ne!(old.text("client_id"), USER_ASSIGNED);
}

#[tokio::test(start_paused = true)]
async fn cloud_shell_takes_a_form_with_a_resource_and_nothing_else() {
    assert_eq!(answer(cloud_shell()).await.text("expires_in"), "86400");
    assert_eq!(refusal(cloud_shell().by("GET")).await, 405);
    assert_eq!(refusal(cloud_shell().without("metadata")).await, 400);
    assert_eq!(refusal(cloud_shell().without("resource")).await, 400);
    assert_eq!(refusal(cloud_shell().with("client_id", USER_ASSIGNED)).await, 400);
    let told = answer(cloud_shell().with("resource", "https://nowhere.example")).await;
    assert_eq!(&told.json["error"]["code"], "AudienceNotSupported");
}

#[tokio::test(start_paused = true)]
async fn another_path_is_expected_of_none() {
    for address in ["http://127.0.0.1:41741/x", "http://127.0.0.1:46808/x", "http://localhost:40342/x"] {
        let azure = azure("");
        ask(&azure, &Ask::new("GET", address)).await;
        assert_eq!(azure.unexpected().len(), 1, "{address}");
    }
}
