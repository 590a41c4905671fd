//! Tests of the runner: every kind of failure must be detected.

use super::*;

/// The failure of a case without golden files; empty: the case passes.
fn failure(toml: &str) -> String {
    let folder = tempfile::TempDir::new().expect("a folder");
    let case = format!("docs = 'a case of the runner'\nsort = 'success'\n{toml}");
    std::fs::write(folder.path().join("case.toml"), case).expect("a file");
    run_and(folder.path(), Edition::Wasi02, false).err().map(|error| format!("{error:#}")).unwrap_or_default()
}

const IMDS: &str = "via = { managed-identity = {} }\nexpect.source = 'managed-identity/imds'\n";

#[test]
fn requests_must_match_the_golden_file() {
    let failure = failure(&format!("[[calls]]\n{IMDS}expect.requests = 1"));
    let diff =
        "requests.txt differs (UPDATE_EXPECT=1 cargo test rewrites it):\n--- requests.txt\n+++ actual\n";
    assert!(failure.starts_with(diff), "{failure}");
    assert!(failure.contains("\n+GET http://169.254.169.254/metadata/identity/oauth2/token\n"), "{failure}");
}

#[test]
fn a_case_passes_after_its_golden_files_were_updated() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let case = format!("docs = 'a case'\nsort = 'success'\n[[calls]]\n{IMDS}expect.requests = 1\n");
    std::fs::write(folder.path().join("case.toml"), case).expect("a file");
    run_and(folder.path(), Edition::Wasi02, true).expect("the golden files are written");
    run_and(folder.path(), Edition::Wasi02, false).expect("it passes");
}

#[test]
fn a_failed_call_shows_the_requests() {
    let failure = failure(&format!("[[calls]]\n{IMDS}expect.requests = 2"));
    let message = "call 1 of 1: expected 2 requests, got 1\nrequests so far:\nGET http://169.254.169.254/";
    assert!(failure.starts_with(message), "{failure}");
}

#[test]
fn durations_are_measured_on_the_clock_of_the_case() {
    let late = "faults = [{ service = 'imds', delay = '9s' }]";
    let failure =
        failure(&format!("[azure]\n{late}\n[[calls]]\n{IMDS}expect.requests = 1\nexpect.within = 8"));
    assert!(failure.contains("took 9"), "{failure}");
}

#[test]
fn an_unexpected_request_is_a_failure() {
    let failure = failure(
        "env = { AZURE_POD_IDENTITY_AUTHORITY_HOST = 'http://127.0.0.1:9' }
         [[calls]]
         via = { managed-identity = {} }
         expect = { error = 'transient', requests = 0 }",
    );
    assert!(failure.contains("unexpected requests:\nGET http://127.0.0.1:9/metadata/"), "{failure}");
}

#[test]
fn a_secret_in_an_error_is_a_leak() {
    // The name of a variable is no secret, but the message is certain to contain it.
    let failure = failure(
        "secrets = { word = 'AZURE_TENANT_ID' }
         env = { AZURE_CLIENT_SECRET = 'a secret', AZURE_CLIENT_ID = '00001111-aaaa-2222-bbbb-3333cccc4444' }
         [[calls]]
         via.environment = {}
         expect = { error = 'invalid-argument', requests = 0 }",
    );
    assert!(failure.starts_with("secrets leak: word appears verbatim in the errors"), "{failure}");
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
    run_and(folder.path(), Edition::Wasi02, true).expect("the case passes");
}
