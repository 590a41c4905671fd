//! A case: the environment of a credential, the calls, and the observed behaviour of each SDK.
//!
//! The project's corpus stores one case a line, as JSON.

use crate::outcome::Outcome;
use crate::request::Request;
use anyhow::Result;
use base64::prelude::{BASE64_STANDARD, Engine};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A case.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The class of azure-identity for Python that was constructed.
    pub credential: String,
    /// The environment variables.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// The files, by absolute path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Content>,
    /// The arguments of the Python constructor.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub options: Map<String, Value>,
    /// The members of a chain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Value>,
    /// The rules of the network: the first one that matches responds. A request that no rule matches gets Azure's
    /// default response.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub server: Vec<Rule>,
    /// The calls, in order.
    pub calls: Vec<Call>,
    /// The behaviour of each SDK; the component may agree with any one of them.
    pub observed: Vec<Observed>,
}

/// The content of a file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Content {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes {
        /// The bytes in base64.
        base64: String,
    },
}

/// A rule of a case's network.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The requests that it responds to.
    pub r#match: Match,
    /// The response.
    pub respond: Respond,
    /// How many requests it responds to; `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

/// The conditions of a rule; a request must meet all of them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Match {
    /// The method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The host, without the port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// A regular expression that matches a part of the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Whether the request has these headers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub header: BTreeMap<String, bool>,
    /// A part of the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_has: Option<String>,
    /// A part of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_has: Option<String>,
}

/// The response of a rule.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Respond {
    /// The status; `None`: 200.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The headers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body, verbatim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body as JSON; `{"$now": n}` and its variants stand for times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// The network fault in place of a response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
}

/// A network fault.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The host refuses the connection.
    Refuse,
    /// The host closes the connection before a response.
    Reset,
    /// There is no route to the host.
    Unreachable,
    /// The connection is not established in time.
    ConnectTimeout,
    /// No response arrives in time.
    ReadTimeout,
}

/// A call.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Call {
    /// The operation.
    #[serde(skip_serializing_if = "Op::is_get_token")]
    pub op: Op,
    /// The scopes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// The tenant; `None`: the credential's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The claims challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<String>,
    /// Whether the caller can answer a claims challenge (Continuous Access Evaluation).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enable_cae: bool,
    /// Options that only this call's credential has, e.g. another subscription.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub with: Map<String, Value>,
    /// How far the clock advances before the call, in seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub advance_before: f64,
    /// The files that are written before the call.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub write_files_before: BTreeMap<String, Content>,
}

/// The operation of a call.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Op {
    /// Requests a token.
    #[default]
    GetToken,
    /// Constructs the credential, which failed in the SDK. Here the first request for a token may fail instead.
    Construct,
    /// Constructs the credential, which succeeded in the SDK; no token was requested.
    Make,
}

/// The behaviour of an SDK in a case.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// `python`, `js`, `rust`; `az` for the Azure CLI.
    pub sdk: String,
    /// Call by call.
    pub calls: Vec<Done>,
}

/// The requests and the outcome of a call.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// The requests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<Attempts>,
    /// The outcome.
    pub outcome: Outcome,
}

/// A request and its retries.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Attempts {
    /// The request.
    pub request: Request,
    /// How often it was sent in a row.
    pub times: usize,
    /// The waits before each attempt but the first, in seconds; `None`: not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<Vec<f64>>,
}

impl Action {
    /// Its name in a case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Reset => "reset",
            Self::Unreachable => "unreachable",
            Self::ConnectTimeout => "connect_timeout",
            Self::ReadTimeout => "read_timeout",
        }
    }
}

impl Attempts {
    /// Groups equal requests in a row; `waits` are the waits before each request but the first.
    pub fn group(requests: impl Iterator<Item = Request>, waits: Option<&[f64]>) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for (index, request) in requests.enumerate() {
            let wait = waits.and_then(|waits| waits.get(index.checked_sub(1)?)).copied();
            match groups.last_mut().filter(|group| group.request == request) {
                Some(group) => {
                    group.times += 1;
                    group.waits = group.waits.take().zip(wait).map(|(mut waits, wait)| {
                        waits.push(wait);
                        waits
                    });
                }
                None => groups.push(Self { request, times: 1, waits: waits.map(|_| Vec::new()) }),
            }
        }
        for group in &mut groups {
            group.waits = group.waits.take().filter(|waits| !waits.is_empty());
        }
        groups
    }
}

impl Content {
    /// The bytes.
    ///
    /// # Errors
    /// When the base64 is invalid.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        match self {
            Self::Text(text) => Ok(text.clone().into_bytes()),
            Self::Bytes { base64 } => Ok(BASE64_STANDARD.decode(base64)?),
        }
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Bytes { base64: BASE64_STANDARD.encode(error.as_bytes()) },
        }
    }
}

impl Op {
    fn is_get_token(&self) -> bool {
        *self == Self::GetToken
    }
}

fn is_zero(seconds: &f64) -> bool {
    *seconds == 0.0
}
