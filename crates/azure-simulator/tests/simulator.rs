//! The simulated Azure refuses what the real one refuses, and answers what the real one answers.

use azure_simulator::clock::TokioClock;
use azure_simulator::network::{Answer, Fault, Network};
use azure_simulator::{Azure, Settings, settings};
use bytes::Bytes;
use http::Request;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

/// 2027-01-15T08:00:00Z, where every test begins.
const NOW: u64 = 1_800_000_000;

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
    let settings: Settings = toml::from_str(toml).expect("the settings of a test are right");
    Azure::new(TokioClock::starting_on(NOW), settings)
}

/// A request under construction: an address, headers, and a form if it is a POST.
#[derive(Clone)]
struct Ask {
    method: &'static str,
    address: String,
    headers: Vec<(&'static str, String)>,
    form: Vec<(String, String)>,
}

impl Ask {
    fn new(method: &'static str, address: impl Into<String>) -> Ask {
        Ask { method, address: address.into(), headers: Vec::new(), form: Vec::new() }
    }

    fn header(mut self, name: &'static str, value: &str) -> Ask {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Adds or replaces a parameter of the form.
    fn with(self, name: &str, value: &str) -> Ask {
        self.without(name).and(name, value)
    }

    /// Adds a parameter, even if there is one of that name.
    fn and(mut self, name: &str, value: &str) -> Ask {
        self.form.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Ask {
        self.form.retain(|(it, _)| it != name);
        self.headers.retain(|(it, _)| it != &name);
        self
    }

    fn by(mut self, method: &'static str) -> Ask {
        self.method = method;
        self
    }

    fn body(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(&self.form).finish()
    }

    fn request(&self) -> Request<Bytes> {
        let mut request = Request::builder().method(self.method).uri(&self.address);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.body(self.body().into()).expect("the request of a test is one")
    }
}

/// An answer, read.
struct Told {
    status: u16,
    text: String,
    json: Value,
    headers: http::HeaderMap,
}

impl Told {
    /// A member of the JSON document as text; empty if it is none.
    fn text(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap_or_default()
    }
}

/// Asks and reads the answer, which must be a response.
async fn ask(azure: &Azure, ask: &Ask) -> Told {
    match azure.answer(ask.request()).await {
        Answer::Response(response) => told(response),
        Answer::Fault(fault) => panic!("no response but {fault:?}"),
    }
}

/// Asks and returns the fault, which there must be.
async fn fault(azure: &Azure, ask: &Ask) -> Fault {
    match azure.answer(ask.request()).await {
        Answer::Response(response) => panic!("no fault but {response:?}"),
        Answer::Fault(fault) => fault,
    }
}

fn told(response: http::Response<Bytes>) -> Told {
    let text = String::from_utf8(response.body().to_vec()).expect("bodies are text");
    let json = serde_json::from_str(&text).unwrap_or_default();
    Told { status: response.status().as_u16(), text, json, headers: response.headers().clone() }
}

/// The claims of a token, after its signature and times were checked with the public key, as an API
/// would: header `kid` chooses the key.
fn verified(token: &str) -> Value {
    let keys = include_str!("../keys/test-signing-key.jwks.json");
    let keys: JwkSet = serde_json::from_str(keys).expect("the test key set is a JWKS");
    let header = jsonwebtoken::decode_header(token).expect("a token has a header");
    assert_eq!((header.typ.as_deref(), header.alg), (Some("JWT"), Algorithm::RS256));
    assert_eq!(header.x5t, header.kid, "version 1 tokens carry the thumbprint twice");
    let key = keys.find(&header.kid.expect("the header names its key")).expect("the key is published");
    let mut validation = Validation::new(Algorithm::RS256);
    // The clock of the simulation is not the one that the crate reads; times are checked below.
    (validation.validate_aud, validation.validate_exp) = (false, false);
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_jwk(key).expect("the test key is an RSA key");
    let claims: Value =
        jsonwebtoken::decode(token, &key, &validation).expect("the signature is right").claims;
    assert_eq!(claims["nbf"], claims["iat"]);
    assert!(claims["iat"].as_u64().is_some_and(|iat| (NOW - 300..NOW).contains(&iat)));
    assert!(claims["exp"].as_u64().is_some_and(|exp| exp > NOW));
    claims
}

#[test]
fn the_test_certificate_belongs_to_the_test_key() {
    let certificate = include_str!("../keys/test-signing-cert.pem");
    let certificate: String = certificate.lines().filter(|line| !line.starts_with("-----")).collect();
    let keys: Value = serde_json::from_str(include_str!("../keys/test-signing-key.jwks.json")).expect("JSON");
    assert_eq!(keys["keys"][0]["x5c"][0], certificate);
}
