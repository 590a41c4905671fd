use super::*;

const VAULT: &str = "https://vault.azure.net/.default";
const STORAGE: &str = "https://storage.azure.com/.default";

fn list(scopes: &str, tenants: &str) -> Result<AllowList, String> {
    let variables = [(SCOPES, scopes), (TENANTS, tenants)];
    AllowList::read(|name| {
        let (_, value) = variables.iter().find(|(variable, _)| *variable == name)?;
        (!value.is_empty()).then(|| (*value).to_owned())
    })
}

fn request(scopes: &[&str], tenant: Option<&str>) -> TokenRequest {
    TokenRequest {
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        tenant_id: tenant.map(ToOwned::to_owned),
        claims: Some("{}".to_owned()),
        enable_cae: true,
        options: [("include-details".to_owned(), "true".to_owned())].into(),
    }
}

/// The reason of a refusal; empty: it is allowed.
fn reason(list: &AllowList, scopes: &[&str], tenant: Option<&str>) -> String {
    list.check(request(scopes, tenant)).err().unwrap_or_default()
}

#[test]
fn every_scope_of_a_request_must_be_listed_exactly() {
    let list = list(&format!("{VAULT}\n  {STORAGE} "), "").expect("well-formed");
    for scopes in [&[VAULT][..], &[STORAGE], &[STORAGE, VAULT], &[VAULT, VAULT]] {
        assert_eq!(reason(&list, scopes, None), "", "{scopes:?}");
    }
    for scope in [
        "https://vault.azure.net",
        "https://vault.azure.net/",
        "https://vault.azure.net//.default",
        "https://VAULT.azure.net/.default",
        "https://vault.azure.net/.DEFAULT",
        "https://vault.azure.net/.default,https://storage.azure.com/.default",
        "https://graph.microsoft.com/.default",
        ".default",
    ] {
        for scopes in [&[scope][..], &[VAULT, scope], &[scope, VAULT]] {
            let expected =
                format!("the scope {scope} is not allowed; only the scopes of AZURE_ALLOW_SCOPES are");
            assert_eq!(reason(&list, scopes, None), expected);
        }
    }
}

#[test]
fn a_scope_that_hides_another_is_refused_without_repeating_it() {
    let list = list(VAULT, "").expect("well-formed");
    let long = "a".repeat(2000);
    for scope in
        [&format!("{VAULT} {STORAGE}"), &format!("{VAULT}\n"), &format!(" {VAULT}"), "", "\u{202e}", &long]
    {
        let expected = "a malformed scope is not allowed; only the scopes of AZURE_ALLOW_SCOPES are";
        assert_eq!(reason(&list, &[scope], None), expected, "{scope:?}");
    }
    assert_eq!(reason(&list, &[], None), "the request has no scope");
}

#[test]
fn a_request_with_a_tenant_passes_only_if_the_tenant_is_listed() {
    let own = list(VAULT, "").expect("well-formed");
    let two = list(VAULT, "contoso.com 72F988BF-86f1-41af-91ab-2d7cd011db47").expect("well-formed");
    for tenant in [None, Some(""), Some(" \t")] {
        assert_eq!((reason(&own, &[VAULT], tenant), reason(&two, &[VAULT], tenant)), Default::default());
    }
    for tenant in ["contoso.com", "CONTOSO.com", "72f988bf-86f1-41af-91ab-2d7cd011db47"] {
        assert_eq!(reason(&two, &[VAULT], Some(tenant)), "");
        let expected = format!(
            "the tenant {tenant} is not allowed; only those of AZURE_ALLOW_TENANTS are, and the provider's own for a \
             request without a tenant"
        );
        assert_eq!(reason(&own, &[VAULT], Some(tenant)), expected);
    }
    for tenant in [
        "common",
        "organizations",
        "contoso.com.evil.example",
        "evil.example",
        " contoso.com",
        "contoso.com/x",
    ] {
        assert!(reason(&two, &[VAULT], Some(tenant)).contains("tenant"), "{tenant}");
    }
}

#[test]
fn a_request_is_passed_on_unchanged_but_for_a_blank_tenant() {
    let list = list(VAULT, "contoso.com").expect("well-formed");
    for (asked, passed_on) in [(None, None), (Some("Contoso.com"), Some("Contoso.com")), (Some("  "), None)] {
        let passed = list.check(request(&[VAULT], asked)).map(|request| format!("{request:?}"));
        assert_eq!(passed, Ok(format!("{:?}", request(&[VAULT], passed_on))));
    }
}

#[test]
fn without_a_list_the_reason_says_what_to_write() {
    assert_eq!(
        list("", "contoso.com").expect_err("no scopes"),
        "AZURE_ALLOW_SCOPES is not set, so every request is refused; list the scopes that the app may request there, with \
         blanks between them, e.g. AZURE_ALLOW_SCOPES=https://vault.azure.net/.default"
    );
}

#[test]
fn a_malformed_entry_is_the_reason_of_every_refusal() {
    for (scopes, tenants, variable, entry) in [
        ("https://vault.azure.net/.default *?", "", SCOPES, "*?"),
        ("\"https://vault.azure.net/.default\"", "", SCOPES, "\"https://vault.azure.net/.default\""),
        (VAULT, "*", TENANTS, "*"),
        (VAULT, "a;b", TENANTS, "a;b"),
        (VAULT, "contoso.com https://contoso.com", TENANTS, "https://contoso.com"),
    ] {
        let expected = format!(
            "{variable} is malformed, so every request is refused: '{entry}' has a character that none has, or is too \
             long; write entries with blanks between them"
        );
        assert_eq!(list(scopes, tenants), Err(expected));
    }
}
