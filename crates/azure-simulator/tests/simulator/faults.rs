//! Faults of the settings.

use std::time::Duration;

use azure_simulator::Settings;
use azure_simulator::network::Fault;
use azure_simulator::settings::FaultSettings;

use super::{TestRequest, azure, fault, send};

fn imds() -> TestRequest {
    let query = "api-version=2018-02-01&resource=https://vault.azure.net";
    TestRequest::new("GET", format!("http://169.254.169.254/metadata/identity/oauth2/token?{query}"))
        .header("metadata", "true")
}

fn discovery() -> TestRequest {
    TestRequest::new("GET", "https://login.microsoftonline.com/common/discovery/v2.0/keys")
}

#[tokio::test(start_paused = true)]
async fn a_list_of_faults_is_a_sequence() {
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
        seen.push(send(&azure, &imds()).await);
    }
    assert_eq!(seen.iter().map(|response| response.status).collect::<Vec<_>>(), [503, 503, 429, 200]);
    assert_eq!(seen[2].headers["retry-after"], "7");
    assert_eq!(seen[2].headers["retry-after-ms"], "7000");
    assert_eq!(seen[2].headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(send(&azure, &discovery()).await.status, 200, "other services have no fault");
}

#[tokio::test(start_paused = true)]
async fn a_fault_can_begin_after_some_requests() {
    let azure =
        azure("faults = [ { authority = '^login', path = '/keys$', kind = 'reset', after = 1, times = 1 } ]");
    assert_eq!(send(&azure, &discovery()).await.status, 200);
    assert!(matches!(fault(&azure, &discovery()).await, Fault::ResetBeforeResponse));
    assert_eq!(send(&azure, &discovery()).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn every_kind_without_a_response_is_a_fault_of_the_network() {
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
async fn the_services_response_is_mutated_unless_another_is_given() {
    let own = azure("faults = [ { kind = 'truncated', bytes = 10 } ]");
    let Fault::Truncated { response, after } = fault(&own, &imds()).await else { panic!("not truncated") };
    assert_eq!((response.status().as_u16(), after), (200, 10));
    let other = azure("faults = [ { kind = 'hang-mid-body', status = 500, body = 'oops' } ]");
    let Fault::HangMidBody { response, after } = fault(&other, &imds()).await else { panic!("not hanging") };
    assert_eq!((response.status().as_u16(), response.body().as_ref(), after), (500, "oops".as_bytes(), 0));
    let drip = azure("faults = [ { kind = 'drip', bytes = 3, every = '2s' } ]");
    let Fault::Drip { chunk, every, .. } = fault(&drip, &imds()).await else { panic!("not dripping") };
    assert_eq!((chunk, every), (3, Duration::from_secs(2)));
}

#[tokio::test(start_paused = true)]
async fn a_response_can_be_delayed() {
    let azure = azure("faults = [ { delay = '90s' } ]");
    let start = tokio::time::Instant::now();
    assert_eq!(send(&azure, &imds()).await.status, 200);
    assert_eq!(start.elapsed().as_secs(), 90);
}

#[test]
fn an_argument_and_a_table_describe_the_same_fault() {
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
fn the_error_of_an_invalid_argument_says_what_is_valid() {
    let complaint = |flag: &str| flag.parse::<FaultSettings>().expect_err("a bad flag");
    assert_eq!(complaint("imds"), "'imds' is not of the form name=value, e.g. imds=503");
    assert!(complaint("imsd=503").starts_with("there is no service called 'imsd'; the services are: imds, "));
    assert!(complaint("imds=explode").contains("the kinds are: connect-timeout, denied"));
    assert_eq!(complaint("imds=42"), "42 is not the status of a response");
    assert!(complaint("imds=503,tmies=1").starts_with("a fault has no 'tmies'"));
    assert!(complaint("imds=503,delay=5").contains("write a number and a unit"));
}

#[test]
fn an_unknown_name_in_the_settings_is_an_error() {
    for toml in [
        "imsd = 'azure'",
        "faults = [ { service = 'imsd' } ]",
        "faults = [ { path = '(' } ]",
        "imds = 'none'",
    ] {
        assert!(toml::from_str::<Settings>(toml).is_err(), "{toml}");
    }
}
