//! Refused requests, in the composed app: nothing is sent. The native tests cover every spelling.

use crate::scenario::{Scenario, ok};
use crate::way::Way;
use anyhow::Result;
use host_tests::async_app::ErrorCode;

const VARIABLES: &[(&str, &str)] = &[
    ("MSI_ENDPOINT", "https://msi.example:8081/msi"),
    ("AZURE_HTTP_AUTH_DEFAULT", "pass"),
    (
        "AZURE_HTTP_AUTH_RULES",
        "use key-vault; https://closed.example deny; https://paths.example/a scope=https://vault.azure.net/.default; \
         GET https://two.example pass; https://two.example/x pass",
    ),
    // The provider uses another source than the endpoint of MSI_ENDPOINT, which is set for the refusals only.
    ("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential"),
];

over_each_way! {
    #[tokio::test(start_paused = true)]
    a_refused_request_is_not_sent_and_is_logged_once,
    without_rules_nothing_is_authenticated_and_the_log_says_what_to_write,
    a_request_that_no_rule_matches_is_denied_unless_the_default_is_pass
}

/// An embedder whose rules are malformed has no hooks.
mod without_hooks {
    use super::a_malformed_variable_blocks_every_request;

    over_each_edition! {
        #[tokio::test(start_paused = true)]
        a_malformed_variable_blocks_every_request
    }
}

async fn a_refused_request_is_not_sent_and_is_logged_once(way: Way) -> Result<()> {
    let mut scenario = Scenario::new(way, VARIABLES, "", |_| ok()).await?;
    for (method, target, reason) in [
        (
            "GET",
            "http://169.254.169.254/metadata/identity/oauth2/token?resource=s3cret",
            "a metadata service",
        ),
        ("GET", "http://169.254.169.254:80/metadata/instance", "a metadata service"),
        ("GET", "http://168.63.129.16/", "a metadata service"),
        ("GET", "http://metadata.google.internal/", "a metadata service"),
        ("GET", "http://127.0.0.1:40342/", "a metadata service"),
        ("GET", "http://2852039166/", "can be read in several ways"),
        ("GET", "http://0xa9fea9fe/", "can be read in several ways"),
        ("GET", "http://0251.0376.0251.0376/", "can be read in several ways"),
        ("GET", "http://[::ffff:169.254.169.254]/", "can be read in several ways"),
        ("GET", "https://MSI.example:8081/other", "the endpoint of MSI_ENDPOINT"),
        ("POST", "https://login.microsoftonline.com/t/oauth2/v2.0/token", "it issues tokens"),
        ("GET", "https://login.microsoftonline.com./", "it issues tokens"),
        ("GET", "http://contoso.vault.azure.net/", "http is allowed to this machine only"),
        ("GET", "http://elsewhere.example/", "http is allowed to this machine only"),
        ("GET", "https://s3cret@contoso.vault.azure.net/", "a user in its authority"),
        ("GET", "https://contoso.vault.azure.net@evil.example/", "a user in its authority"),
        ("GET", "https://closed.example/s3cret", "line 1 of AZURE_HTTP_AUTH_RULES"),
        ("GET", "https://paths.example/a/%2e%2e/b", "servers could read its path in several ways"),
        ("GET", "https://paths.example//a", "exactly one slash"),
        ("GET", "https://contoso.vault.azure.net//evil.example/s3cret", "exactly one slash"),
        ("GET", "https://paths.example/a;s3cret", "it has a semicolon"),
        ("POST", "https://paths.example/a/$batch", "a batch carries other requests"),
        ("POST", "https://two.example/?_method=s3cret", "_method replaces its method"),
        ("GET", "https://two.example/x", "both match"),
        ("TRACE", "https://contoso.vault.azure.net/", "TRACE, TRACK and CONNECT"),
    ] {
        let before = scenario.log();
        for _ in 0..2 {
            let error = scenario.send(method, target, &[]).await?.expect_err(target);
            assert!(matches!(error, ErrorCode::HttpRequestDenied), "{target}: {error:?}");
        }
        let output = scenario.log();
        let logged = output.strip_prefix(&before).unwrap_or_default();
        let is_new = !before.lines().any(|line| line.contains(reason));
        assert!(logged.lines().count() <= 1 && output.contains(reason), "{target}: {output}");
        assert!(!is_new || logged.starts_with("http-auth: "), "{target}: {logged}");
        assert!(!output.contains("s3cret"), "{output}");
    }
    assert!(
        scenario.seen().is_empty() && scenario.azure.journal().is_empty(),
        "{:?}",
        scenario.azure.journal()
    );
    Ok(())
}

