//! The grants with a user: authorization code, device code, on behalf of, and password.

use super::{NOW, TestRequest, TestResponse, azure, send, settings, verified};
use azure_simulator::{Azure, jwt};
use serde_json::json;
use std::time::Duration;
use url::Url;

const TENANT: &str = settings::TENANT_ID;
const APP: &str = settings::PUBLIC_CLIENT_ID;
const REDIRECT: &str = "http://localhost:1234/";
// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn post(endpoint: &str) -> TestRequest {
    TestRequest::new("POST", format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/{endpoint}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .with("client_id", APP)
        .with("scope", "https://vault.azure.net/.default")
}

/// The OAuth error code of an error response, and its AADSTS code.
fn error_of(response: &TestResponse) -> (String, u64) {
    assert!((400..500).contains(&response.status), "{}", response.text);
    (response.text("error").to_owned(), response.json["error_codes"][0].as_u64().unwrap_or_default())
}

async fn refused(azure: &Azure, request: TestRequest) -> (String, u64) {
    error_of(&send(azure, &request).await)
}

fn error(name: &str, code: u64) -> (String, u64) {
    (name.to_owned(), code)
}

/// An authorization request with these parameters in place of the usual ones; an empty value omits a parameter.
fn authorize(changed: &[(&str, &str)]) -> TestRequest {
    let mut address =
        Url::parse(&format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize"))
            .expect("a URL");
    let usual = [
        ("client_id", APP),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "https://vault.azure.net/.default openid offline_access"),
        ("state", "st&te"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let is_changed = |name: &str| changed.iter().any(|(it, _)| *it == name);
    let parameters = usual.iter().filter(|(name, _)| !is_changed(name)).chain(changed);
    address.query_pairs_mut().extend_pairs(parameters.filter(|(_, value)| !value.is_empty()));
    TestRequest::new("GET", address.as_str())
}

/// Sends an authorization request, and returns the query parameters of the redirect to the app.
async fn redirected(azure: &Azure, request: TestRequest) -> Vec<(String, String)> {
    let response = send(azure, &request).await;
    assert_eq!(response.status, 302, "{}", response.text);
    let location = response.headers.get("location").and_then(|it| it.to_str().ok()).expect("a redirect");
    let location = Url::parse(location).expect("an address");
    assert_eq!(&location[..url::Position::AfterPath], REDIRECT);
    location.query_pairs().into_owned().collect()
}

async fn redeem(azure: &Azure) -> TestRequest {
    let parameters = redirected(azure, authorize(&[])).await;
    let (name, code) = &parameters[0];
    assert_eq!(name, "code");
    post("token")
        .with("grant_type", "authorization_code")
        .with("code", code)
        .with("redirect_uri", REDIRECT)
        .with("code_verifier", VERIFIER)
}

#[tokio::test(start_paused = true)]
async fn the_redirect_has_the_code_and_the_state() {
    let azure = azure("");
    let parameters = redirected(&azure, authorize(&[])).await;
    assert_eq!(parameters[1], ("state".to_owned(), "st&te".to_owned()));
    assert_eq!(
        redirected(&azure, authorize(&[("state", "")])).await.len(),
        1,
        "a state is returned only to a client that sent one"
    );
}

#[tokio::test(start_paused = true)]
async fn an_invalid_authorization_request_is_not_redirected() {
    let azure = azure("");
    for (name, value, code) in [
        ("client_id", "77770000-0000-0000-0000-000000000000", 700_016),
        ("client_id", "", 900_144),
        ("redirect_uri", "https://evil.example/", 50_011),
        ("redirect_uri", "http://localhost.evil.example/", 50_011),
        ("scope", "", 900_144),
        ("scope", "a/x b/x", 28_000),
        ("response_type", "token", 9_002_313),
        ("code_challenge_method", "plain", 9_002_313),
    ] {
        assert_eq!(refused(&azure, authorize(&[(name, value)])).await.1, code, "{name}={value}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_is_redeemed_once_with_its_redirect_uri_and_its_verifier() {
    let azure = azure("");
    let good = redeem(&azure).await;
    for (changed, refusal) in [
        (good.clone().with("code", "forged"), error("invalid_grant", 70_000)),
        (good.clone().with("redirect_uri", "http://localhost:1235/"), error("invalid_grant", 500_112)),
        (good.clone().with("code_verifier", &VERIFIER.replace('d', "e")), error("invalid_grant", 501_481)),
        (good.clone().without("code_verifier"), error("invalid_grant", 501_481)),
        (good.clone().without("redirect_uri"), error("invalid_request", 900_144)),
        (good.clone().and("code", "another"), error("invalid_request", 9_000_411)),
    ] {
        assert_eq!(refused(&azure, changed).await, refusal);
    }
    let response = send(&azure, &good).await;
    assert_eq!(response.status, 200, "{}", response.text);
    assert_eq!(verified(response.text("access_token"))["aud"], "https://vault.azure.net");
    assert_eq!(refused(&azure, good).await, error("invalid_grant", 54_005));
}

#[tokio::test(start_paused = true)]
async fn the_authorization_request_decides_about_the_refresh_token() {
    let azure = azure("");
    let response = send(&azure, &redeem(&azure).await).await;
    assert!(
        response.json.get("refresh_token").is_some() && response.json.get("id_token").is_some(),
        "{}",
        response.text
    );
    let code = &redirected(&azure, authorize(&[("scope", "https://vault.azure.net/.default")])).await[0].1;
    let response = send(&azure, &redeem(&azure).await.with("code", code)).await;
    assert!(
        response.json.get("refresh_token").is_none() && response.json.get("id_token").is_none(),
        "{}",
        response.text
    );
    let response = send(&azure, &redeem(&azure).await.without("scope")).await;
    assert_eq!(
        verified(response.text("access_token"))["aud"],
        "https://vault.azure.net",
        "the scope is that of the authorization request"
    );
}

#[tokio::test(start_paused = true)]
async fn a_code_expires_after_ten_minutes() {
    let azure = azure("");
    let late = redeem(&azure).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(refused(&azure, late).await, error("invalid_grant", 70_008));
}

/// Requests a device code, and returns the request that polls for the token.
async fn begin(azure: &Azure) -> TestRequest {
    let response = send(azure, &post("devicecode")).await;
    assert_eq!(response.status, 200, "{}", response.text);
    let message = format!(
        "To sign in, use a web browser to open the page {} and enter the code {} to authenticate.",
        response.text("verification_uri"),
        response.text("user_code")
    );
    assert_eq!((response.text("message"), response.json["interval"].as_u64()), (message.as_str(), Some(5)));
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    post("token").without("scope").with("grant_type", grant).with("device_code", response.text("device_code"))
}

#[tokio::test(start_paused = true)]
async fn a_device_waits_until_its_user_has_signed_in() {
    let azure = azure("device-code = { slow-down = 1, pending = 2 }");
    let poll = begin(&azure).await;
    assert_eq!(refused(&azure, poll.clone()).await.0, "slow_down");
    for _ in 0..2 {
        assert_eq!(refused(&azure, poll.clone()).await.0, "authorization_pending");
    }
    let response = send(&azure, &poll).await;
    assert_eq!(response.status, 200, "{}", response.text);
    let claims = verified(response.text("access_token"));
    assert_eq!(
        (&claims["aud"], &claims["oid"]),
        (&json!("https://vault.azure.net"), &json!(settings::USER_OID))
    );
}

#[tokio::test(start_paused = true)]
async fn a_device_receives_an_error_when_its_user_declines_or_the_code_expires() {
    let declined = azure("device-code = { pending = 0, then = 'decline' }");
    let poll = begin(&declined).await;
    assert_eq!(refused(&declined, poll).await, error("authorization_declined", 65_004));
    let abandoned = azure("");
    let poll = begin(&abandoned).await;
    tokio::time::sleep(Duration::from_secs(900)).await;
    assert_eq!(refused(&abandoned, poll).await, error("expired_token", 70_020));
}

#[tokio::test(start_paused = true)]
async fn a_device_code_is_valid_for_its_client_only() {
    let azure = azure("");
    let poll = begin(&azure).await;
    let of_another = poll.clone().with("client_id", settings::CLIENT_ID);
    let of_another = of_another.with("client_secret", settings::CLIENT_SECRET);
    assert_eq!(refused(&azure, of_another).await.0, "invalid_grant");
    assert_eq!(refused(&azure, poll.clone().with("device_code", "forged")).await.0, "bad_verification_code");
    assert_eq!(refused(&azure, poll.without("device_code")).await, error("invalid_request", 900_144));
    assert_eq!(refused(&azure, post("devicecode").without("scope")).await, error("invalid_request", 900_144));
}

/// A request on behalf of a user, whose assertion has these claims in place of the usual ones.
fn on_behalf_of(changed: &serde_json::Value) -> TestRequest {
    let mut claims =
        json!({"aud": settings::CLIENT_ID, "oid": settings::USER_OID, "idtyp": "user", "exp": NOW + 3600});
    claims.as_object_mut().expect("an object").extend(changed.as_object().expect("an object").clone());
    post("token")
        .with("client_id", settings::CLIENT_ID)
        .with("client_secret", settings::CLIENT_SECRET)
        .with("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
        .with("requested_token_use", "on_behalf_of")
        .with("assertion", &jwt::sign(&claims))
}

#[tokio::test(start_paused = true)]
async fn a_service_receives_a_token_of_the_user_on_whose_behalf_it_acts() {
    let response = send(&azure(""), &on_behalf_of(&json!({}))).await;
    assert_eq!(response.status, 200, "{}", response.text);
    let claims = verified(response.text("access_token"));
    assert_eq!(
        (&claims["oid"], &claims["appid"], &claims["appidacr"]),
        (&json!(settings::USER_OID), &json!(settings::CLIENT_ID), &json!("1"))
    );
}

#[tokio::test(start_paused = true)]
async fn an_assertion_must_be_a_valid_token_of_a_user_for_the_service() {
    let azure = azure("");
    for changed in [
        json!({"aud": "https://vault.azure.net"}),
        json!({"exp": NOW}),
        json!({"oid": "unknown"}),
        json!({"idtyp": "app"}),
    ] {
        assert_eq!(refused(&azure, on_behalf_of(&changed)).await.0, "invalid_grant", "{changed}");
    }
    let good = on_behalf_of(&json!({}));
    assert_eq!(
        refused(&azure, good.clone().with("assertion", "eyJ.fake.user")).await,
        error("invalid_grant", 50_013)
    );
    let without_secret = good.clone().without("client_secret");
    assert_eq!(refused(&azure, without_secret).await.1, 7_000_218);
    assert_eq!(refused(&azure, good.clone().without("requested_token_use")).await.1, 900_144);
    assert_eq!(refused(&azure, good.clone().with("requested_token_use", "x")).await.1, 9_002_313);
    assert_eq!(refused(&azure, good.without("scope")).await.1, 900_144);
}

fn password(username: &str, password: &str) -> TestRequest {
    post("token").with("grant_type", "password").with("username", username).with("password", password)
}

#[tokio::test(start_paused = true)]
async fn a_user_signs_in_with_username_and_password() {
    let azure = azure("");
    for name in [settings::USERNAME, &settings::USERNAME.to_uppercase()] {
        let request = password(name, settings::PASSWORD).with("scope", "User.Read offline_access");
        let response = send(&azure, &request).await;
        assert_eq!(response.status, 200, "{}", response.text);
        assert_eq!(verified(response.text("access_token"))["oid"], settings::USER_OID);
        assert!(response.json.get("refresh_token").is_some(), "{}", response.text);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_username_and_a_wrong_password_are_the_same_error() {
    let azure = azure("");
    let wrong = error("invalid_grant", 50_126);
    assert_eq!(refused(&azure, password("unknown@contoso.com", settings::PASSWORD)).await, wrong);
    assert_eq!(refused(&azure, password(settings::USERNAME, "guessed")).await, wrong);
    let blank = password(settings::USERNAME, "");
    assert_eq!(refused(&azure, blank).await, error("invalid_request", 900_144));
}
