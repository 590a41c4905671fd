//! Requests in the form in which they are compared.
//!
//! Not compared, because no service reads them or because they only identify the client: discovery requests (OpenID
//! configuration, instance discovery, the realm of a user), `client_info`, telemetry, headers that an HTTP client sets by
//! itself, and the content type of a request without a body.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A request.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The URL without the query.
    pub url: String,
    /// The query's parameters, in alphabetical order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// The headers that are compared, in lower case.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The form's fields, in alphabetical order; a JWT that could be read is `<jwt:name>`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<(String, String)>,
    /// The JWTs in the form, by field.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub jwt: BTreeMap<String, Jwt>,
}

/// The content of a JWT.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Jwt {
    /// The header.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
}

impl From<&http::Request<Bytes>> for Request {
    fn from(request: &http::Request<Bytes>) -> Self {
        let (url, query) = split(&request.uri().to_string());
        let headers = request.headers().iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let fields = url::form_urlencoded::parse(request.body()).into_owned();
        let mut jwt = BTreeMap::new();
        let form = fields.map(|(name, value)| match Jwt::read(&value) {
            Some(read) => {
                jwt.insert(name.clone(), read);
                let value = format!("<jwt:{name}>");
                (name, value)
            }
            None => (name, value),
        });
        let form = form.collect();
        let method = request.method().to_string();
        Self { method, url, query, headers: headers.collect(), form, jwt }.normal()
    }
}

impl Request {
    /// The request without the parts that are not compared, in a stable order.
    pub fn normal(mut self) -> Self {
        for parameters in [&mut self.query, &mut self.form] {
            parameters.retain(|(name, _)| !is_telemetry(name) && name != "client_info");
            parameters.sort();
        }
        self.headers.retain(|name, _| !is_telemetry(name) && !INCIDENTAL.contains(&name.as_str()));
        if self.form.is_empty() {
            self.headers.remove("content-type");
        } else if let Some(value) = self.headers.get_mut("content-type") {
            value.truncate(value.find(';').unwrap_or(value.len()));
        }
        self
    }

    /// Whether it is a discovery request.
    pub fn is_discovery(&self) -> bool {
        self.method == "GET"
            && ["/.well-known/openid-configuration", "/discovery/instance", "/userrealm/"]
                .iter()
                .any(|part| self.url.contains(part))
    }

    /// Whether it is for IMDS.
    pub fn is_to_imds(&self) -> bool {
        self.url.starts_with("http://169.254.169.254/")
    }

    /// Whether it is an SDK's probe for IMDS: a request without the header `Metadata`, which IMDS refuses.
    pub fn is_probe(&self) -> bool {
        self.is_to_imds() && !self.headers.contains_key("metadata")
    }

    /// Method, host and path.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.url)
    }
}

impl Jwt {
    /// Reads a JWT without verifying its signature; `None`: the text is no JWT.
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let mut part = || {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
            serde_json::from_slice::<Map<String, Value>>(&bytes).ok()
        };
        let (header, claims) = (part()?, part()?);
        header.contains_key("alg").then_some(Self { header, claims })
    }
}

/// Splits a URL into the part before the query and the query's parameters.
pub fn split(url: &str) -> (String, Vec<(String, String)>) {
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    (url.to_owned(), url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}

fn is_telemetry(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("x-client-")
        || matches!(
            name.as_str(),
            "client-request-id"
                | "return-client-request-id"
                | "x-ms-client-request-id"
                | "x-ms-lib-capability"
        )
}

/// Headers that an HTTP client sets by itself.
const INCIDENTAL: &[&str] =
    &["accept", "accept-encoding", "connection", "content-length", "host", "user-agent"];
