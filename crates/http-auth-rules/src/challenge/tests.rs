use super::*;

const VAULT: &str = "https://vault.azure.net/.default";

fn satisfy(values: &[&str], tenant: Option<&str>) -> Option<Challenge> {
    let access = Access { tenant: tenant.map(ToOwned::to_owned), ..Access::new(VAULT) };
    satisfiable(values.iter().map(|value| value.as_bytes()), &access, &[])
}

#[test]
fn a_header_is_parsed_as_services_write_it() {
    let parameters = |list: &[(&str, &str)]| {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    for (value, expected) in [
        ("", Vec::new()),
        ("Basic", Vec::from([("Basic", Vec::new())])),
        (
            r#"Bearer realm="", error="insufficient_claims", claims="e30=""#,
            Vec::from([(
                "Bearer",
                parameters(&[("realm", ""), ("error", "insufficient_claims"), ("claims", "e30=")]),
            )]),
        ),
        (
            r#"Bearer authorization_uri=https://login.microsoftonline.com/t/oauth2/authorize resource_id=https://storage.azure.com"#,
            Vec::from([(
                "Bearer",
                parameters(&[
                    ("authorization_uri", "https://login.microsoftonline.com/t/oauth2/authorize"),
                    ("resource_id", "https://storage.azure.com"),
                ]),
            )]),
        ),
        (
            r#"PoP nonce="a\"b, c=d", Bearer  A = "1" ,b=2,, Negotiate"#,
            Vec::from([
                ("PoP", parameters(&[("nonce", "a\"b, c=d")])),
                ("Bearer", parameters(&[("a", "1"), ("b", "2")])),
                ("Negotiate", Vec::new()),
            ]),
        ),
        (r#"Bearer a="unfinished"#, Vec::from([("Bearer", parameters(&[("a", "unfinished")]))])),
        ("=", Vec::new()),
        ("a=b", Vec::new()),
        ("Bearer a=b=c", Vec::from([("Bearer", parameters(&[("a", "b=c")]))])),
    ] {
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(scheme, parameters)| Parameters { scheme: scheme.to_owned(), parameters })
            .collect();
        assert_eq!(parse_challenges(value), expected, "{value}");
    }
}

#[test]
fn claims_are_read_in_any_base64() {
    let claims = r#"{"access_token":{"nbf":{"essential":true,"value":"1700000000"}},"x":"ÿ>?"}"#;
    for encoded in [
        "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNzAwMDAwMDAwIn19LCJ4Ijoiw78+PyJ9",
        "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNzAwMDAwMDAwIn19LCJ4Ijoiw78-PyJ9==",
    ] {
        let value = format!(r#"Bearer error="insufficient_claims", claims="{encoded}""#);
        assert_eq!(satisfy(&[&value], None), Some(Challenge::Claims(claims.to_owned())), "{encoded}");
    }
    let both = [r#"Basic realm="x""#, r#"Bearer claims="e30=""#];
    assert_eq!(satisfy(&both, Some("t")), Some(Challenge::Claims("{}".to_owned())));
}

#[test]
fn malformed_claims_are_ignored() {
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(MAX_ENCODED_CLAIMS / 4 * 3));
    let large = Base64Unpadded::encode_string(large.as_bytes());
    for encoded in ["", "!", "e", "W10=", "bnVsbA==", "/w==", "ew==", "ewB9", &large] {
        let value = format!(r#"Bearer error="insufficient_claims", claims="{encoded}""#);
        assert_eq!(satisfy(&[&value], None), None, "{encoded}");
    }
    for value in [r#"PoP claims="e30=""#, "Bearer", "", r#"claims="e30=""#] {
        assert_eq!(satisfy(&[value], None), None, "{value}");
    }
}

#[test]
fn a_tenant_is_taken_from_a_known_authority_for_the_rules_own_resource() {
    let tenant = Some(Challenge::Tenant("72f988bf-86f1-41af-91ab-2d7cd011db47".to_owned()));
    for value in [
        r#"Bearer authorization="https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47", resource="https://vault.azure.net""#,
        r#"Bearer authorization="https://login.windows.net/72F988BF-86f1-41af-91ab-2d7cd011db47/", resource="https://VAULT.azure.net/""#,
        "Bearer authorization_uri=https://login.microsoftonline.us/72f988bf-86f1-41af-91ab-2d7cd011db47/oauth2/authorize resource_id=https://vault.azure.net",
        r#"Bearer authorization="https://westeurope.login.microsoft.com/72f988bf-86f1-41af-91ab-2d7cd011db47", scope="https://vault.azure.net/.default""#,
    ] {
        assert_eq!(satisfy(&[value], None), tenant, "{value}");
        assert_eq!(satisfy(&[value], Some("contoso.com")), None, "the rule names its tenant: {value}");
    }
}

#[test]
fn no_challenge_leads_to_another_resource_or_authority() {
    for (authorization, resource) in [
        ("https://login.microsoftonline.com/t", "https://graph.microsoft.com"),
        ("https://login.microsoftonline.com/t", "https://vault.azure.net.evil.example"),
        ("https://login.microsoftonline.com/t", "https://vault.azure.net/x"),
        ("https://login.microsoftonline.com/t", ""),
        ("https://evil.example/t", "https://vault.azure.net"),
        ("https://login.microsoftonline.com.evil.example/t", "https://vault.azure.net"),
        ("https://login.microsoftonline.com@evil.example/t", "https://vault.azure.net"),
        ("https://evil-login.microsoftonline.com/t", "https://vault.azure.net"),
        ("http://login.microsoftonline.com/t", "https://vault.azure.net"),
        ("login.microsoftonline.com/t", "https://vault.azure.net"),
        ("https://login.microsoftonline.com/", "https://vault.azure.net"),
        ("https://login.microsoftonline.com", "https://vault.azure.net"),
        ("https://login.microsoftonline.com/common", "https://vault.azure.net"),
        ("https://login.microsoftonline.com/a%2fb", "https://vault.azure.net"),
        ("https://login.microsoftonline.com/a b", "https://vault.azure.net"),
        ("", "https://vault.azure.net"),
    ] {
        let value = format!(r#"Bearer authorization="{authorization}", resource="{resource}""#);
        assert_eq!(satisfy(&[&value], None), None, "{value}");
    }
}
