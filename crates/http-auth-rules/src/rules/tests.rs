use super::find::Undecided;
use super::subject::Subject;
use super::*;
use crate::headers::Header;
use crate::target::request_target::Target;
use std::collections::BTreeSet;

mod narrowing;

/// What these rules decide on a request: a scope, an action and its line, or why there is no decision.
fn found(rules: &str, method: &str, address: &str) -> String {
    found_with(rules, method, address, &[])
}

/// As [`found`], for a request with headers.
fn found_with(rules: &str, method: &str, address: &str, headers: &[Header]) -> String {
    let parsed = parse::parse(rules).expect(rules);
    let rules = Rules::new(parsed.rules, parsed.of_services);
    let (scheme, rest) = address.split_once("://").expect(address);
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let target = Target::parse(method, Some(scheme), Some(authority), Some(path)).expect(address);
    match rules.find(&Subject { method, target: &target, headers }) {
        Ok(None) => "nothing".to_owned(),
        Ok(Some(rule)) => match (&rule.action, &rule.origin) {
            (Action::Authenticate(access), Origin::Service(service)) => {
                format!("{service}: {}", access.scope)
            }
            (Action::Authenticate(access), Origin::Line(_)) => access.scope.clone(),
            (action, Origin::Line(line)) => format!("{action:?} by line {line}").to_lowercase(),
            (action, origin) => format!("{action:?} by {origin}"),
        },
        Err(Undecided::Path(_)) => "path".to_owned(),
        Err(Undecided::MethodCase) => "method".to_owned(),
        Err(Undecided::Rules(one, other)) => format!("{one} or {other}"),
        Err(undecided) => format!("{undecided:?}"),
    }
}

#[test]
fn every_host_of_a_service_is_matched_by_its_own_rule_and_no_other() {
    for row in services::TABLE {
        let line = row.to_string();
        for hosts in row.hosts {
            let host = hosts.replace('*', "my-name1");
            let expected = format!("{}: {}", row.service, row.scope);
            for spelling in [format!("https://{host}/a?b"), format!("https://{}.:443", host.to_uppercase())] {
                assert_eq!(found(&line, "GET", &spelling), expected, "{spelling}");
            }
            let suffix = hosts.trim_start_matches("*.");
            let mut others = Vec::from([format!("{host}:8443"), format!("{host}.evil.example")]);
            if suffix != *hosts {
                let names = ["evil", "evil-", "a.my-name1.b.c.", "xn--my-name1."];
                others.extend(names.map(|name| format!("{name}{suffix}")));
            }
            for other in others {
                assert_eq!(found(&line, "GET", &format!("https://{other}/")), "nothing", "{other}");
            }
        }
    }
}

#[test]
fn without_a_rule_no_service_of_the_table_is_matched() {
    for hosts in services::TABLE.iter().flat_map(|row| row.hosts) {
        let address = format!("https://{}/", hosts.replace('*', "my"));
        for rules in ["", "https://elsewhere.example scope=s"] {
            assert_eq!(found(rules, "GET", &address), "nothing", "{address}");
        }
    }
}

#[test]
fn a_use_line_opens_the_service_that_it_names_and_no_other() {
    for used in services::TABLE {
        let line = used.to_string();
        for row in services::TABLE.iter().filter(|row| (row.service, row.cloud) != (used.service, used.cloud))
        {
            for hosts in row.hosts {
                let address = format!("https://{}/", hosts.replace('*', "my"));
                assert_eq!(found(&line, "GET", &address), "nothing", "{line}: {address}");
            }
        }
    }
}

#[test]
fn all_data_plane_opens_no_management_api() {
    for row in services::TABLE {
        let line = format!("use all-data-plane cloud={}", row.cloud.name());
        let expected = match row.plane {
            services::Plane::Data => format!("{}: {}", row.service, row.scope),
            services::Plane::Management => "nothing".to_owned(),
        };
        for hosts in row.hosts {
            let address = format!("https://{}/", hosts.replace('*', "my"));
            assert_eq!(found(&line, "GET", &address), expected, "{address}");
        }
    }
    let management = services::TABLE.iter().filter(|row| row.plane == services::Plane::Management);
    let management: BTreeSet<_> = management.map(|row| row.service).collect();
    let expected = [
        "azure-devops",
        "batch",
        "communication",
        "iot-hub",
        "microsoft-graph",
        "resource-manager",
        "synapse",
    ];
    assert_eq!(management, BTreeSet::from(expected));
}

#[test]
fn no_host_is_in_the_table_twice_and_each_can_be_parsed() {
    let all: Vec<_> = services::TABLE.iter().flat_map(|row| row.hosts).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    for row in services::TABLE {
        let rules = parse::parse(&row.to_string()).map(|parsed| parsed.of_services.len());
        assert!(rules.is_ok_and(|count| count >= row.hosts.len()), "{row}");
        assert!(row.scope.ends_with("/.default"), "{}", row.scope);
    }
}

