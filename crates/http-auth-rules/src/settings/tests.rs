use super::*;
use crate::refusal::RequestHead;

const ENVIRONMENT: &[(&str, &str)] = &[
    ("IDENTITY_ENDPOINT", "http://localhost:41741/msi/token"),
    ("MSI_ENDPOINT", "https://msi.example:8081/msi"),
    ("IMDS_ENDPOINT", "http://127.0.0.1:40999"),
    ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:8169"),
    ("AZURE_AUTHORITY_HOST", "login.example.com"),
    (
        "AZURE_HTTP_AUTH_RULES",
        "use all-data-plane; https://open.example pass; https://closed.example deny; http://127.0.0.1:9000 scope=s; https://p.example/a scope=p; \
         https://login.microsoftonline.us/common/discovery pass; \
         https://login.partner.microsoftonline.cn scope=api://x/.default; https://*.microsoftonline.com pass; \
         GET https://two.example pass; https://two.example/x pass; https://10.0.0.4 scope=ip",
    ),
];

fn settings(more: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let all = more.iter().chain(ENVIRONMENT).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::read(&all.collect::<Vec<_>>())
}

/// What is done with a request: `pass`, a scope, or the message of its refusal.
fn decision(settings: &Settings, method: &str, address: &str, host: Option<&str>) -> String {
    let (scheme, rest) = address.split_once("://").expect(address);
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let headers: Vec<_> =
        host.map(|host| ("Host".to_owned(), host.as_bytes().to_vec())).into_iter().collect();
    let request = RequestHead {
        method,
        scheme: Some(scheme),
        authority: Some(authority),
        path_with_query: Some(path),
        headers: &headers,
    };
    match settings.decide(&request) {
        Ok(Decision::Pass(_)) => "pass".to_owned(),
        Ok(Decision::Authenticate(access, _)) => access.scope.clone(),
        Err(refusal) => refusal.to_string(),
    }
}

