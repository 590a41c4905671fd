//! The grants of people: authorization code, device code, on behalf of, and password.

use super::{Ask, NOW, Told, ask, azure, settings, verified};
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

fn post(endpoint: &str) -> Ask {
    Ask::new("POST", format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/{endpoint}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .with("client_id", APP)
        .with("scope", "https://vault.azure.net/.default")
}

/// The number of the error, and its OAuth code.
fn refusal(told: &Told) -> (String, u64) {
    assert!((400..500).contains(&told.status), "{}", told.text);
    (told.text("error").to_owned(), told.json["error_codes"][0].as_u64().unwrap_or_default())
}

async fn refused(azure: &Azure, request: Ask) -> (String, u64) {
    refusal(&ask(azure, &request).await)
}

fn error(name: &str, code: u64) -> (String, u64) {
    (name.to_owned(), code)
}

/// A browser on its way to sign in, with these parameters in place of the usual ones.
fn authorize(changed: &[(&str, &str)]) -> Ask {
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
    Ask::new("GET", address.as_str())
}

/// Signs in, and returns the parameters that the browser brings back.
async fn landed(azure: &Azure, request: Ask) -> Vec<(String, String)> {
    let told = ask(azure, &request).await;
    assert_eq!(told.status, 302, "{}", told.text);
    let location = told.headers.get("location").and_then(|it| it.to_str().ok()).expect("a redirect");
    let location = Url::parse(location).expect("an address");
    assert_eq!(&location[..url::Position::AfterPath], REDIRECT);
    location.query_pairs().into_owned().collect()
}

async fn redeem(azure: &Azure) -> Ask {
    let brought = landed(azure, authorize(&[])).await;
    let (name, code) = &brought[0];
    assert_eq!(name, "code");
    post("token")
        .with("grant_type", "authorization_code")
        .with("code", code)
        .with("redirect_uri", REDIRECT)
        .with("code_verifier", VERIFIER)
}

#[tokio::test(start_paused = true)]
async fn a_browser_comes_back_with_code_and_state() {
    let azure = azure("");
    let brought = landed(&azure, authorize(&[])).await;
    assert_eq!(brought[1], ("state".to_owned(), "st&te".to_owned()));
    assert_eq!(landed(&azure, authorize(&[("state", "")])).await.len(), 1, "a state is for who sends one");
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_is_sent_wrong_does_not_come_back() {
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
async fn a_code_is_good_once_for_its_client_its_address_and_its_verifier() {
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
    let told = ask(&azure, &good).await;
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!(verified(told.text("access_token"))["aud"], "https://vault.azure.net");
    assert_eq!(refused(&azure, good).await, error("invalid_grant", 54_005));
}

#[tokio::test(start_paused = true)]
async fn a_code_carries_whether_a_refresh_token_was_asked_for() {
    let azure = azure("");
    let told = ask(&azure, &redeem(&azure).await).await;
    assert!(told.json.get("refresh_token").is_some() && told.json.get("id_token").is_some(), "{}", told.text);
    let code = &landed(&azure, authorize(&[("scope", "https://vault.azure.net/.default")])).await[0].1;
    let told = ask(&azure, &redeem(&azure).await.with("code", code)).await;
    assert!(told.json.get("refresh_token").is_none() && told.json.get("id_token").is_none(), "{}", told.text);
    let told = ask(&azure, &redeem(&azure).await.without("scope")).await;
    assert_eq!(
        verified(told.text("access_token"))["aud"],
        "https://vault.azure.net",
        "the code knows what for"
    );
}

#[tokio::test(start_paused = true)]
async fn a_code_ends_after_ten_minutes() {
    let azure = azure("");
    let late = redeem(&azure).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(refused(&azure, late).await, error("invalid_grant", 70_008));
}

/// Begins a sign-in on a device, and returns the question whether its user is done.
async fn begin(azure: &Azure) -> Ask {
    let told = ask(azure, &post("devicecode")).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let message = format!(
        "To sign in, use a web browser to open the page {} and enter the code {} to authenticate.",
        told.text("verification_uri"),
        told.text("user_code")
    );
    assert_eq!((told.text("message"), told.json["interval"].as_u64()), (message.as_str(), Some(5)));
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    post("token").without("scope").with("grant_type", grant).with("device_code", told.text("device_code"))
}

#[tokio::test(start_paused = true)]
async fn a_device_is_told_to_wait_until_its_user_is_done() {
    let azure = azure("device-code = { slow-down = 1, pending = 2 }");
    let question = begin(&azure).await;
    assert_eq!(refused(&azure, question.clone()).await.0, "slow_down");
    for _ in 0..2 {
        assert_eq!(refused(&azure, question.clone()).await.0, "authorization_pending");
    }
    let told = ask(&azure, &question).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let claims = verified(told.text("access_token"));
    assert_eq!(
        (&claims["aud"], &claims["oid"]),
        (&json!("https://vault.azure.net"), &json!(settings::USER_OID))
    );
}

#[tokio::test(start_paused = true)]
async fn a_device_is_told_that_its_user_declined_or_never_came() {
    let declined = azure("device-code = { pending = 0, then = 'decline' }");
    let question = begin(&declined).await;
    assert_eq!(refused(&declined, question).await, error("authorization_declined", 65_004));
    let nobody = azure("");
    let question = begin(&nobody).await;
    tokio::time::sleep(Duration::from_secs(900)).await;
    assert_eq!(refused(&nobody, question).await, error("expired_token", 70_020));
}

#[tokio::test(start_paused = true)]
async fn a_device_code_is_its_clients_alone() {
    let azure = azure("");
    let question = begin(&azure).await;
    let of_another = question.clone().with("client_id", settings::CLIENT_ID);
    let of_another = of_another.with("client_secret", settings::CLIENT_SECRET);
    assert_eq!(refused(&azure, of_another).await.0, "invalid_grant");
    assert_eq!(
        refused(&azure, question.clone().with("device_code", "forged")).await.0,
        "bad_verification_code"
    );
    assert_eq!(refused(&azure, question.without("device_code")).await, error("invalid_request", 900_144));
    assert_eq!(refused(&azure, post("devicecode").without("scope")).await, error("invalid_request", 900_144));
}

/// A token that a user called the application with, with these claims changed.
fn on_behalf_of(changed: &serde_json::Value) -> Ask {
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
async fn a_service_gets_a_token_of_the_user_who_called_it() {
    let told = ask(&azure(""), &on_behalf_of(&json!({}))).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let claims = verified(told.text("access_token"));
    assert_eq!(
        (&claims["oid"], &claims["appid"], &claims["appidacr"]),
        (&json!(settings::USER_OID), &json!(settings::CLIENT_ID), &json!("1"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_gets_none_for_what_it_was_not_called_with() {
    let azure = azure("");
    for changed in [
        json!({"aud": "https://vault.azure.net"}),
        json!({"exp": NOW}),
        json!({"oid": "nobody"}),
        json!({"idtyp": "app"}),
    ] {
        assert_eq!(refused(&azure, on_behalf_of(&changed)).await.0, "invalid_grant", "{changed}");
    }
    let good = on_behalf_of(&json!({}));
    assert_eq!(
        refused(&azure, good.clone().with("assertion", "eyJ.fake.user")).await,
        error("invalid_grant", 50_013)
    );
    let without_proof = good.clone().without("client_secret");
    assert_eq!(refused(&azure, without_proof).await.1, 7_000_218);
    assert_eq!(refused(&azure, good.clone().without("requested_token_use")).await.1, 900_144);
    assert_eq!(refused(&azure, good.clone().with("requested_token_use", "x")).await.1, 9_002_313);
    assert_eq!(refused(&azure, good.without("scope")).await.1, 900_144);
}

fn password(username: &str, password: &str) -> Ask {
    post("token").with("grant_type", "password").with("username", username).with("password", password)
}

#[tokio::test(start_paused = true)]
async fn a_user_signs_in_with_name_and_password() {
    let azure = azure("");
    for name in [settings::USERNAME, &settings::USERNAME.to_uppercase()] {
        let request = password(name, settings::PASSWORD).with("scope", "User.Read offline_access");
        let told = ask(&azure, &request).await;
        assert_eq!(told.status, 200, "{}", told.text);
        assert_eq!(verified(told.text("access_token"))["oid"], settings::USER_OID);
        assert!(told.json.get("refresh_token").is_some(), "{}", told.text);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_name_and_a_wrong_password_are_told_alike() {
    let azure = azure("");
    let wrong = error("invalid_grant", 50_126);
    assert_eq!(refused(&azure, password("nobody@contoso.com", settings::PASSWORD)).await, wrong);
    assert_eq!(refused(&azure, password(settings::USERNAME, "guessed")).await, wrong);
    let blank = password(settings::USERNAME, "");
    assert_eq!(refused(&azure, blank).await, error("invalid_request", 900_144));
}
