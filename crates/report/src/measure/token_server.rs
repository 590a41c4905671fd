//! A server on loopback that responds to every request with the same token and counts requests and bytes. It never responds
//! to a request for the resource `hanging`. It does as little as possible, so that the client dominates the measurement.

use anyhow::Result;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The server; it runs until the program ends.
pub struct TokenServer {
    /// The address of the server.
    pub address: SocketAddr,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    requests: AtomicU64,
    bytes: AtomicU64,
}

impl TokenServer {
    /// Starts the server.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (address, counters) = (listener.local_addr()?, Arc::new(Counters::default()));
        let counting = Arc::clone(&counters);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let counters = Arc::clone(&counting);
                std::thread::spawn(move || serve(connection, &counters));
            }
        });
        Ok(Self { address, counters })
    }

    /// The variables that make the server a provider's IMDS.
    pub fn imds(&self) -> Vec<(&'static str, String)> {
        vec![("AZURE_POD_IDENTITY_AUTHORITY_HOST", format!("http://{}", self.address))]
    }

    /// The URL that the component `one-get` takes in place of a scope, without the scheme: the token endpoint of IMDS.
    pub fn imds_url(&self) -> String {
        format!(
            "{}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net",
            self.address
        )
    }

    /// The variables that make the server the identity endpoint of an App Service.
    pub fn app_service(&self) -> Vec<(&'static str, String)> {
        vec![
            ("IDENTITY_ENDPOINT", format!("http://{}/msi/token", self.address)),
            ("IDENTITY_HEADER", "header".to_owned()),
        ]
    }

    /// The requests since the last call of this function, and the bytes of them and their responses.
    pub fn take(&self) -> (u64, u64) {
        let take = |counter: &AtomicU64| counter.swap(0, Ordering::Relaxed);
        (take(&self.counters.requests), take(&self.counters.bytes))
    }
}

/// Responds to the requests of a connection, one after the other.
fn serve(mut connection: TcpStream, counters: &Counters) {
    let _ = connection.set_nodelay(true);
    let (mut received, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        while let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&received[..end + 4]).to_ascii_lowercase();
            let length = end + 4 + body_length(&head);
            if received.len() < length {
                break;
            }
            received.drain(..length);
            while head.contains("hanging") {
                std::thread::park();
            }
            let response = response(&head);
            counters.requests.fetch_add(1, Ordering::Relaxed);
            counters.bytes.fetch_add((length + response.len()) as u64, Ordering::Relaxed);
            if connection.write_all(response.as_bytes()).is_err() {
                return;
            }
        }
        match connection.read(&mut chunk) {
            Ok(count @ 1..) => received.extend_from_slice(&chunk[..count]),
            _ => return,
        }
    }
}

fn body_length(head: &str) -> usize {
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    length.and_then(|length| length.trim().parse().ok()).unwrap_or(0)
}

/// IMDS refuses the probe of the Azure SDKs, which has no `Metadata` header; every other request gets the token. IMDS and App
/// Service write numbers as strings; Microsoft Entra, which is called by POST, writes them as numbers. A request for `/small`
/// gets a response of a few bytes.
fn response(head: &str) -> String {
    let has_header = head.contains("metadata:") || head.contains("x-identity-header:");
    let (status, body) = if head.contains(" /small ") {
        ("200 OK", "small".to_owned())
    } else if head.starts_with("post ") {
        ("200 OK", entra_token())
    } else if has_header || !head.contains("/metadata/") {
        ("200 OK", managed_identity_token())
    } else {
        ("400 Bad Request", REFUSAL.to_owned())
    };
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
}

fn managed_identity_token() -> String {
    let token = "T".repeat(TOKEN_LENGTH);
    format!(
        r#"{{"access_token":"{token}","client_id":"c","expires_in":"86400","expires_on":"{EXPIRES_ON}","not_before":"0","resource":"https://vault.azure.net","token_type":"Bearer"}}"#
    )
}

fn entra_token() -> String {
    let token = "T".repeat(TOKEN_LENGTH);
    format!(r#"{{"token_type":"Bearer","expires_in":86399,"ext_expires_in":86399,"access_token":"{token}"}}"#)
}

const REFUSAL: &str =
    r#"{"error":"invalid_request","error_description":"Required metadata header not specified"}"#;
/// 2100-01-01T00:00:00Z, so that no token is renewed during a measurement.
const EXPIRES_ON: u64 = 4_102_444_800;
/// The length of the token in bytes, about that of a real one.
const TOKEN_LENGTH: usize = 1500;
