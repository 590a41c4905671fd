//! What breaks by order of the settings.

use std::time::Duration;

use azure_simulator::Settings;
use azure_simulator::fault::FaultSettings;
use azure_simulator::network::Fault;

use super::{Ask, ask, azure, fault};

fn imds() -> Ask {
    let query = "api-version=2018-02-01&resource=https://vault.azure.net";
    Ask::new("GET", format!("http://169.254.169.254/metadata/identity/oauth2/token?{query}"))
        .header("metadata", "true")
}

fn discovery() -> Ask {
    Ask::new("GET", "https://login.microsoftonline.com/common/discovery/v2.0/keys")
}

#[tokio::test(start_paused = true)]
async fn rules_read_as_a_sequence() {
    let azure = azure(
        "[[faults]]
         service = 'imds'
         status = 503
         times = 2
         [[faults]]
         service = 'imds'
         status = 429
         headers = { Retry-After = '7', retry-after-ms = '7000' }
         body = '{}'
         times = 1",
    );
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(ask(&azure, &imds()).await);
    }
    assert_eq!(seen.iter().map(|told| told.status).collect::<Vec<_>>(), [503, 503, 429, 200]);
    assert_eq!(seen[2].headers["retry-after"], "7");
    assert_eq!(seen[2].headers["retry-after-ms"], "7000");
    assert_eq!(seen[2].headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(ask(&azure, &discovery()).await.status, 200, "other services are whole");
}

#[tokio::test(start_paused = true)]
async fn a_rule_can_let_requests_through_first() {
    let azure =
        azure("faults = [ { authority = '^login', path = '/keys$', kind = 'reset', after = 1, times = 1 } ]");
    assert_eq!(ask(&azure, &discovery()).await.status, 200);
    assert!(matches!(fault(&azure, &discovery()).await, Fault::ResetBeforeResponse));
    assert_eq!(ask(&azure, &discovery()).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn every_kind_without_a_response_is_its_fault() {
    for (kind, expected) in [
        ("connect-timeout", "ConnectTimeout"),
        ("denied", "Denied"),
        ("dns-error", "DnsError"),
        ("hang", "HangBeforeResponse"),
        ("refused", "Refused"),
        ("reset", "ResetBeforeResponse"),
        ("tls-error", "TlsError"),
    ] {
        let azure = azure(&format!("faults = [ {{ kind = '{kind}' }} ]"));
        assert_eq!(format!("{:?}", fault(&azure, &imds()).await), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_spoiled_response_is_the_true_one_unless_another_is_given() {
    let true_one = azure("faults = [ { kind = 'truncated', bytes = 10 } ]");
    let Fault::Truncated { response, after } = fault(&true_one, &imds()).await else {
        panic!("not truncated")
    };
    assert_eq!((response.status().as_u16(), after), (200, 10));
    let other = azure("faults = [ { kind = 'hang-mid-body', status = 500, body = 'oops' } ]");
    let Fault::HangMidBody { response, after } = fault(&other, &imds()).await else { panic!("not hanging") };
    assert_eq!((response.status().as_u16(), response.body().as_ref(), after), (500, "oops".as_bytes(), 0));
    let drip = azure("faults = [ { kind = 'drip', bytes = 3, every = '2s' } ]");
    let Fault::Drip { chunk, every, .. } = fault(&drip, &imds()).await else { panic!("not dripping") };
    assert_eq!((chunk, every), (3, Duration::from_secs(2)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_can_be_held_back() {
    let azure = azure("faults = [ { delay = '90s' } ]");
    let start = tokio::time::Instant::now();
    assert_eq!(ask(&azure, &imds()).await.status, 200);
    assert_eq!(start.elapsed().as_secs(), 90);
}

#[test]
fn a_flag_says_the_same_as_a_table() {
    let flag: FaultSettings =
        "imds=503,times=2,retry-after=3,after=1,delay=5s,path=^/m".parse().expect("a good flag");
    let table: Settings = toml::from_str(
        "faults = [ { service = 'imds', status = 503, times = 2, headers = { retry-after = '3' }, after = 1,
                      delay = '5s', path = '^/m' } ]",
    )
    .expect("a good table");
    assert_eq!(format!("{flag:?}"), format!("{:?}", table.faults[0]));
}

#[test]
fn a_bad_flag_says_what_would_be_good() {
    let complaint = |flag: &str| flag.parse::<FaultSettings>().expect_err("a bad flag");
    assert_eq!(complaint("imds"), "'imds' is not of the form name=value, e.g. imds=503");
    assert!(complaint("imsd=503").starts_with("there is no fake called 'imsd'; there are: imds, "));
    assert!(complaint("imds=explode").contains("the kinds are: connect-timeout, denied"));
    assert_eq!(complaint("imds=42"), "42 is no status of a response");
    assert!(complaint("imds=503,tmies=1").starts_with("a fault has no 'tmies'"));
    assert!(complaint("imds=503,delay=5").contains("write a number and ms, s or m"));
}

#[test]
fn a_typo_in_the_settings_is_an_error() {
    for toml in [
        "imsd = 'azure'",
        "faults = [ { service = 'imsd' } ]",
        "faults = [ { path = '(' } ]",
        "imds = 'none'",
    ] {
        assert!(toml::from_str::<Settings>(toml).is_err(), "{toml}");
    }
}
