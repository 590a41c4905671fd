//! Rules that narrow paths or methods cannot be bypassed.

use super::{found, found_with};
use crate::headers::Header;

fn header(name: &str) -> Vec<Header> {
    Vec::from([(name.to_owned(), b"/admin".to_vec())])
}

#[test]
fn no_path_rule_is_bypassed_by_another_spelling() {
    let rules = "
        https://my.example        scope=all
        https://my.example/$web   deny
        https://my.example/admin/ deny
        https://my.example/v1.0/$batch deny";
    for (path, outcome) in [
        ("/$web", "deny by line 3"),
        ("/%24web/x", "deny by line 3"),
        ("/%24%77eb", "deny by line 3"),
        ("/admin", "deny by line 4"),
        ("/admin/", "deny by line 4"),
        ("/admin/x", "deny by line 4"),
        ("/admin('x')", "deny by line 4"),
        ("/admin:x", "deny by line 4"),
        ("/admin()/x", "deny by line 4"),
        ("/v1.0/%24batch", "deny by line 5"),
        ("/administrator", "all"),
        ("/web/%C3%BCbung", "all"),
        ("/admin;x=1", "path"),
        ("/admin%3Bx", "path"),
        ("/;/admin", "path"),
        ("/admin.", "path"),
        ("/admin%2e/x", "path"),
        ("/admin%20", "path"),
        ("/%20admin", "path"),
        ("/x/../admin", "path"),
        ("/x//admin", "path"),
        ("/x%2fadmin", "path"),
        ("/x%5c..%5cadmin", "path"),
        ("/x%255cadmin", "path"),
        ("/x%c0%afadmin", "path"),
        ("/x%ef%bc%8fadmin", "path"),
        ("/ADMIN", "path"),
        ("/%41dmin", "path"),
        ("/admi%ef%bd%8e", "path"),
        ("/adm%c4%b1n/x", "path"),
        ("/%C3%BCbung", "path"),
        ("/admin%00", "path"),
    ] {
        assert_eq!(found(rules, "GET", &format!("https://my.example{path}")), outcome, "{path}");
        let other = found(rules, "GET", &format!("https://my.example:8443{path}"));
        assert_eq!(other, "nothing", "{path}");
    }
}

/// The spelling is refused for the whole host, whichever rule would match in the end.
#[test]
fn a_narrow_rule_guards_the_wider_rules_behind_it() {
    for wide in [
        "use storage",
        "https://*.blob.core.windows.net scope=wide",
        "https://my.blob.core.windows.net scope=wide",
        "https://my.blob.core.windows.net pass",
    ] {
        let rules = format!(
            "{wide}\nhttps://my.blob.core.windows.net/private deny\nDELETE https://*.blob.core.windows.net/x deny"
        );
        for (path, outcome) in
            [("/private/x", "deny by line 2"), ("/private;x", "path"), ("/Private", "path")]
        {
            let address = format!("https://my.blob.core.windows.net{path}");
            assert_eq!(found(&rules, "GET", &address), outcome, "{wide}: {path}");
        }
        let overridden =
            found_with(&rules, "POST", "https://my.blob.core.windows.net/x", &header("X-HTTP-Method"));
        assert_eq!(overridden, "MethodOverride(\"x-http-method\")", "{wide}");
    }
}

#[test]
fn nothing_replaces_the_method_where_rules_look_at_methods() {
    let rules =
        "https://my.example scope=all\nDELETE https://my.example deny\nhttps://my.example:8443/a scope=path";
    for (name, known) in [
        ("X-HTTP-Method-Override", "x-http-method-override"),
        ("x_http_method_override", "x-http-method-override"),
        ("X-HTTP-Method", "x-http-method"),
        ("x-http_METHOD", "x-http-method"),
        ("X-Method-Override", "x-method-override"),
    ] {
        let refused = format!("MethodOverride({known:?})");
        assert_eq!(found_with(rules, "POST", "https://my.example/", &header(name)), refused, "{name}");
        let in_query = format!("https://my.example/?a=b&{name}=DELETE");
        assert_eq!(found(rules, "POST", &in_query), refused, "{name}");
        // A rule for this server looks at paths, and none at methods.
        assert_eq!(found_with(rules, "POST", "https://my.example:8443/a", &header(name)), "path", "{name}");
    }
    for query in ["_method=DELETE", "_METHOD=DELETE", "a=b&%5fmethod=DELETE", "a;_method=delete", "_method"] {
        let address = format!("https://my.example/?{query}");
        assert_eq!(found(rules, "POST", &address), "MethodOverride(\"_method\")", "{query}");
    }
    for query in ["method=DELETE", "a=_method", "x_method=DELETE"] {
        assert_eq!(found(rules, "POST", &format!("https://my.example/?{query}")), "all", "{query}");
    }
}

#[test]
fn nothing_replaces_the_path_where_rules_look_at_paths() {
    let rules = "https://my.example scope=all\nhttps://my.example/admin deny\nGET https://my.example:8443 scope=method";
    for (name, known) in [
        ("X-Original-URL", "x-original-url"),
        ("X_Original_Url", "x-original-url"),
        ("X-Rewrite-URL", "x-rewrite-url"),
        ("X-Override-URL", "x-override-url"),
        ("X-Original-URI", "x-original-uri"),
        ("X-Forwarded-Path", "x-forwarded-path"),
        ("x-forwarded-uri", "x-forwarded-uri"),
        ("X-Forwarded-Prefix", "x-forwarded-prefix"),
        ("X-Envoy-Original-Path", "x-envoy-original-path"),
        ("X-WAWS-Unencoded-URL", "x-waws-unencoded-url"),
    ] {
        let refused = found_with(rules, "GET", "https://my.example/", &header(name));
        assert_eq!(refused, format!("PathOverride({known:?})"));
        assert_eq!(found_with(rules, "GET", "https://my.example:8443/", &header(name)), "method", "{name}");
    }
}

