//! The simulator's own page, and the paths that it and tests use.

use std::net::SocketAddr;

use azure_simulator::{Settings, Simulator};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const IMDS: &str = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net";

fn simulator() -> Simulator {
    Simulator::start(Settings::default()).expect("there is a free port")
}

/// Sends a request with these header lines, and returns status, head and body.
async fn send(address: SocketAddr, start: &str, headers: &str, body: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).await.expect("the simulator listens");
    let request = format!(
        "{start} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("the simulator reads");
    let mut response = String::new();
    stream.read_to_string(&mut response).await.expect("the response is text");
    let (head, body) = response.split_once("\r\n\r\n").expect("a response has a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("a status"), head.to_ascii_lowercase(), body.to_owned())
}

async fn get(simulator: &Simulator, path: &str) -> (u16, String, String) {
    let address = simulator.address();
    send(address, &format!("GET {path}"), &format!("host: {address}\r\nmetadata: true\r\n"), "").await
}

async fn post(simulator: &Simulator, path: &str, body: &str) -> (u16, String) {
    let address = simulator.address();
    let headers = format!("host: {address}\r\nx-azure-simulator: 1\r\n");
    let (status, _, text) = send(address, &format!("POST {path}"), &headers, body).await;
    (status, text)
}

#[tokio::test]
async fn the_page_names_nothing_of_the_internet() {
    let simulator = simulator();
    for (path, content_type) in [
        ("/", "text/html"),
        ("/simulator/style.css", "text/css"),
        ("/simulator/script.js", "text/javascript"),
    ] {
        let (status, head, body) = get(&simulator, path).await;
        assert_eq!(status, 200, "{path}");
        assert!(head.contains(&format!("content-type: {content_type}; charset=utf-8")), "{head}");
        assert!(head.contains("content-security-policy: default-src 'none'; connect-src 'self'"), "{head}");
        assert!(head.contains("cache-control: no-store"), "{head}");
        let addresses = body.replace("http://${state.address}", "").replace("https://aka.ms", "");
        assert!(!addresses.contains("http://") && !addresses.contains("https://"), "{path} names an address");
        assert!(!body.contains("innerHTML"), "{path} writes text of requests as HTML");
    }
    assert_eq!(simulator.requests().len(), 0, "the page is not in the journal");
}

#[tokio::test]
async fn a_fault_begins_and_ends_while_the_simulator_runs() {
    let simulator = simulator();
    assert_eq!(get(&simulator, IMDS).await.0, 200);
    let changed =
        post(&simulator, "/simulator/faults", r#"{"service": "imds", "fault": "503,times=9"}"#).await;
    assert_eq!(changed, (204, String::new()));
    assert_eq!(get(&simulator, IMDS).await.0, 503);
    let state: Value = serde_json::from_str(&get(&simulator, "/simulator/state").await.2).expect("JSON");
    assert_eq!(state["services"][0]["faults"], serde_json::json!(["imds=503,times=9"]));
    assert_eq!(state["services"][1]["faults"], serde_json::json!([]));
    post(&simulator, "/simulator/faults", r#"{"service": "imds", "fault": null}"#).await;
    assert_eq!(get(&simulator, IMDS).await.0, 200);
}

#[tokio::test]
async fn a_malformed_change_is_explained() {
    let simulator = simulator();
    for (path, body, reason) in [
        ("/simulator/faults", r#"{"service": "imsd", "fault": null}"#, "there is no service called 'imsd'"),
        ("/simulator/faults", r#"{"service": "imds", "fault": "5"}"#, "5 is not the status of a response"),
        ("/simulator/faults", "imds=503", "the body is not what this path expects"),
        ("/simulator/clock", r#"{"advance": "soon"}"#, "'soon' is not a duration"),
    ] {
        let (status, text) = post(&simulator, path, body).await;
        assert!(status == 400 && text.starts_with(reason), "{body}: {status} {text}");
    }
    assert_eq!(post(&simulator, "/simulator/nothing", "").await.0, 404);
}

#[tokio::test]
async fn the_clock_moves_forward() {
    let simulator = simulator();
    let before = simulator.azure().now();
    assert_eq!(post(&simulator, "/simulator/clock", r#"{"advance": "24h"}"#).await.0, 204);
    assert!((86_400..86_460).contains(&(simulator.azure().now() - before)));
}

#[tokio::test]
async fn events_are_the_requests_so_far_and_then_each_as_it_comes() {
    let simulator = simulator();
    get(&simulator, IMDS).await;
    let address = simulator.address();
    let mut stream = TcpStream::connect(address).await.expect("the simulator listens");
    let request = format!("GET /simulator/events HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("the simulator reads");
    let mut seen = read_until(&mut stream, String::new(), |seen| seen.contains("id: 1\n")).await;
    get(&simulator, IMDS).await;
    seen = read_until(&mut stream, seen, |seen| seen.contains("id: 2\n")).await;
    seen = read_until(&mut stream, seen, |seen| seen.ends_with("\n\n\r\n")).await;
    assert!(seen.contains("content-type: text/event-stream"), "{seen}");
    let data = seen.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().expect("an event");
    let entry: Value = serde_json::from_str(data).expect("JSON");
    assert_eq!((entry["service"].as_str(), entry["status"].as_u64()), (Some("imds"), Some(200)));
    assert_eq!(entry["token"]["aud"], "https://vault.azure.net");
    assert_eq!(entry["client-id"], azure_simulator::settings::SYSTEM_CLIENT_ID);
    assert!(!seen.contains("eyJ"), "no event contains a token");
}

async fn read_until(stream: &mut TcpStream, mut seen: String, is_enough: fn(&str) -> bool) -> String {
    let mut buffer = Vec::new();
    while !is_enough(&seen) {
        let read = stream.read_buf(&mut buffer);
        let read = tokio::time::timeout(std::time::Duration::from_secs(30), read).await;
        assert_ne!(read.expect("it comes in time").expect("it stays open"), 0, "{seen}");
        seen += &String::from_utf8_lossy(&buffer);
        buffer.clear();
    }
    seen
}

#[tokio::test]
async fn a_page_of_another_site_changes_and_reads_nothing() {
    let simulator = simulator();
    let address = simulator.address();
    let body = r#"{"service": "all", "fault": "503"}"#;
    let own = format!("host: {address}\r\n");
    for headers in [
        own.clone(),
        format!("{own}x-azure-simulator: 1\r\norigin: http://attacker.example\r\n"),
        format!("{own}x-azure-simulator: 1\r\nsec-fetch-site: cross-site\r\n"),
        "host: attacker.example\r\nx-azure-simulator: 1\r\n".to_owned(),
    ] {
        let (status, _, _) = send(address, "POST /simulator/faults", &headers, body).await;
        assert_eq!(status, 403, "{headers}");
    }
    for path in ["/", "/simulator/state", "/simulator/events", "/simulator/requests"] {
        let (status, head, _) = send(address, &format!("GET {path}"), "host: attacker.example\r\n", "").await;
        assert!(status == 403 && !head.contains("access-control-"), "{path}: {status} {head}");
    }
    assert!(simulator.azure().faults().is_empty());
}

#[tokio::test]
async fn the_page_hides_no_service() {
    let simulator = simulator();
    let address = simulator.address();
    // As a proxy receives it: the app's own server has a page at this path, too.
    let (status, _, _) = send(address, "GET http://app.example/", "host: app.example\r\n", "").await;
    assert_eq!(status, 501);
    assert_eq!(simulator.azure().unexpected().len(), 1);
}
