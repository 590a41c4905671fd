use super::*;
use crate::rules::{Access, Action, Presentation, Servers};
use crate::target::Scheme;

fn access(scope: &str) -> Access {
    Access::new(scope)
}

#[test]
fn a_rule_is_a_line_of_words() {
    let text = "\n  # all of it\nGET,PUT https://API.contoso.com:8443/v%31/ \t scope=api://x/.default tenant=contoso.com cae=off keep=4096 batch=on copy=on as=cosmos # so\n";
    let expected = Rule {
        origin: Origin::Line(3),
        methods: Vec::from(["GET".to_owned(), "PUT".to_owned()]),
        servers: Servers {
            scheme: Scheme::Https,
            hosts: Hosts::One(Host::Name("api.contoso.com".to_owned())),
            port: 8443,
        },
        path: Some("/v1".to_owned()),
        action: Action::Authenticate(Access {
            tenant: Some("contoso.com".to_owned()),
            enable_cae: false,
            allows_batch: true,
            allows_copy: true,
            keep: 4096,
            presentation: Presentation::Cosmos,
            ..access("api://x/.default")
        }),
    };
    assert_eq!(parse(text), Ok(Parsed { rules: Vec::from([expected]), of_services: Vec::new() }));
}

#[test]
fn a_semicolon_separates_rules_like_a_new_line() {
    let parsed = parse(
        "use managed-hsm; https://a.example pass;https://*.*.b.example deny ;; http://[::1]:80 scope=s",
    );
    let parsed = parsed.expect("three rules");
    assert_eq!(parsed.of_services.len(), 1);
    let actions: Vec<_> =
        parsed.rules.iter().map(|rule| (rule.servers.hosts.clone(), rule.action.clone())).collect();
    assert_eq!(
        actions,
        [
            (Hosts::One(Host::Name("a.example".to_owned())), Action::Pass),
            (Hosts::Below(2, "b.example".to_owned()), Action::Deny),
            (Hosts::One(Host::V6("::1".parse().expect("an address"))), Action::Authenticate(access("s"))),
        ]
    );
}

#[test]
fn an_error_names_its_place_and_what_to_write() {
    const AT: &str = "AZURE_HTTP_AUTH_RULES, line ";
    for (text, place, what) in [
        ("get https://a.example pass", "1, column 1", "in upper case"),
        ("GET", "1, column 1", "methods may stand in front"),
        ("GET, https://a.example pass", "1, column 1", "a comma between"),
        ("TRACE https://a.example scope=s", "1, column 1", "never authenticated"),
        ("\n\n  ftp://a.example pass", "3, column 3", "begins with https://"),
        ("https://a.example", "1, column 18", "stands scope=<scope>"),
        ("https://a.example allow", "1, column 19", "scope=<scope>"),
        ("https://a.example scope=", "1, column 19", "scope=<scope>"),
        ("https://a.example scope=a\"b", "1, column 19", "letters, digits"),
        ("https://a.example scope=s tenant=a/b", "1, column 27", "a tenant is"),
        ("https://a.example scope=s cae=maybe", "1, column 27", "the options are"),
        ("https://a.example scope=s keep=1048577", "1, column 27", "up to 1048576"),
        ("https://a.example scope=s keep=-1", "1, column 27", "up to 1048576"),
        ("https://a.example scope=s x", "1, column 27", "the options are"),
        ("https://a.example pass tenant=x", "1, column 24", "nothing stands behind"),
        ("https://a.example:x pass", "1, column 19", "a port is"),
        ("https://a.example:0 pass", "1, column 19", "a port is"),
        ("https://[::1]:99999 pass", "1, column 15", "a port is"),
        ("https://* pass", "1, column 9", "a host is"),
        ("https://*.com pass", "1, column 9", "a host is"),
        ("https://a.*.example pass", "1, column 9", "a host is"),
        ("https://user@a.example pass", "1, column 9", "a host is"),
        ("https://0x7f000001 pass", "1, column 9", "a host is"),
        (
            "https://a.example/a/../b pass",
            "1, column 18",
            "all servers read in the same way, and a segment ends with a dot",
        ),
        ("https://a.example/a//b pass", "1, column 18", "it has an empty segment"),
        ("https://a.example/a%3Bb deny", "1, column 18", "it has a semicolon, which begins parameters"),
        ("https://a.example/a. deny", "1, column 18", "a segment ends with a dot"),
        ("https://a.example/a%2fb deny", "1, column 18", "an encoded slash"),
        ("https://a.example/a%20/b deny", "1, column 18", "ends with a blank"),
        ("https://a.example/a%zz deny", "1, column 18", "percent-encoding is malformed"),
        ("https://a.example/%C3%BC deny", "1, column 18", "a character that is not ASCII"),
        ("https://a.example/ü deny", "1, column 18", "a character that is not ASCII"),
        ("https://a.example/a?b pass", "1, column 18", "a path without a query and *"),
        ("https://a.example/* pass", "1, column 18", "a path without a query and *"),
        ("https://a.example scope=s batch=maybe", "1, column 27", "the options are"),
        ("use storage copy=yes", "1, column 13", "the options are"),
        ("http://a.example scope=s", "1, column 1", "this machine alone"),
        ("http://*.localhost.example scope=s", "1, column 1", "this machine alone"),
        ("https://169.254.169.254 pass", "1, column 9", "never opened"),
        ("https://a.example pass; ü https://b.example pass", "1, column 25", "in upper case"),
        ("# ü\n\tuse", "2, column 2", "the name of a service"),
        ("use sql", "1, column 5", "not HTTP"),
        ("use container-registry", "1, column 5", "tokens of its own"),
        ("use key-vaults", "1, column 5", "no service of this name"),
        ("use key-vault Storage", "1, column 15", "no service of this name"),
        ("use onelake cloud=china", "1, column 5", "no service of this name in this cloud"),
        ("use storage cloud=germany", "1, column 13", "a cloud is"),
        ("use storage scope=s", "1, column 13", "the options are"),
        ("use storage tenant=a/b", "1, column 13", "a tenant is"),
        ("use storage storage", "1, column 13", "used already"),
        ("use key-vault\nuse all-data-plane", "2, column 5", "used already"),
        ("https://a.example pass\nhttps://A.example. deny", "2, column 1", "the rule of line 1"),
        ("https://a.example/%24web/ deny\nhttps://a.example/$web pass", "2, column 1", "the rule of line 1"),
        (
            "GET,PUT https://a.example pass\nPUT,POST https://a.example deny",
            "2, column 1",
            "the rule of line 1",
        ),
    ] {
        let error = parse(text).expect_err(text).to_string();
        assert!(error.starts_with(&format!("{AT}{place}: ")) && error.contains(what), "{text:?}: {error}");
    }
}