/// Requests that carry others: what is sent, with which header, to which host.
const BATCHES: &[(&str, &str, &str)] = &[
    ("graph.microsoft.com", "/v1.0/$batch", ""),
    ("graph.microsoft.com", "/v1.0/%24batch", ""),
    ("graph.microsoft.com", "/v1.0/$BATCH?x", ""),
    ("my.table.core.windows.net", "/$batch", ""),
    ("my.blob.core.windows.net", "/?comp=batch", ""),
    ("my.blob.core.windows.net", "/c?restype=container&COMP=Batch", ""),
    ("my.blob.core.windows.net", "/?%63omp=%62atch", ""),
    ("management.azure.com", "/batch?api-version=2020-06-01", ""),
    ("management.azure.com", "/Batch/?api-version=2020-06-01", ""),
    ("my.documents.azure.com", "/dbs/d/colls/c/docs", "X-MS-Cosmos-Is-Batch-Request"),
];

#[test]
fn a_batch_is_authenticated_only_where_no_rule_narrows_or_the_rule_allows_it() {
    for (host, path, name) in BATCHES {
        let send = |rules: &str| {
            let headers = if name.is_empty() { Vec::new() } else { header(name) };
            found_with(rules, "POST", &format!("https://{host}{path}"), &headers)
        };
        let wide = format!("https://{host} scope=s");
        assert_eq!(send(&wide), "s", "{host}{path}");
        for narrow in ["DELETE https://HOST deny", "https://HOST/private deny", "GET https://HOST/x scope=x"]
        {
            let narrow = narrow.replace("HOST", host);
            assert_eq!(send(&format!("{wide}\n{narrow}")), "Batch(Line(1))", "{host}{path}: {narrow}");
            assert_eq!(send(&format!("{wide} batch=on\n{narrow}")), "s", "{host}{path}: {narrow}");
            assert_eq!(send(&format!("https://{host} pass\n{narrow}")), "pass by line 1", "{host}{path}");
            assert_eq!(send(&format!("https://{host} deny\n{narrow}")), "deny by line 1", "{host}{path}");
        }
    }
}

#[test]
fn a_batch_that_a_service_would_authenticate_is_refused_next_to_a_narrow_rule() {
    let rules = "use microsoft-graph\nhttps://graph.microsoft.com/v1.0/users deny";
    let address = "https://graph.microsoft.com/v1.0/$batch";
    assert_eq!(found(rules, "POST", address), "Batch(Service(\"microsoft-graph\"))");
    let allowed = found(&rules.replace("graph\n", "graph batch=on\n"), "POST", address);
    assert_eq!(allowed, "microsoft-graph: https://graph.microsoft.com/.default");
}

/// Where rules look at methods alone, paths have any form.
#[test]
fn a_batch_is_recognised_behind_dots_and_parameters() {
    let rules = "use resource-manager\nDELETE https://management.azure.com deny";
    for path in ["/batch/x/%2e.", "/batch/x/..", "/x/../batch;x=1//", "/batch/.", "/batch%20"] {
        let outcome = found(rules, "POST", &format!("https://management.azure.com{path}?api-version=1"));
        assert_eq!(outcome, "Batch(Service(\"resource-manager\"))", "{path}");
    }
}

#[test]
fn what_only_looks_like_a_batch_is_not_one() {
    let rules = "use storage resource-manager\nDELETE https://*.blob.core.windows.net deny\nDELETE https://management.azure.com deny\nhttps://my.example scope=s\nDELETE https://my.example deny";
    for address in [
        "https://my.blob.core.windows.net/batch/x?comp=block&prefix=batch",
        "https://management.azure.com/subscriptions/s/providers/Microsoft.Batch/batchAccounts/batch/x",
        "https://my.example/jobs/batch",
    ] {
        let outcome = found(rules, "POST", address);
        assert!(outcome == "s" || outcome.contains(".default"), "{address}: {outcome}");
    }
}

#[test]
fn a_header_that_names_another_path_is_refused_where_rules_look_at_paths() {
    for (host, name, known) in [
        ("my.blob.core.windows.net", "X-MS-Copy-Source", "x-ms-copy-source"),
        ("my.dfs.core.windows.net", "x-ms-rename-source", "x-ms-rename-source"),
        ("my.file.core.windows.net", "x-ms-file-rename-source", "x-ms-file-rename-source"),
        ("my.example", "Destination", "destination"),
    ] {
        let send = |rules: &str| found_with(rules, "PUT", &format!("https://{host}/public/x"), &header(name));
        let wide = format!("https://{host} scope=s");
        let narrow = format!("https://{host}/private deny");
        assert_eq!(send(&wide), "s", "{name}");
        assert_eq!(send(&format!("{wide}\nDELETE https://{host} deny")), "s", "{name}");
        assert_eq!(send(&format!("{wide}\n{narrow}")), format!("Copy(Line(1), {known:?})"));
        assert_eq!(send(&format!("{wide} copy=on\n{narrow}")), "s", "{name}");
    }
}
