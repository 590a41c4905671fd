//! The official Rust SDK, native: how long a cached call, a first token and a certificate's first token take.
//!
//! `peer-rust ADDRESS PKCS12` sends every request to ADDRESS instead of to Azure, and prints one line of
//! JSON: durations in nanoseconds. `peer-rust ADDRESS once` gets one token and ends.

use azure_core::credentials::{Secret, SecretBytes, TokenCredential};
use azure_core::http::{AsyncRawResponse, ClientOptions, HttpClient, Request, Transport, new_http_client};
use azure_identity::{
    ClientCertificateCredential, ClientCertificateCredentialOptions, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions,
};
use std::sync::Arc;
use std::time::{Duration, Instant};

type Error = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().ok_or("usage: peer-rust ADDRESS (PKCS12 | once)")?;
    let what = arguments.next().ok_or("usage: peer-rust ADDRESS (PKCS12 | once)")?;
    if what == "once" {
        managed_identity(&address)?.get_token(SCOPES, None).await?;
        return Ok(());
    }
    let certificate = std::fs::read(what)?;
    let cached = cached(&address).await?;
    let (mut firsts, mut certificates) = (Vec::new(), Vec::new());
    for _ in 0..101 {
        let begun = Instant::now();
        managed_identity(&address)?.get_token(SCOPES, None).await?;
        firsts.push(begun.elapsed());
    }
    for _ in 0..31 {
        let begun = Instant::now();
        certificate_credential(&address, &certificate)?.get_token(SCOPES, None).await?;
        certificates.push(begun.elapsed());
    }
    println!(
        r#"{{"cached":{},"first":{},"certificate":{}}}"#,
        cached.as_nanos(),
        first_decile(firsts).as_nanos(),
        first_decile(certificates).as_nanos()
    );
    Ok(())
}

async fn cached(address: &str) -> Result<Duration, Error> {
    let credential = managed_identity(address)?;
    credential.get_token(SCOPES, None).await?;
    let mut rounds = Vec::new();
    for _ in 0..31 {
        let begun = Instant::now();
        for _ in 0..2000 {
            credential.get_token(SCOPES, None).await?;
        }
        rounds.push(begun.elapsed() / 2000);
    }
    Ok(first_decile(rounds))
}

fn managed_identity(address: &str) -> Result<Arc<ManagedIdentityCredential>, Error> {
    let client_options = redirected(address)?;
    let options = ManagedIdentityCredentialOptions { client_options, ..Default::default() };
    Ok(ManagedIdentityCredential::new(Some(options))?)
}

fn certificate_credential(
    address: &str,
    certificate: &[u8],
) -> Result<Arc<ClientCertificateCredential>, Error> {
    let options = ClientCertificateCredentialOptions {
        client_options: redirected(address)?,
        password: Some(Secret::new(PASSWORD)),
    };
    let (tenant, client) = (TENANT.to_owned(), CLIENT.to_owned());
    Ok(ClientCertificateCredential::new(tenant, client, SecretBytes::new(certificate), Some(options))?)
}

fn redirected(address: &str) -> Result<ClientOptions, Error> {
    let (host, port) = address.rsplit_once(':').ok_or("an address has a port")?;
    let to = Redirected { host: host.to_owned(), port: port.parse()?, client: new_http_client(None) };
    Ok(ClientOptions { transport: Some(Transport::new(Arc::new(to))), ..Default::default() })
}

/// The SDK's own client, with another address to go to.
#[derive(Debug)]
struct Redirected {
    host: String,
    port: u16,
    client: Arc<dyn HttpClient>,
}

#[async_trait::async_trait]
impl HttpClient for Redirected {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut request = request.clone();
        let url = request.url_mut();
        let _ = url.set_scheme("http");
        let _ = url.set_host(Some(&self.host));
        let _ = url.set_port(Some(self.port));
        self.client.execute_request(&request).await
    }
}

/// As the report, because other work on the machine only ever adds time.
fn first_decile(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 10]
}

const SCOPES: &[&str] = &["https://vault.azure.net/.default"];
const TENANT: &str = "11111111-1111-1111-1111-111111111111";
const CLIENT: &str = "22222222-2222-2222-2222-222222222222";
const PASSWORD: &str = "";