#[test]
fn each_refusal_names_its_reason() {
    let settings = settings(&[]).expect("settings");
    for (address, why) in [
        ("http://169.254.169.254/metadata/identity/oauth2/token", "a metadata service"),
        ("https://169.254.169.254/", "a metadata service"),
        ("http://169.254.169.254./", "a metadata service"),
        ("http://169.254.169.254:8080/", "a metadata service"),
        ("http://169.254.0.5/", "a metadata service"),
        ("http://metadata.google.internal/", "a metadata service"),
        ("http://168.63.129.16/", "a metadata service"),
        ("http://[fe80::1]/", "a metadata service"),
        ("http://localhost:40342/metadata/identity/oauth2/token", "a metadata service"),
        ("http://127.0.0.1:50342/oauth2/token", "a metadata service"),
        ("http://2852039166/", "in a form that can be read in several ways"),
        ("http://0xA9FEA9FE/", "in a form that can be read in several ways"),
        ("http://0251.0376.0251.0376/", "in a form that can be read in several ways"),
        ("http://169.254.43518/", "in a form that can be read in several ways"),
        ("http://[::ffff:169.254.169.254]/", "in a form that can be read in several ways"),
        ("http://[::FFFF:A9FE:A9FE]/", "in a form that can be read in several ways"),
        ("http://[64:ff9b::169.254.169.254]/", "in a form that can be read in several ways"),
        ("http://localhost:41741/msi/token", "the endpoint of IDENTITY_ENDPOINT"),
        ("http://127.0.0.1:41741/other", "the endpoint of IDENTITY_ENDPOINT"),
        ("https://[::1]:41741/", "the endpoint of IDENTITY_ENDPOINT"),
        ("http://0.0.0.0:41741/", "the endpoint of IDENTITY_ENDPOINT"),
        ("https://MSI.example.:8081/", "the endpoint of MSI_ENDPOINT"),
        ("http://127.0.0.1:40999/", "the endpoint of IMDS_ENDPOINT"),
        ("http://localhost:8169/metadata", "the endpoint of AZURE_POD_IDENTITY_AUTHORITY_HOST"),
        ("https://login.microsoftonline.com/t/oauth2/v2.0/token", "it issues tokens"),
        ("https://LOGIN.microsoftonline.com./t", "it issues tokens"),
        ("https://westus2.login.microsoft.com/t", "it issues tokens"),
        ("https://login.chinacloudapi.cn/", "it issues tokens"),
        ("https://sts.windows.net/t", "it issues tokens"),
        ("https://contoso.ciamlogin.com/", "it issues tokens"),
        ("https://login.example.com/", "it issues tokens"),
        ("https://login.microsoftonline.us/t/oauth2/v2.0/token", "it issues tokens"),
        ("https://login.partner.microsoftonline.cn/", "it issues tokens"),
        ("http://my.vault.azure.net/secrets", "http is allowed to this machine only"),
        ("http://open.example/", "http is allowed to this machine only"),
        ("http://10.0.0.1/", "http is allowed to this machine only"),
        ("https://user:pw@my.vault.azure.net/", "a user in its authority"),
        ("https://my.vault.azure.net@evil.example/", "a user in its authority"),
        ("ftp://my.vault.azure.net/", "neither https nor http"),
        ("https://my.vault.azure.net:/", "its port is not a plain number"),
        ("https://my.vault.azure.net:00443/", "its port is not a plain number"),
        ("https:///secrets", "it names no host"),
        ("https://my.vault.azure.net%2eevil.example/", "not a plain ASCII name"),
        ("https://mÿ.vault.azure.net/", "not a plain ASCII name"),
        ("https://my.vault.azure.net//evil.example/x", "exactly one slash"),
        ("https://open.example//evil.example/x", "exactly one slash"),
        ("https://p.example/a/../b", "servers could read its path in several ways"),
        (
            "https://p.example/A",
            "servers could read its path in several ways, and rules for it have paths: it differs from",
        ),
        (
            "https://p.example/a?comp=batch",
            "a batch carries other requests in its body, and rules for it have paths or methods",
        ),
        ("https://p.example/a?comp=batch", "add batch=on to line 1 of AZURE_HTTP_AUTH_RULES"),
        ("https://two.example/x", "line 1 of AZURE_HTTP_AUTH_RULES both match"),
        ("https://closed.example/", "refused by line 1 of AZURE_HTTP_AUTH_RULES"),
        ("https://elsewhere.example/", "no rule matches"),
        ("https://xn--y-3ga.vault.azure.net/", "no rule matches"),
        ("https://my.vault.azure.net:8443/", "no rule matches"),
        ("https://my.vault.azure.net.evil.example/", "no rule matches"),
        ("https://myvault.azure.net/", "no rule matches"),
        ("https://10.0.0.5/", "no rule matches"),
    ] {
        let decided = decision(&settings, "GET", address, None);
        assert!(decided.contains(why), "{address}: {decided}");
        assert!(
            !decided.contains("pw") && !decided.contains("/secrets") && !decided.contains("oauth2"),
            "{decided}"
        );
    }
}

/// A target as the app sets it: scheme, authority, path with query.
type Texts<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// The target that a request is sent to, or the message of its refusal.
fn sent_to(settings: &Settings, (scheme, authority, path_with_query): Texts<'_>) -> String {
    let request = RequestHead { method: "GET", scheme, authority, path_with_query, headers: &[] };
    match settings.decide(&request) {
        Ok(Decision::Pass(target) | Decision::Authenticate(_, target)) => {
            format!("{}://{}{}", target.scheme().name(), target.authority(), target.path_with_query())
        }
        Err(refusal) => refusal.to_string(),
    }
}

#[test]
fn what_is_sent_is_what_was_decided_on() {
    let settings = settings(&[("AZURE_HTTP_AUTH_DEFAULT", "pass")]).expect("settings");
    // A rule with scope, a rule with pass, and no rule.
    for host in ["my.vault.azure.net", "open.example", "elsewhere.example"] {
        let upper = format!("{}.:443", host.to_uppercase());
        for (scheme, authority, path, sent) in [
            (None, host, None, "/"),
            (Some("HTTPS"), upper.as_str(), Some(""), "/"),
            (Some("https"), host, Some("?a=b"), "/?a=b"),
            (Some("https"), host, Some("/@evil.example/%2F"), "/@evil.example/%2F"),
        ] {
            let expected = format!("https://{host}{sent}");
            assert_eq!(sent_to(&settings, (scheme, Some(authority), path)), expected, "{path:?}");
        }
        for path in [
            "//evil.example/x",
            "@evil.example/x",
            "evil.example",
            "/\\evil.example",
            "*",
            "/a#b",
            "/a b",
            "/ü",
        ] {
            let refused = sent_to(&settings, (None, Some(host), Some(path)));
            assert!(
                refused.contains("its path does not begin with exactly one slash"),
                "{host} {path}: {refused}"
            );
        }
    }
}

