use super::*;
use crate::http::Body;
use serde_json::{Value, json};

const NOW: u64 = 1_800_000_000;

fn expiry(fields: Value) -> Result<u64, MalformedResponse> {
    let mut body = json!({"access_token": "AT"});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    TokenResponse::parse(body.to_string().as_bytes(), NOW).map(|token| token.expires_on)
}

#[test]
fn expiry_is_parsed_in_every_form_that_services_write() {
    for (fields, expected) in [
        (json!({"expires_in": 3599}), NOW + 3599),
        (json!({"expires_in": "3599"}), NOW + 3599),
        (json!({"expires_in": 3599.7}), NOW + 3599),
        (json!({"expires_in": 36e2}), NOW + 3600),
        (json!({"expires_in": "3599.7"}), NOW + 3599),
        (json!({"expires_on": NOW + 5000}), NOW + 5000),
        (json!({"expires_on": "1800005000"}), NOW + 5000),
        (json!({"expires_on": "01/15/2027 09:23:20 +00:00"}), NOW + 5000),
        (json!({"expires_on": "1/15/2027 9:23:20 AM +00:00"}), NOW + 5000),
        (json!({"expires_on": "2027-01-15T09:23:20Z"}), NOW + 5000),
        (json!({"expires_in": 1000, "expires_on": NOW + 5000}), NOW + 1000),
        (json!({"expires_in": "soon", "expires_on": NOW + 5000}), NOW + 5000),
        (json!({"expires_in": u64::MAX}), LATEST),
    ] {
        assert_eq!(expiry(fields.clone()), Ok(expected), "{fields}");
    }
}

#[test]
fn a_token_without_a_valid_expiry_is_refused() {
    for fields in [
        json!({}),
        json!({"expires_in": -1}),
        json!({"expires_in": null, "expires_on": "soon"}),
        json!({"expires_in": [1]}),
    ] {
        assert_eq!(expiry(fields.clone()), Err(MalformedResponse::NoExpiry), "{fields}");
    }
    for fields in [json!({"expires_in": 0}), json!({"expires_on": NOW}), json!({"expires_on": 12})] {
        assert_eq!(expiry(fields.clone()), Err(MalformedResponse::Expired), "{fields}");
    }
}

#[test]
fn bodies_without_a_valid_token_are_refused() {
    let deep = "[".repeat(100_000);
    for (body, expected) in [
        ("", MalformedResponse::NotJson),
        ("{oops", MalformedResponse::NotJson),
        ("<html>", MalformedResponse::NotJson),
        (deep.as_str(), MalformedResponse::NotJson),
        ("null", MalformedResponse::NoToken),
        ("[]", MalformedResponse::NoToken),
        (r#"{"access_token": ""}"#, MalformedResponse::NoToken),
        (r#"{"access_token": 7}"#, MalformedResponse::NoToken),
        (r#"{"access_token": "a b", "expires_in": 1}"#, MalformedResponse::UnprintableToken),
        ("{\"access_token\": \"a\\r\\nx: y\", \"expires_in\": 1}", MalformedResponse::UnprintableToken),
    ] {
        assert_eq!(TokenResponse::parse(body.as_bytes(), NOW).err(), Some(expected), "{body:.40}");
    }
}

#[test]
fn a_response_with_an_error_or_a_token_of_another_type_has_no_token() {
    let of_type = |name: &str| MalformedResponse::TokenType(name.to_owned());
    for (fields, expected) in [
        (json!({"error": "invalid_grant"}), Err(MalformedResponse::Error)),
        (json!({"error": {"code": "x"}}), Err(MalformedResponse::Error)),
        (json!({"error": ""}), Ok(NOW + 60)),
        (json!({"error": null}), Ok(NOW + 60)),
        (json!({"token_type": "bearer"}), Ok(NOW + 60)),
        (json!({"token_type": ""}), Ok(NOW + 60)),
        (json!({"token_type": "pop"}), Err(of_type("pop"))),
        (json!({"token_type": "p\r\nop"}), Err(of_type("(malformed)"))),
    ] {
        let mut with_expiry = json!({"expires_in": 60});
        with_expiry.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        assert_eq!(expiry(with_expiry), expected, "{fields}");
    }
}

#[test]
fn the_number_of_an_error_is_kept_when_its_text_is_damaged() {
    for description in
        [&br"AADSTS50076: \ud800 d"[..], br"AADSTS50076: \udc00\ud800x", b"AADSTS50076: M\xFCller"]
    {
        let body = [br#"{"error": "e", "error_description": ""#, description, br#""}"#].concat();
        let response = Response { status: 400, headers: Vec::new(), body: Body(body) };
        let error = ServiceError::parse(&response).expect("JSON");
        assert_eq!((error.error.as_str(), error.error_codes), ("e", vec![50076]));
    }
}

#[test]
fn errors_are_parsed_in_every_form_that_services_write() {
    let read = |body: Value| {
        let body = Body(body.to_string().into_bytes());
        let error = ServiceError::parse(&Response { status: 400, headers: Vec::new(), body }).expect("JSON");
        (error.error, error.description, error.error_codes)
    };
    for (body, error, description, codes) in [
        (
            json!({"error": "e", "error_description": "AADSTS50076: d", "error_codes": [50076]}),
            "e",
            "AADSTS50076: d",
            vec![50076],
        ),
        (json!({"error": "e", "error_description": "AADSTS50076: d"}), "e", "AADSTS50076: d", vec![50076]),
        (json!({"error": {"code": "e", "message": "d"}}), "e", "d", vec![]),
        (json!({"statusCode": 400, "message": "d"}), "", "d", vec![]),
        (json!({"error": 7, "error_codes": "x"}), "", "", vec![]),
    ] {
        assert_eq!(read(body), (error.to_owned(), description.to_owned(), codes));
    }
}
