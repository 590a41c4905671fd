use super::*;
use azure_middleware_bindings::ServiceResponse;
use golden::expect;
use proptest::prelude::*;

const SECRET: &str = "s3cr3t-of-the-test";

fn request(scopes: &[&str]) -> TokenRequest {
    TokenRequest {
        scopes: scopes.iter().map(|scope| (*scope).into()).collect(),
        tenant_id: Some("contoso.com".into()),
        claims: Some(SECRET.into()),
        enable_cae: true,
        options: [("include-details".into(), "true".into()), (SECRET.into(), SECRET.into())].into(),
    }
}

fn token(source: &str, from_cache: &str) -> AccessToken {
    AccessToken {
        token: SECRET.into(),
        token_type: SECRET.into(),
        expires_on: 1_003_600,
        refresh_on: Some(1_001_800),
        source: source.into(),
        details: [("username".into(), SECRET.into()), ("from-cache".into(), from_cache.into())].into(),
    }
}

fn error(text: &str) -> CredentialError {
    let response = ServiceResponse {
        status: 400,
        error: Some(text.into()),
        suberror: None,
        error_codes: [7_000_215; 100].into(),
        correlation_id: Some(text.into()),
        trace_id: Some(SECRET.into()),
        retry_after: Some(5),
    };
    CredentialError {
        kind: ErrorKind::AuthenticationFailed,
        message: SECRET.into(),
        claims: Some(SECRET.into()),
        response: Some(response),
        attempts: Vec::new(),
        details: [(SECRET.into(), SECRET.into())].into(),
    }
}

fn line(request: &TokenRequest, outcome: Result<AccessToken, CredentialError>) -> String {
    Line::of(request).complete(&outcome, 1_000_000, 12_999_999)
}

#[test]
fn a_token_is_logged_with_its_source_and_the_seconds_that_it_is_valid() {
    expect![[r#"
        {"event":"get-token","scopes":["https://vault.azure.net/.default"],"tenant":"contoso.com","claims":true,"cae":true,"outcome":"token","source":"managed-identity/imds","expires_in":3600,"from_cache":true,"duration_ms":12}
    "#]]
    .assert_eq(&line(&request(&["https://vault.azure.net/.default"]), Ok(token("managed-identity/imds", "true"))));
}

#[test]
fn an_error_is_logged_with_its_kind_and_codes_and_without_its_message() {
    expect![[r#"
        {"event":"get-token","scopes":["a","b"],"tenant":"contoso.com","claims":true,"cae":true,"outcome":"authentication-failed","status":400,"error":"invalid_client","error_codes":[7000215,7000215,7000215,7000215,7000215,7000215,7000215,7000215],"correlation_id":"invalid_client","duration_ms":12}
    "#]]
    .assert_eq(&line(&request(&["a", "b"]), Err(error("invalid_client"))));
}

#[test]
fn what_is_unknown_is_left_out() {
    let request = TokenRequest { tenant_id: None, claims: None, enable_cae: false, ..request(&[]) };
    let ended = AccessToken { expires_on: 999_999, details: Vec::new(), ..token("x", "") };
    let unreachable = CredentialError { kind: ErrorKind::Transient, response: None, ..error("") };
    expect![[r#"
        {"event":"get-token","scopes":[],"claims":false,"cae":false,"outcome":"token","source":"x","expires_in":-1,"duration_ms":12}
        {"event":"get-token","scopes":[],"claims":false,"cae":false,"outcome":"transient","duration_ms":12}
    "#]]
    .assert_eq(&[line(&request, Ok(ended)), line(&request, Err(unreachable))].concat());
}

#[test]
fn a_line_of_any_length_fits_into_one_write() {
    let long = "\"".repeat(5000);
    let scopes = [long.as_str(); 100];
    let request = TokenRequest { tenant_id: Some(long.clone()), ..request(&scopes) };
    for outcome in [Ok(token(&long, &long)), Err(error(&long))] {
        let line = line(&request, outcome);
        assert!(line.len() < 4096 && line.contains(r#""more_scopes":92"#), "{} bytes: {line}", line.len());
    }
}

proptest! {
    #[test]
    fn any_text_leaves_one_line_of_json_without_secrets(text in "\\PC*|.*|[\u{0}-\u{9f}\u{2028}\u{202e}\u{feff}]*") {
        let request = TokenRequest { tenant_id: Some(text.clone()), ..request(&[&text, "a"]) };
        for outcome in [Ok(token(&text, &text)), Err(error(&text))] {
            let line = line(&request, outcome);
            let body = line.strip_suffix('\n').expect("a line feed at its end");
            prop_assert!(body.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{body}");
            let read: serde_json::Value = serde_json::from_str(body).expect("JSON");
            prop_assert_eq!(&read["scopes"][1], "a");
            prop_assert!(!body.contains(SECRET) && body.len() < 4096, "{body}");
        }
    }
}
