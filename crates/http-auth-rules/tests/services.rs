//! The table of services against the constants of Microsoft's SDKs, and the documents that are written from it.
//!
//! `UPDATE_EXPECT=1` writes the documents.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

use azure_http_auth_rules::rules::customer_hosts::CUSTOMER_HOSTS;
use azure_http_auth_rules::rules::services::{Plane, TABLE};
use golden::expect_file;
use std::collections::BTreeSet;
use std::fmt::Write as _;

#[path = "services/documents.rs"]
mod documents;
#[path = "services/facts.rs"]
mod facts;
#[path = "services/named.rs"]
mod named;
#[path = "services/sdk.rs"]
mod sdk;

use facts::facts;
use named::all_facts;
use sdk::Constants;

#[test]
fn each_host_and_scope_is_a_constant_of_an_sdk_or_has_a_page() {
    let (constants, services) = (Constants::read(), facts());
    let (mut without, mut unknown) = (String::new(), Vec::new());
    for (service, kind, text) in all_facts() {
        let facts = &services[service];
        match (constants.source(kind, &text, &facts.packages), facts.pages.get(&text)) {
            (Some(_), None) => {}
            (Some((package, _)), Some(_)) => unknown.push(format!("{text} is in {package}: remove its page")),
            (None, Some(page)) => writeln!(without, "{service}: {text}: {page}").expect("a text"),
            (None, None) => {
                unknown.push(format!("{service}: {text} is no constant of an SDK and has no page"))
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    expect_file!["fixtures/without-sdk-constant.txt"].assert_eq(&without);
}

#[test]
fn each_service_has_its_facts_and_no_other_does() {
    let named: BTreeSet<_> = all_facts().into_iter().map(|(service, ..)| service.to_owned()).collect();
    let services = facts();
    assert_eq!(services.keys().cloned().collect::<BTreeSet<_>>(), named);
    let used: BTreeSet<_> =
        all_facts().into_iter().map(|(service, _, text)| (service.to_owned(), text)).collect();
    for (service, facts) in &services {
        assert!(facts.under_suffix.ends_with('.') && !facts.sources.is_empty(), "{service}");
        let pages = facts.sources.iter().chain(facts.pages.values());
        for page in pages {
            assert!(is_page_of_the_maker(page), "{service}: {page}");
        }
        for text in facts.pages.keys() {
            assert!(used.contains(&(service.clone(), text.clone())), "{service} has no {text}");
        }
    }
}

#[test]
fn a_service_of_the_management_plane_says_which_credential_it_hands_out() {
    let services = facts();
    for row in TABLE.iter().filter(|row| row.plane == Plane::Management) {
        assert!(services[row.service].credentials.is_some(), "{row}");
    }
}

#[test]
fn each_reason_that_customers_code_is_called_has_a_page() {
    let first: BTreeSet<_> = CUSTOMER_HOSTS.iter().map(|entry| entry.suffixes[0].to_owned()).collect();
    let reasons = facts::reasons();
    assert_eq!(reasons.keys().cloned().collect::<BTreeSet<_>>(), first);
    for page in reasons.values() {
        assert!(is_page_of_the_maker(page), "{page}");
    }
}

#[test]
fn the_documents_have_the_table() {
    let (constants, services) = (Constants::read(), facts());
    let readme = documents::readme(include_str!("../../../middleware/http-auth/README.md"), &services);
    expect_file!["../../../middleware/http-auth/README.md"].assert_eq(&readme);
    expect_file!["../../../middleware/http-auth/SERVICES.md"]
        .assert_eq(&documents::services(&services, &constants));
}

/// Whether a page is one of the maker of the service.
fn is_page_of_the_maker(page: &str) -> bool {
    const MAKERS: &[&str] = &[
        "https://learn.microsoft.com/en-us/",
        "https://azure.github.io/",
        "https://microsoft.github.io/",
        "https://github.com/Azure/",
        "https://github.com/microsoft/",
        "https://grafana.com/docs/",
    ];
    MAKERS.iter().any(|maker| page.starts_with(maker))
}
