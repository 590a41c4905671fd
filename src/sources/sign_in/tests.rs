use super::*;
use crate::concurrency::run;
use crate::entra::client_authentication::PublicClient;
use crate::host::fake::FakeHost;
use crate::http::{Body, HttpError, Response, Url};
use crate::identifiers::{ClientId, TenantId};
use crate::request::RawRequest;
use alloc::rc::Rc;
use futures_util::future::join;
use serde_json::{Value, json};

fn user(repetition: Repetition) -> SignIn {
    let client = Client {
        source: "test",
        authority: Url::parse_authority("https://login.example").expect("an authority").into(),
        tenant_id: TenantId::parse("t").expect("a tenant"),
        client_id: ClientId::parse("client").expect("a client id"),
        allowed_tenants: Vec::new(),
    };
    let client = Client { authority: client.authority.validated(), ..client };
    let fields = vec![("grant_type", "first".into())];
    let (scopes, headers) = (Scopes::WithOfflineAccess, Vec::new());
    let first = FirstGrant { fields, headers, scopes, repetition, label: "test" };
    SignIn::new(client, Rc::new(PublicClient), first)
}

fn response(status: u16, body: &Value) -> Result<Response, HttpError> {
    Ok(Response { status, headers: Vec::new(), body: Body(body.to_string().into_bytes()) })
}

/// A response with a new refresh token.
fn tokens(refresh_token: &str) -> Result<Response, HttpError> {
    response(200, &json!({"access_token": "AT", "expires_in": 3600, "refresh_token": refresh_token}))
}

fn host(responses: impl IntoIterator<Item = Result<Response, HttpError>>) -> FakeHost {
    let host = FakeHost::new().slow();
    host.responses.borrow_mut().extend(responses);
    host
}

/// The calls of an app: for a token, and at once for one with claims and for one with continuous access evaluation.
fn call_three_times(user: &SignIn, host: &FakeHost) -> [Result<AccessToken, Error>; 3] {
    let request = |claims: Option<&str>, enable_cae| {
        let (scopes, claims) = (vec!["s".to_owned()], claims.map(ToOwned::to_owned));
        TokenRequest::parse(RawRequest { scopes, claims, enable_cae, ..Default::default() })
            .expect("well-formed")
    };
    let call = CallContext::new(host);
    let (plain, claims, cae) = (request(None, false), request(Some("{}"), false), request(None, true));
    let first = run(user.get_token(&call, &plain));
    let (second, third) = run(join(user.get_token(&call, &claims), user.get_token(&call, &cae)));
    [first, second, third]
}

/// The grant that each request was for.
fn grants(host: &FakeHost) -> Vec<String> {
    let requests = host.requests.borrow();
    let field = |body: &str, name: &str| {
        let (_, rest) = body.split_once(name)?;
        rest.split('&').next().map(ToOwned::to_owned)
    };
    let grant = |body: &str| field(body, "refresh_token=").or_else(|| field(body, "grant_type="));
    requests.iter().filter_map(|request| grant(request.body.as_deref()?)).collect()
}

#[test]
fn concurrent_calls_never_redeem_the_same_refresh_token() {
    for repetition in [Repetition::Always, Repetition::UnlessServed, Repetition::Never] {
        let host = host(["RT1", "RT2", "RT3"].map(tokens));
        let outcomes = call_three_times(&user(repetition), &host);
        assert_eq!(grants(&host), ["first", "RT1", "RT2"]);
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    }
}

/// The response to a grant that is refused.
fn refusal(error: &str, suberror: Option<&str>) -> Result<Response, HttpError> {
    response(400, &json!({"error": error, "suberror": suberror, "error_codes": [1]}))
}

#[test]
fn a_refused_refresh_token_leads_back_to_a_grant_that_can_be_used_again() {
    for (error, suberror, expected) in [
        ("invalid_grant", None, vec!["first", "RT1", "first", "RT2"]),
        ("invalid_grant", Some("bad_token"), vec!["first", "RT1", "first", "RT2"]),
        ("interaction_required", Some("basic_action"), vec!["first", "RT1", "first", "RT2"]),
        ("invalid_client", None, vec!["first", "RT1", "RT1"]),
    ] {
        let host = host([tokens("RT1"), refusal(error, suberror), tokens("RT2"), tokens("RT3")]);
        let [first, ..] = call_three_times(&user(Repetition::Always), &host);
        assert!(first.is_ok(), "{first:?}");
        assert_eq!(grants(&host), expected, "{error} {suberror:?}");
    }
}

#[test]
fn a_refresh_token_that_ended_is_not_sent_again_by_a_user_who_has_to_sign_in() {
    for (error, suberror, expected) in [
        ("invalid_grant", Some("bad_token"), vec!["first", "RT1"]),
        ("invalid_grant", Some("token_expired"), vec!["first", "RT1"]),
        ("invalid_grant", Some("consent_required"), vec!["first", "RT1", "RT1"]),
        ("invalid_grant", None, vec!["first", "RT1", "RT1"]),
        ("interaction_required", None, vec!["first", "RT1", "RT1"]),
    ] {
        let host = host([tokens("RT1"), refusal(error, suberror), tokens("RT2")]);
        let [first, ..] = call_three_times(&user(Repetition::UnlessServed), &host);
        assert!(first.is_ok(), "{first:?}");
        assert_eq!(grants(&host), expected, "{error} {suberror:?}");
    }
}

#[test]
fn a_refused_first_grant_leaves_a_session_that_is_valid_for_other_tokens() {
    let host = host([
        tokens("RT1"),
        refusal("interaction_required", None),
        refusal("interaction_required", None),
        tokens("RT2"),
    ]);
    let [_, second, third] = call_three_times(&user(Repetition::Always), &host);
    assert_eq!(grants(&host), ["first", "RT1", "first", "RT1"]);
    assert_eq!((second.is_err(), third.is_ok()), (true, true));
}
