//! The runner is what every other test leans on, so here it has to fail.

use super::*;

/// What a case without golden files comes to; empty: it passes.
fn failure(toml: &str) -> String {
    let folder = tempfile::TempDir::new().expect("a folder");
    let case = format!("docs = 'a case of the runner'\nsort = 'success'\n{toml}");
    std::fs::write(folder.path().join("case.toml"), case).expect("a file");
    run_and(folder.path(), Edition::Wasi02, false).err().map(|error| format!("{error:#}")).unwrap_or_default()
}

const IMDS: &str = "via = { managed-identity = {} }\nexpect.source = 'managed-identity/imds'\n";

#[test]
fn what_was_sent_must_stand_in_the_golden_file() {
    let failure = failure(&format!("[[calls]]\n{IMDS}expect.requests = 1"));
    let diff =
        "requests.txt differs (BLESS=1 cargo test writes it anew):\n--- requests.txt\n+++ what happened\n";
    assert!(failure.starts_with(diff), "{failure}");
    assert!(failure.contains("\n+GET http://169.254.169.254/metadata/identity/oauth2/token\n"), "{failure}");
}

#[test]
fn a_blessed_case_passes_from_then_on() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let case = format!("docs = 'a case'\nsort = 'success'\n[[calls]]\n{IMDS}expect.requests = 1\n");
    std::fs::write(folder.path().join("case.toml"), case).expect("a file");
    run_and(folder.path(), Edition::Wasi02, true).expect("it is blessed");
    run_and(folder.path(), Edition::Wasi02, false).expect("it passes");
}

#[test]
fn a_failing_call_shows_what_was_sent() {
    let failure = failure(&format!("[[calls]]\n{IMDS}expect.requests = 2"));
    let told = "call 1 of 1: 1 requests, 2 expected\nrequests so far:\nGET http://169.254.169.254/";
    assert!(failure.starts_with(told), "{failure}");
}

#[test]
fn time_is_counted_on_the_clock_of_the_case() {
    let late = "faults = [{ service = 'imds', delay = '9s' }]";
    let failure =
        failure(&format!("[azure]\n{late}\n[[calls]]\n{IMDS}expect.requests = 1\nexpect.within = 8"));
    assert!(failure.contains("took 9"), "{failure}");
}

#[test]
fn a_request_that_nobody_expects_is_shown() {
    let failure = failure(
        "env = { AZURE_POD_IDENTITY_AUTHORITY_HOST = 'http://127.0.0.1:9' }
         [[calls]]
         via = { managed-identity = {} }
         expect = { error = 'unreachable', requests = 0 }",
    );
    assert!(failure.contains("requests that nobody expects:\nGET http://127.0.0.1:9/metadata/"), "{failure}");
}

#[test]
fn a_secret_in_an_error_is_a_leak() {
    // The name of a variable is none, but it is sure to stand in the message.
    let failure = failure(
        "secrets = { word = 'AZURE_TENANT_ID' }
         env = { AZURE_CLIENT_SECRET = 'a secret', AZURE_CLIENT_ID = '00001111-aaaa-2222-bbbb-3333cccc4444' }
         [[calls]]
         via = 'environment'
         expect = { error = 'invalid-request', requests = 0 }",
    );
    assert!(failure.starts_with("secrets leak: word stands as it is in the errors"), "{failure}");
}

#[test]
fn a_typo_in_a_case_is_an_error() {
    let azure = "[azure]\nimsd = 'none'\n[[calls]]\nexpect = { requests = 0 }";
    for (typo, toml) in [
        ("cals", "cals = []"),
        ("scope", "[[calls]]\nscope = ['a']\nexpect = { requests = 0 }"),
        ("requets", "[[calls]]\nexpect = { requests = 0, requets = 1 }"),
        ("id", "[[calls]]\nvia = { managed-identity = { id = 'x' } }\nexpect = { requests = 0 }"),
        ("imsd", azure),
    ] {
        let failure = failure(toml);
        assert!(failure.contains(&format!("unknown field `{typo}`")), "{toml}: {failure}");
    }
}

#[test]
fn the_example_of_the_readme_is_a_case() {
    let readme = include_str!("../../../cases/README.md");
    let example = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let folder = tempfile::TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("case.toml"), example.expect("an example")).expect("a file");
    run_and(folder.path(), Edition::Wasi02, true).expect("it passes, golden files aside");
}