#[test]
fn every_spelling_of_an_address_is_matched() {
    let settings = settings(&[]).expect("settings");
    const VAULT: &str = "https://vault.azure.net/.default";
    for (address, expected) in [
        ("https://my.vault.azure.net/secrets/a", VAULT),
        ("HTTPS://MY.Vault.Azure.NET:443/secrets/a", VAULT),
        ("https://my.vault.azure.net./secrets/a", VAULT),
        ("https://my.vault.azure.net/secrets/../keys", VAULT),
        ("https://my.vault.azure.net?x", VAULT),
        ("https://open.example/", "pass"),
        ("http://127.0.0.1:9000/", "s"),
        ("https://10.0.0.4/", "ip"),
        ("https://p.example/a/b", "p"),
        ("https://login.microsoftonline.us/common/discovery/keys", "pass"),
    ] {
        assert_eq!(decision(&settings, "GET", address, None), expected, "{address}");
    }
}

#[test]
fn the_host_header_is_the_authority_or_refused() {
    let settings = settings(&[]).expect("settings");
    for (host, passes) in [
        ("my.vault.azure.net", true),
        ("MY.vault.azure.net.:443", true),
        ("other.vault.azure.net", false),
        ("evil.example", false),
        ("my.vault.azure.net:80", false),
        ("my.vault.azure.net, evil.example", false),
        ("", false),
    ] {
        let decided = decision(&settings, "GET", "https://my.vault.azure.net/", Some(host));
        assert_eq!(!decided.contains("names another host"), passes, "{host}: {decided}");
    }
}

#[test]
fn a_method_that_shows_the_token_is_never_authenticated() {
    let settings = settings(&[]).expect("settings");
    for method in ["TRACE", "trace", "TRACK", "Track", "CONNECT"] {
        let authenticated = decision(&settings, method, "https://my.vault.azure.net/", None);
        assert!(authenticated.contains("never authenticated"), "{authenticated}");
        assert_eq!(decision(&settings, method, "https://open.example/", None), "pass");
    }
}

#[test]
fn the_default_pass_allows_unmatched_requests_alone() {
    let settings = settings(&[("AZURE_HTTP_AUTH_DEFAULT", " pass ")]).expect("settings");
    assert_eq!(decision(&settings, "GET", "https://elsewhere.example/a/../b", None), "pass");
    for address in [
        "https://closed.example/",
        "http://elsewhere.example/",
        "http://169.254.169.254/",
        "http://127.0.0.1:41741/",
        "https://login.microsoftonline.com/",
        "https://westus2.login.microsoftonline.us/",
    ] {
        assert!(decision(&settings, "GET", address, None).contains("refused"), "{address}");
    }
}

#[test]
fn a_malformed_variable_stops_all_requests() {
    for (name, value, message) in [
        ("AZURE_HTTP_AUTH_DEFAULT", "allow", "AZURE_HTTP_AUTH_DEFAULT must be deny or pass"),
        ("AZURE_HTTP_AUTH_RULES", "x", "AZURE_HTTP_AUTH_RULES, line 1, column 1: "),
        ("IDENTITY_ENDPOINT", "http://[::1", "IDENTITY_ENDPOINT must begin with the address of a host"),
        ("MSI_ENDPOINT", "unix:///run/msi", "MSI_ENDPOINT must begin"),
        ("AZURE_AUTHORITY_HOST", "https://a@b", "AZURE_AUTHORITY_HOST must begin"),
    ] {
        let error = settings(&[(name, value)]).expect_err(name).to_string();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn a_blank_variable_is_unset() {
    let blank: Vec<_> =
        ["AZURE_HTTP_AUTH_DEFAULT", "AZURE_HTTP_AUTH_RULES", "IDENTITY_ENDPOINT", "AZURE_AUTHORITY_HOST"]
            .map(|name| (name.to_owned(), " \t".to_owned()))
            .into();
    let settings = Settings::read(&blank).expect("settings");
    assert_eq!(
        decision(&settings, "GET", "https://elsewhere.example/", None),
        "https://elsewhere.example is refused: there are no rules, because AZURE_HTTP_AUTH_RULES is not set or the host does \
         not pass it; add \"https://elsewhere.example scope=<scope>\" to it"
    );
}