async fn without_rules_nothing_is_authenticated_and_the_log_says_what_to_write(way: Way) -> Result<()> {
    let mut scenario = Scenario::new(way, &[("AZURE_HTTP_AUTH_RULES", "")], "", |_| ok()).await?;
    for (target, line) in [
        ("https://contoso.vault.azure.net/secrets/greeting", "use key-vault"),
        ("https://my.blob.core.chinacloudapi.cn/c/b", "use storage cloud=china"),
        ("https://graph.microsoft.com/v1.0/me", "use microsoft-graph"),
        ("https://api.contoso.com/", "https://api.contoso.com scope=<scope>"),
    ] {
        let before = scenario.log();
        for _ in 0..2 {
            let error = scenario.send("GET", target, &[]).await?.expect_err(target);
            assert!(matches!(error, ErrorCode::HttpRequestDenied), "{target}: {error:?}");
        }
        let server = target.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let logged = format!(
            "{before}http-auth: {server} is refused: there are no rules, because AZURE_HTTP_AUTH_RULES is not set or the host does not pass it; add \"{line}\" to it\n"
        );
        assert_eq!(scenario.log(), logged);
    }
    assert!(scenario.seen().is_empty() && scenario.azure.journal().is_empty());
    Ok(())
}

async fn a_request_that_no_rule_matches_is_denied_unless_the_default_is_pass(way: Way) -> Result<()> {
    let with = [("x-with-authorization", "Basic its-own")];
    let mut denies = Scenario::plain(way).await?;
    let error = denies.send("GET", "https://elsewhere.example/", &with).await?.expect_err("no rule");
    assert!(matches!(error, ErrorCode::HttpRequestDenied), "{error:?}");
    assert_eq!(
        denies.log(),
        "http-auth: https://elsewhere.example is refused: no rule matches; add \"https://elsewhere.example scope=<scope>\" \
         to AZURE_HTTP_AUTH_RULES\n"
    );
    let mut passes = Scenario::new(way, &[("AZURE_HTTP_AUTH_DEFAULT", "pass")], "", |_| ok()).await?;
    passes.send("GET", "https://elsewhere.example/a?b", &with).await??;
    let [request] = <[_; 1]>::try_from(passes.seen()).expect("one request");
    assert_eq!(request.uri(), "https://elsewhere.example/a?b");
    assert_eq!(request.headers()["authorization"], "Basic its-own");
    assert_eq!((passes.log(), passes.token_requests()), (String::new(), 0));
    Ok(())
}

async fn a_malformed_variable_blocks_every_request(way: Way) -> Result<()> {
    for (name, value, message) in [
        (
            "AZURE_HTTP_AUTH_RULES",
            "# mine\nhttps://a.example allow",
            "http-auth: AZURE_HTTP_AUTH_RULES, line 2, column 19: behind the address stands scope=<scope> \
             (letters, digits and . _ : / -), pass or deny\n",
        ),
        ("AZURE_HTTP_AUTH_DEFAULT", "yes", "http-auth: AZURE_HTTP_AUTH_DEFAULT must be deny or pass\n"),
    ] {
        let mut scenario = Scenario::new(way, &[(name, value)], "", |_| ok()).await?;
        for _ in 0..2 {
            let error = scenario
                .send("GET", "https://contoso.vault.azure.net/", &[])
                .await?
                .expect_err("the request is blocked");
            assert!(matches!(error, ErrorCode::ConfigurationError), "{error:?}");
        }
        assert_eq!(scenario.log(), message);
        assert!(scenario.seen().is_empty() && scenario.azure.journal().is_empty());
    }
    Ok(())
}