#[test]
fn where_customers_code_is_called_only_exact_hosts_are_authenticated() {
    let error = |text: &str| parse(text).expect_err(text).to_string();
    assert_eq!(
        error("\nGET https://*.*.windows.net/ scope=s"),
        "AZURE_HTTP_AUTH_RULES, line 2, column 5: the wildcard could match a host below servicebus.windows.net, where Azure Relay hands headers to the listeners of its customers; name the host"
    );
    assert_eq!(
        error("https://*.services.ai.azure.com scope=s"),
        "AZURE_HTTP_AUTH_RULES, line 1, column 1: the wildcard could match /api/projects of a host below services.ai.azure.com, where Foundry calls the containers of its customers, its hosted agents; name the host or another path"
    );
    for text in [
        "https://my-ns.servicebus.windows.net scope=s",
        "https://*.servicebus.windows.net deny",
        "https://*.*.windows.net pass",
        "https://*.services.ai.azure.com/openai scope=s",
    ] {
        assert!(parse(text).is_ok(), "{text}");
    }
}

#[test]
fn a_service_under_whose_suffix_customers_code_is_called_must_be_named_by_its_host() {
    for (line, rule) in [
        (
            "use key-vault service-bus",
            "https://<namespace>.servicebus.windows.net scope=https://servicebus.azure.net/.default",
        ),
        (
            "use event-hubs cloud=china",
            "https://<namespace>.servicebus.chinacloudapi.cn scope=https://eventhubs.azure.net/.default",
        ),
        (
            "use cosmos-db",
            "https://<account>.documents.azure.com scope=https://cosmos.azure.com/.default as=cosmos",
        ),
        (
            "use foundry",
            "https://<resource>.services.ai.azure.com/api/projects scope=https://ai.azure.com/.default",
        ),
        (
            "use databricks",
            "https://adb-<id>.<number>.azuredatabricks.net scope=2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default",
        ),
    ] {
        let error = parse(line).expect_err(line).to_string();
        assert!(
            error.contains("no use line opens") && error.ends_with(&format!("; write the host: {rule}")),
            "{error}"
        );
    }
    assert_eq!(
        parse("use signalr").expect_err("no such row").to_string(),
        "AZURE_HTTP_AUTH_RULES, line 1, column 5: no use line opens signalr, because SignalR hands headers to the servers of its customers; write the host: https://<name>.service.signalr.net scope=https://signalr.azure.com/.default"
    );
}

#[test]
fn rules_for_different_methods_do_not_collide() {
    let text = "GET https://a.example pass\nPUT https://a.example deny\nhttps://a.example scope=s";
    assert_eq!(parse(text).map(|parsed| parsed.rules.len()), Ok(3));
}

#[test]
fn the_options_of_a_use_line_are_those_of_its_services() {
    let parsed =
        parse("use key-vault managed-hsm cloud=china tenant=contoso.com cae=off keep=9 batch=on copy=on")
            .expect("two services");
    let options = |scope| Access {
        tenant: Some("contoso.com".to_owned()),
        enable_cae: false,
        allows_batch: true,
        allows_copy: true,
        keep: 9,
        ..access(scope)
    };
    let actions: Vec<_> = parsed.of_services.into_iter().map(|rule| rule.action).collect();
    let scopes = ["https://vault.azure.cn/.default", "https://managedhsm.azure.cn/.default"];
    assert_eq!(actions, scopes.map(|scope| Action::Authenticate(options(scope))));
}
