use super::*;

fn raw_request(scopes: &[&str]) -> RawRequest {
    RawRequest { scopes: scopes.iter().map(ToString::to_string).collect(), ..Default::default() }
}

fn parsed(raw: RawRequest) -> TokenRequest {
    TokenRequest::parse(raw).expect("well-formed")
}

fn refusal(raw: RawRequest) -> String {
    TokenRequest::parse(raw).expect_err("should be refused").into_details().message
}

#[test]
fn a_refusal_names_the_field() {
    let tenant_id = RawRequest { tenant_id: Some("a/b".into()), ..raw_request(&["s"]) };
    for (raw, message) in [
        (
            raw_request(&[]),
            "get-token: scopes is empty; name at least one, e.g. https://vault.azure.net/.default",
        ),
        (raw_request(&[""]), "get-token: a scope must be 1 to 1024 characters long"),
        (
            raw_request(&["s", "a b"]),
            "get-token: a scope has a character that no scope has: \"a b\"; allowed are ASCII letters, digits and - . _ ~ : / @ ! $ ' ( ) * + , ; =",
        ),
        (
            tenant_id,
            "get-token: tenant-id must be a tenant id or a domain name: ASCII letters, digits, '.' and '-'",
        ),
    ] {
        assert_eq!(refusal(raw), message);
    }
}

#[test]
fn the_spellings_of_a_resource_have_one_token_where_tokens_are_for_a_resource() {
    let [short, long] = ["https://r", "https://r/.default"].map(|scope| parsed(raw_request(&[scope])));
    assert!(!short.same_token(&long));
    let [short, long] = [short, long].map(TokenRequest::for_resource);
    assert!(short.same_token(&long));
    assert_eq!(short.key(), long.key());
    let other = parsed(raw_request(&["https://r//.default"])).for_resource();
    assert!(!short.same_token(&other));
}

#[test]
fn an_option_that_is_not_known_is_refused() {
    let parse = |options: &[(&str, &str)]| {
        let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let parsed = TokenRequest::parse(RawRequest { options, ..raw_request(&["s"]) });
        parsed.map(|request| request.include_details()).map_err(|error| error.into_details().message)
    };
    for (options, expected) in [
        (&[][..], Ok(false)),
        (&[("include-details", "true")], Ok(true)),
        (&[("include-details", "false")], Ok(false)),
        (&[("include-details", "yes")], Err("get-token: the option include-details must be true or false")),
        (
            &[("include-details", "true"), ("include-details", "true")],
            Err("get-token: options has the key include-details twice"),
        ),
        (
            &[("pop\r\n", "")],
            Err("get-token: options has the unknown key pop; the known one is include-details"),
        ),
    ] {
        assert_eq!(parse(options), expected.map_err(ToOwned::to_owned), "{options:?}");
    }
}

#[test]
fn claims_must_be_a_json_object() {
    for claims in ["{", "[]", "\"x\"", "1"] {
        let raw = RawRequest { claims: Some(claims.into()), ..raw_request(&["s"]) };
        assert!(refusal(raw).starts_with("get-token: claims is not a JSON object"), "{claims:?}");
    }
}

#[test]
fn blank_options_are_unset() {
    let raw = RawRequest { tenant_id: Some(" ".into()), claims: Some(String::new()), ..raw_request(&["s"]) };
    let parsed = parsed(raw);
    assert_eq!((parsed.tenant_id(), parsed.claims()), (None, None));
}

#[test]
fn the_key_ignores_order_and_claims_and_nothing_else() {
    let one = parsed(raw_request(&["a", "b"]));
    let claims = Some(r#"{"a":1}"#.into());
    let same = parsed(RawRequest { claims, ..raw_request(&["b", "a"]) });
    assert!(one.key() == same.key() && one.same_token(&same));
    for other in [
        raw_request(&["a"]),
        raw_request(&["a", "a"]),
        RawRequest { enable_cae: true, ..raw_request(&["a", "b"]) },
        RawRequest { tenant_id: Some("t".into()), ..raw_request(&["a", "b"]) },
    ] {
        let other = parsed(other);
        assert!(!one.same_token(&other) && one.key() != other.key(), "{other:?}");
    }
}