#[test]
fn a_foundry_project_is_authenticated_by_its_own_rule_alone() {
    let own = "https://mine.services.ai.azure.com/api/projects scope=ai";
    let openai = "ai-services: https://cognitiveservices.azure.com/.default";
    for (host, path, outcome) in [
        ("mine.services.ai.azure.com", "/api/projects/p/agents", "ai"),
        ("mine.services.ai.azure.com", "/openai/v1/responses", openai),
        ("theirs.services.ai.azure.com", "/openai/v1/responses", openai),
        (
            "theirs.services.ai.azure.com",
            "/api/projects/p/agents/a/endpoint",
            "Deny by the rule of \"use ai-services\"",
        ),
        ("theirs.openai.azure.com", "/api/projects/p", "Deny by the rule of \"use ai-services\""),
        ("theirs.cognitiveservices.azure.com", "/api/%70rojects", "Deny by the rule of \"use ai-services\""),
        ("theirs.cognitiveservices.azure.com", "/API/projects", "path"),
        ("theirs.cognitiveservices.azure.com", "/openai/../api/projects", "path"),
    ] {
        let rules = format!("use ai-services\n{own}");
        assert_eq!(found(&rules, "POST", &format!("https://{host}{path}")), outcome, "{host}{path}");
    }
    assert_eq!(found(own, "GET", "https://mine.services.ai.azure.com/openai"), "nothing");
}

#[test]
fn a_rule_for_https_does_not_match_http() {
    let rules = "http://127.0.0.1:8080 scope=s";
    assert_eq!(found(rules, "GET", "http://127.0.0.1:8080/"), "s");
    for other in [
        "https://127.0.0.1:8080/",
        "http://127.0.0.1/",
        "http://localhost:8080/",
        "http://my.vault.azure.net/",
    ] {
        assert_eq!(found(rules, "GET", other), "nothing", "{other}");
    }
}

#[test]
fn a_rule_with_an_address_takes_precedence_over_a_service() {
    let rules = "use key-vault storage resource-manager\nhttps://*.vault.azure.net scope=other\nhttps://*.*.core.windows.net deny";
    for (address, outcome) in [
        ("https://my.vault.azure.net/", "other"),
        ("https://my.blob.core.windows.net/", "deny by line 3"),
        ("https://management.azure.com/", "resource-manager: https://management.azure.com/.default"),
    ] {
        assert_eq!(found(rules, "GET", address), outcome, "{address}");
    }
}

#[test]
fn the_narrowest_rule_is_chosen() {
    let rules = "
        https://*.contoso.com          scope=wild
        https://api.contoso.com        scope=host
        https://api.contoso.com/v1     scope=v1
        https://api.contoso.com/v1/x/  scope=x
        GET,HEAD https://api.contoso.com/v1/x/ scope=read
        https://api.contoso.com/open   pass";
    for (method, address, outcome) in [
        ("GET", "https://www.contoso.com/v1", "wild"),
        ("GET", "https://a.b.contoso.com/", "nothing"),
        ("GET", "https://contoso.com/", "nothing"),
        ("GET", "https://api.contoso.com/", "host"),
        ("GET", "https://api.contoso.com/v12", "host"),
        ("GET", "https://api.contoso.com/v1", "v1"),
        ("GET", "https://api.contoso.com/v1?a=/v1/x/", "v1"),
        ("POST", "https://api.contoso.com/v1/x", "x"),
        ("POST", "https://api.contoso.com/v1/x/y", "x"),
        ("HEAD", "https://api.contoso.com/v1/x/y", "read"),
        ("GET", "https://api.contoso.com/%76%31", "v1"),
        ("GET", "https://api.contoso.com/open/door", "pass by line 7"),
    ] {
        assert_eq!(found(rules, method, address), outcome, "{method} {address}");
    }
    for path in
        ["/v1/../open", "/open/..%2fv1", "/x//v1", "/open/%2e%2e/v1", "/v1/..;/open", "/open%5cv1", "/%zz"]
    {
        assert_eq!(found(rules, "GET", &format!("https://api.contoso.com{path}")), "path", "{path}");
    }
    // Rules for another host look at no path of this one.
    assert_eq!(found(rules, "GET", "https://www.contoso.com/a/../b"), "wild");
}

#[test]
fn no_rule_is_bypassed_by_the_case_of_letters() {
    let rules = "
        https://api.contoso.com         scope=all
        https://api.contoso.com/groups/Prod deny
        DELETE https://api.contoso.com  deny
        https://www.contoso.com         scope=www";
    for (method, address, outcome) in [
        ("GET", "https://api.contoso.com/groups/Prod/x", "deny by line 3"),
        ("GET", "https://api.contoso.com/groups/PROD/x", "path"),
        ("GET", "https://api.contoso.com/Groups/prod", "path"),
        ("GET", "https://api.contoso.com/groups/prodigal", "all"),
        ("DELETE", "https://api.contoso.com/", "deny by line 4"),
        ("delete", "https://api.contoso.com/", "method"),
        ("Get", "https://api.contoso.com/", "method"),
        ("Get", "https://www.contoso.com/Groups/PROD", "www"),
    ] {
        assert_eq!(found(rules, method, address), outcome, "{method} {address}");
    }
}

#[test]
fn an_ambiguous_choice_is_refused() {
    let rules = "GET https://a.example scope=method\nhttps://a.example/x scope=path";
    let both = "line 2 of AZURE_HTTP_AUTH_RULES or line 1 of AZURE_HTTP_AUTH_RULES";
    assert_eq!(found(rules, "GET", "https://a.example/x"), both);
    assert_eq!(found(rules, "POST", "https://a.example/x"), "path");
    assert_eq!(found(rules, "GET", "https://a.example/y"), "method");
    let rules = "https://*.example.com/x scope=path\nhttps://a.example.com scope=host";
    assert!(found(rules, "GET", "https://a.example.com/x").contains(" or "));
}
