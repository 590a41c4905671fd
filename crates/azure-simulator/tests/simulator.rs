//! The simulated Azure responds as the real one does, refusals included.

use azure_simulator::clock::TokioClock;
use azure_simulator::network::{Fault, Network, Outcome};
use azure_simulator::{Azure, Settings, settings};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::Request;
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

/// 2027-01-15T08:00:00Z, where every test begins.
const NOW: u64 = 1_800_000_000;

#[path = "simulator/console.rs"]
mod console;
#[path = "simulator/entra.rs"]
mod entra;
#[path = "simulator/faults.rs"]
mod faults;
#[path = "simulator/federation.rs"]
mod federation;
#[path = "simulator/imds.rs"]
mod imds;
#[path = "simulator/journal.rs"]
mod journal;
#[path = "simulator/key_vault.rs"]
mod key_vault;
#[path = "simulator/managed_hosts.rs"]
mod managed_hosts;
#[path = "simulator/program.rs"]
mod program;
#[path = "simulator/refresh_token.rs"]
mod refresh_token;
#[path = "simulator/sign_in.rs"]
mod sign_in;
#[path = "simulator/socket.rs"]
mod socket;

/// The Azure that `toml` describes; empty is the default one.
fn azure(toml: &str) -> Azure {
    let settings: Settings = toml.parse().expect("the settings of a test are valid");
    Azure::new(TokioClock::starting_on(NOW), settings)
}

/// Builds a request: a URI, headers, and a form.
#[derive(Clone)]
struct TestRequest {
    method: &'static str,
    address: String,
    headers: Vec<(&'static str, String)>,
    form: Vec<(String, String)>,
}

impl TestRequest {
    fn new(method: &'static str, address: impl Into<String>) -> TestRequest {
        TestRequest { method, address: address.into(), headers: Vec::new(), form: Vec::new() }
    }

    fn header(mut self, name: &'static str, value: &str) -> TestRequest {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Adds or replaces a parameter of the form.
    fn with(self, name: &str, value: &str) -> TestRequest {
        self.without(name).and(name, value)
    }

    /// Adds a parameter, even if there is one of that name.
    fn and(mut self, name: &str, value: &str) -> TestRequest {
        self.form.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> TestRequest {
        self.form.retain(|(it, _)| it != name);
        self.headers.retain(|(it, _)| it != &name);
        self
    }

    fn method(mut self, method: &'static str) -> TestRequest {
        self.method = method;
        self
    }

    fn body(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(&self.form).finish()
    }

    fn build(&self) -> Request<Bytes> {
        let mut request = Request::builder().method(self.method).uri(&self.address);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(self.body().into()).expect("the request of a test is valid")
    }
}

/// A parsed response.
struct TestResponse {
    status: u16,
    text: String,
    json: Value,
    headers: http::HeaderMap,
}

impl TestResponse {
    /// A string member of the JSON document; empty if there is no such member.
    fn text(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap_or_default()
    }
}

/// Sends a request, whose outcome must be a response.
async fn send(azure: &Azure, request: &TestRequest) -> TestResponse {
    match azure.send(request.build()).await {
        Outcome::Response(response) => parse(response),
        Outcome::Fault(fault) => panic!("no response but {fault:?}"),
    }
}

/// Sends a request, whose outcome must be a fault.
async fn fault(azure: &Azure, request: &TestRequest) -> Fault {
    match azure.send(request.build()).await {
        Outcome::Response(response) => panic!("no fault but {response:?}"),
        Outcome::Fault(fault) => fault,
    }
}

fn parse(response: http::Response<Bytes>) -> TestResponse {
    let text = String::from_utf8(response.body().to_vec()).expect("bodies are text");
    let json = serde_json::from_str(&text).unwrap_or_default();
    TestResponse { status: response.status().as_u16(), text, json, headers: response.headers().clone() }
}

/// The claims of a token whose signature and times are verified as an API would do it: `kid` selects the public key.
fn verified(token: &str) -> Value {
    let keys = include_str!("../keys/test-signing-key.jwks.json");
    let keys: JwkSet = serde_json::from_str(keys).expect("the test key set is a JWKS");
    let header = jsonwebtoken::decode_header(token).expect("a token has a header");
    assert_eq!((header.typ.as_deref(), header.alg), (Some("JWT"), Algorithm::RS256));
    assert_eq!(header.x5t, header.kid, "version 1 tokens carry the thumbprint twice");
    let key = keys.find(&header.kid.expect("the header names its key")).expect("the key is published");
    let AlgorithmParameters::RSA(key) = &key.algorithm else { panic!("the test key is an RSA key") };
    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let (signed, signature) = token.rsplit_once('.').expect("a token has a signature");
    RsaPublicKeyComponents { n: decode(&key.n), e: decode(&key.e) }
        .verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &decode(signature))
        .expect("the signature is valid");
    // The clock of the simulation is not this machine's; times are checked below.
    let claims = azure_simulator::jwt::claims(token).expect("the payload is JSON");
    assert_eq!(claims["nbf"], claims["iat"]);
    assert!(claims["iat"].as_u64().is_some_and(|iat| (NOW - 300..NOW).contains(&iat)));
    assert!(claims["exp"].as_u64().is_some_and(|exp| exp > NOW));
    claims
}

#[test]
fn the_signing_certificate_is_that_of_the_signing_key() {
    let certificate = include_str!("../keys/test-signing-cert.pem");
    let certificate: String = certificate.lines().filter(|line| !line.starts_with("-----")).collect();
    let keys: Value = serde_json::from_str(include_str!("../keys/test-signing-key.jwks.json")).expect("JSON");
    assert_eq!(keys["keys"][0]["x5c"][0], certificate);
}

#[test]
fn the_settings_in_the_readme_are_valid() {
    let readme = include_str!("../README.md");
    let toml = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let settings: Settings = toml.expect("the README has settings").parse().expect("they are valid");
    assert_eq!((settings.applications.len(), settings.faults.len()), (1, 1));
}
