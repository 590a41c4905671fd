//! The network of a row: the identity's endpoints, and services that record what they receive and respond as the row says.

use super::row::{Answer, Attack};
use azure_simulator::{Azure, jwt};
use bytes::Bytes;
use host_tests::network::{Network, Outcome};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use std::pin::Pin;
use std::sync::Mutex;

/// The header by which a request is known to be the app's and not the provider's.
pub const MARK: &str = "x-hostile";

/// The network of a row.
pub struct HostileService {
    azure: Azure,
    answers: Vec<Answer>,
    received: Mutex<Vec<Request<Bytes>>>,
}

impl HostileService {
    /// The network of an attack, with the simulated Azure that has the identity.
    pub fn new(azure: Azure, attack: &Attack) -> Self {
        Self { azure, answers: attack.responses.clone(), received: Mutex::default() }
    }

    /// The requests of the app that were sent since the last call.
    pub fn take(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut *self.received.lock().expect("the lock is not poisoned"))
    }

    fn respond(&self, request: &Request<Bytes>) -> Outcome {
        let count = self.received.lock().expect("the lock is not poisoned").len();
        let Some(answer) = self.answers.get(count).or(self.answers.last()) else {
            return Outcome::Response(Response::new(Bytes::from_static(b"ok")));
        };
        let token = tokens(request).into_iter().next().unwrap_or_default();
        let fill = |text: &str| text.replace("{token}", &token).replace("{long}", &"A".repeat(9000));
        let fields = |list: &[(String, String)]| {
            let field = |(name, value): &(String, String)| {
                let value = HeaderValue::from_bytes(fill(value).as_bytes()).expect("the row has a value");
                (name.parse::<HeaderName>().expect("the row has a name"), value)
            };
            let mut fields = HeaderMap::new();
            for (name, value) in list.iter().map(field) {
                fields.append(name, value);
            }
            fields
        };
        let mut response = Response::new(Bytes::from(fill(&answer.body)));
        *response.status_mut() = answer.status.try_into().expect("the row has a status");
        *response.headers_mut() = fields(&answer.headers);
        if !answer.trailers.is_empty() {
            response.extensions_mut().insert(fields(&answer.trailers));
        }
        Outcome::Response(response)
    }
}

impl Network for HostileService {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(async move {
            let is_the_apps = request.headers().contains_key(MARK);
            let is_identity =
                matches!(request.uri().host(), Some("169.254.169.254" | "login.microsoftonline.com"));
            let response =
                if is_identity { self.azure.send(request.clone()).await } else { self.respond(&request) };
            if is_the_apps || !is_identity {
                self.received.lock().expect("the lock is not poisoned").push(request);
            }
            response
        })
    }
}

/// The tokens anywhere in a request.
pub fn tokens(request: &Request<Bytes>) -> Vec<String> {
    let trailers = request.extensions().get::<HeaderMap>().into_iter().flatten();
    let fields = request.headers().iter().map(|(_, value)| value);
    let fields = fields.chain(trailers.map(|(_, value)| value)).map(HeaderValue::as_bytes);
    let uri = request.uri().to_string();
    let places = fields.chain([uri.as_bytes(), &request.body()[..]]);
    places.flat_map(|text| tokens_in(&String::from_utf8_lossy(text))).collect()
}

/// The tokens in a text: JWTs with a valid signature.
pub fn tokens_in(text: &str) -> Vec<String> {
    let is_of_token = |byte: char| byte.is_ascii_alphanumeric() || matches!(byte, '-' | '_' | '.');
    let words = text.split(|byte| !is_of_token(byte)).filter_map(|word| word.get(word.find("eyJ")?..));
    words.filter(|word| jwt::verify(word).is_some()).map(ToOwned::to_owned).collect()
}
