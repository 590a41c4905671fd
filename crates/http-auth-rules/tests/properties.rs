//! Properties that hold for any input, and comparisons with other libraries: of our parser of targets with the crates
//! `http` and `url`, which hosts use, and of our parser of challenges with the crate `http-auth`.

#![allow(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use azure_http_auth_rules::challenge::{decode_base64, parse_challenges};
use azure_http_auth_rules::refusal::RequestHead;
use azure_http_auth_rules::rules::parse::parse;
use azure_http_auth_rules::settings::{Decision, Settings};
use azure_http_auth_rules::target::request_target::Target;
use azure_http_auth_rules::target::{Host, Server, plain_path};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{TestRng, TestRunner};
use std::cell::Cell;
use strategies::{CHALLENGES, HOSTS, RULES, WELL_FORMED, authority, challenges, path_with_query, text};

#[path = "properties/strategies.rs"]
mod strategies;

const CASES: u32 = 20_000;

/// Tests a property with the same values in every run, and asserts that it was not trivially true: `test` returns whether it
/// looked at a value, and it must look at one in `rarity`.
fn holds<S: Strategy>(strategy: S, rarity: u32, test: impl Fn(S::Value) -> Result<bool, TestCaseError>) {
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    let looked_at = Cell::new(0);
    let outcome = TestRunner::new_with_rng(config, rng).run(&strategy, |value| {
        looked_at.set(looked_at.get() + u32::from(test(value)?));
        Ok(())
    });
    outcome.map_err(|error| error.to_string()).expect("the property holds");
    assert!(looked_at.get() >= CASES / rarity, "only {} of {CASES} were looked at", looked_at.get());
}

/// The target to which these rules let the request be sent with a token.
fn authenticated(settings: &Settings, (scheme, authority, path): (&str, &str, &str)) -> Option<Target> {
    let request = RequestHead {
        method: "GET",
        scheme: Some(scheme),
        authority: Some(authority),
        path_with_query: Some(path),
        headers: &[],
    };
    match settings.decide(&request) {
        Ok(Decision::Authenticate(_, target)) => Some(target),
        _ => None,
    }
}

fn settings(rules: &str) -> Settings {
    Settings::read(&[("AZURE_HTTP_AUTH_RULES".to_owned(), rules.to_owned())]).expect("settings")
}

#[test]
fn an_authenticated_request_goes_to_the_host_that_the_rule_names() {
    let settings = settings("use all-data-plane");
    let texts = (select(&["https", "http", "HTTPS"][..]), authority(), path_with_query());
    holds(texts, 50, |(scheme, authority, path)| {
        let Some(target) = authenticated(&settings, (scheme, &authority, &path)) else { return Ok(false) };
        let host = target.server.host.to_string();
        prop_assert!(host.is_ascii() && !host.contains(['@', '%', '\\', '/', ':']));
        prop_assert_eq!(target.server.scheme.name(), "https");
        // The host of the text, by hand: a lower-case name, without the default port and the final dot.
        let name = authority.to_ascii_lowercase();
        let name = name.strip_suffix(":443").unwrap_or(&name);
        prop_assert_eq!(name.strip_suffix('.').unwrap_or(name), host);
        Ok(true)
    });
}

/// The two libraries disagree on many texts. What is authenticated is sent as a text that both read as we do.
#[test]
fn other_libraries_read_what_is_sent_as_it_was_decided_on() {
    let settings = settings(
        "use key-vault storage\nhttps://*.contoso.example scope=s\nhttps://*.contoso.example/a/b deny",
    );
    let texts = (select(&["https", "http", "HTTPS"][..]), authority(), path_with_query());
    holds(texts, 50, |(scheme, authority, path)| {
        let Some(target) = authenticated(&settings, (scheme, &authority, &path)) else { return Ok(false) };
        let server = &target.server;
        let sent = format!("{}://{}{}", server.scheme.name(), target.authority(), target.path_with_query());
        let url = url::Url::parse(&sent).map_err(|error| TestCaseError::fail(format!("{sent}: {error}")))?;
        let host = server.host.to_string();
        prop_assert_eq!((url.scheme(), url.username(), url.fragment()), (server.scheme.name(), "", None));
        prop_assert_eq!(
            (url.host_str(), url.port_or_known_default()),
            (Some(host.as_str()), Some(server.port))
        );
        if host.ends_with(".example") {
            // A rule looks at the path, so the libraries that resolve dot segments read the same one.
            prop_assert_eq!(plain_path(url.path()), plain_path(target.path()));
        }
        // `http` refuses some characters; what it accepts it sends as it is.
        if let Ok(uri) = sent.parse::<http::Uri>() {
            prop_assert_eq!((uri.host(), uri.port_u16()), (Some(host.as_str()), url.port()));
            prop_assert_eq!(uri.path_and_query().map(|it| it.as_str()), Some(target.path_with_query()));
            prop_assert_eq!(uri.path(), target.path());
        }
        Ok(true)
    });
}

#[test]
fn a_parsed_host_is_parsed_the_same_again() {
    holds(text(HOSTS), 50, |text| {
        if let Ok(host) = Host::parse(&text) {
            prop_assert_eq!(Host::parse(&host.to_string()), Ok(host));
        }
        let Ok(server) = Server::parse(Some("https"), Some(&text)) else { return Ok(false) };
        prop_assert_eq!(Server::of_address(&server.to_string()), Ok(server));
        Ok(true)
    });
}

#[test]
fn a_plain_path_is_its_own_plain_form_and_climbs_nowhere() {
    holds(path_with_query(), 20, |text| {
        let Ok(plain) = plain_path(&text) else { return Ok(false) };
        prop_assert_eq!(plain_path(&plain), Ok(plain.clone()));
        prop_assert!(plain.starts_with('/') && !plain.contains("//") && !plain.contains('\\'));
        prop_assert!(plain.split('/').all(|segment| segment != ".." && segment != "."));
        Ok(true)
    });
}

#[test]
fn rules_are_parsed_or_the_place_of_the_error_is_named() {
    holds(text(RULES), 2000, |text| match parse(&text) {
        Ok(parsed) => Ok(!parsed.rules.is_empty()),
        Err(error) => {
            let line = text.lines().nth(error.line - 1).unwrap_or_default();
            prop_assert!(error.column <= line.chars().count() + 1, "{}", error);
            Ok(false)
        }
    });
}

#[test]
fn any_challenge_can_be_parsed() {
    holds(text(CHALLENGES), 1, |text| {
        let _ = decode_base64(&text);
        prop_assert!(parse_challenges(&text).len() <= 16);
        Ok(true)
    });
}

/// The crate is stricter than services are, so only what it accepts is compared: there both read the same.
#[test]
fn challenges_that_the_crate_http_auth_accepts_are_parsed_as_by_it() {
    holds(challenges(WELL_FORMED), 50, |text| {
        let Ok(theirs) = http_auth::parse_challenges(&text) else { return Ok(false) };
        let has_parameters = theirs.iter().any(|challenge| !challenge.params.is_empty());
        let theirs = theirs.iter().map(|challenge| {
            let parameter = |(name, value): &(&str, http_auth::ParamValue<'_>)| {
                (name.to_ascii_lowercase(), value.to_unescaped())
            };
            (challenge.scheme.to_owned(), challenge.params.iter().map(parameter).collect())
        });
        let ours = parse_challenges(&text).into_iter().map(|it| (it.scheme, it.parameters));
        prop_assert_eq!(ours.collect::<Vec<_>>(), theirs.collect::<Vec<(String, Vec<_>)>>());
        Ok(has_parameters)
    });
}
