//! A row of the suite: an attack, and what becomes of it.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A file of attacks of one kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Kind {
    /// The rules of the attacks that have none of their own.
    pub rules: String,
    /// The environment variables of all attacks, unless they set them themselves.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// The addresses of the publications that the attacks name.
    #[serde(default)]
    pub sources: BTreeMap<String, String>,
    #[serde(rename = "attack")]
    pub attacks: Vec<Attack>,
}

/// An attack. Exactly one of the verdicts `refused`, `blocked`, `fails`, `not-built`, `sent` and `received` is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Attack {
    /// Unique in the suite.
    pub id: String,
    /// Where it was published, a name of [`Kind::sources`], or `own`.
    pub source: String,
    /// `AZURE_HTTP_AUTH_RULES`; `None`: those of the file.
    pub rules: Option<String>,
    /// Other environment variables.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Whether the identity is a service principal, whose provider satisfies claims challenges, instead of a managed one.
    #[serde(default)]
    pub service_principal: bool,
    /// What the app sends.
    pub request: Order,
    /// How many times it sends that; `{n}` in the URL is the number of the request.
    #[serde(default = "once")]
    pub times: usize,
    /// What it sends after that; the verdict is that of this request.
    pub then: Option<Order>,
    /// What the services respond, one after the other; the last one is repeated. Empty: 200.
    #[serde(default)]
    pub responses: Vec<Answer>,
    /// The app gets `HTTP-request-denied`, nothing is sent, and the log has this text.
    pub refused: Option<String>,
    /// The app gets `configuration-error`, nothing is sent, and the log has this text.
    pub blocked: Option<String>,
    /// The app gets this error, with a request sent or without, and the log has nothing of the request.
    pub fails: Option<String>,
    /// The host refuses to build a request of this part.
    pub not_built: Option<String>,
    /// What the services receive of the last request: `GET https://… without a token`, or
    /// `GET https://… with a token for https://vault.azure.net`.
    pub sent: Option<Vec<String>>,
    /// The other headers and trailers that the last of `sent` has, sorted; `None`: they are not compared.
    pub with: Option<Vec<String>>,
    /// The status that the app gets; by default 200.
    pub status: Option<u16>,
    /// A line of the log besides that of the verdict.
    pub logged: Option<String>,
    /// The number of lines in the log, at most; by default 5.
    pub log_lines: Option<usize>,
    /// Why the app sees its token all the same: a limit that the documentation names.
    pub documented_limit: Option<String>,
    /// What a server on a real connection receives, one text a connection, with sorted headers and `{token}` (`wire.rs`).
    pub received: Option<Vec<String>>,
    /// How that begins which the app learns, of a row with `received`.
    pub learned: Option<String>,
}

/// A request, as the app gives it to the host: a method and a URL, which are split and not parsed, or part by part.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Order {
    /// `GET https://host/path`.
    Line(String),
    Parts(Parts),
}

/// The parts of a request; what is not given is not set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Parts {
    /// `GET https://host/path`, of which the other parts replace theirs.
    pub line: Option<String>,
    pub method: Option<String>,
    /// `none`: absent.
    pub scheme: Option<String>,
    pub authority: Option<String>,
    pub path: Option<String>,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    #[serde(default)]
    pub trailers: Vec<(String, String)>,
}

/// A response. `{token}` is the token that the service received, `{long}` a text of 9000 bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Answer {
    #[serde(default = "ok")]
    pub status: u16,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    #[serde(default)]
    pub body: String,
    #[serde(default)]
    pub trailers: Vec<(String, String)>,
    /// The bytes on a real connection, instead of the above.
    pub raw: Option<String>,
}

impl Kind {
    /// Reads a file of the suite, and completes its attacks with what they have in common.
    pub fn parse(text: &str) -> Result<Self> {
        let mut kind: Self = toml::from_str(text)?;
        for attack in &mut kind.attacks {
            attack.check().with_context(|| format!("attack {}", attack.id))?;
            let is_known = attack.source == "own" || kind.sources.contains_key(&attack.source);
            ensure!(is_known, "attack {}: no source {:?}", attack.id, attack.source);
            attack.rules.get_or_insert_with(|| kind.rules.clone());
            for (name, value) in &kind.variables {
                attack.variables.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        for (name, address) in &kind.sources {
            let is_used = kind.attacks.iter().any(|attack| &attack.source == name);
            ensure!(is_used && address.starts_with("https://"), "source {name} is unused or no address");
        }
        Ok(kind)
    }
}

impl Attack {
    /// All requests, in their order.
    pub fn requests(&self) -> Result<Vec<Parts>> {
        let repeated = (1..=self.times).map(|number| self.request.parts(number));
        repeated.chain(self.then.iter().map(|order| order.parts(1))).collect()
    }

    /// The rules, once the row is completed.
    pub fn rules(&self) -> &str {
        self.rules.as_deref().unwrap_or_default()
    }

    fn check(&self) -> Result<()> {
        let verdicts =
            [&self.refused, &self.blocked, &self.fails, &self.not_built].into_iter().flatten().count();
        let verdicts = verdicts + usize::from(self.sent.is_some()) + usize::from(self.received.is_some());
        ensure!(verdicts == 1, "{verdicts} verdicts");
        ensure!(self.with.is_none() || self.sent.is_some(), "headers are compared of requests that are sent");
        Ok(())
    }
}

impl Order {
    /// The parts, of the request with this number.
    fn parts(&self, number: usize) -> Result<Parts> {
        let parts = match self {
            Self::Line(line) => Parts { line: Some(line.clone()), ..Parts::default() },
            Self::Parts(parts) => parts.clone(),
        };
        let Some(line) = parts.line.as_ref().map(|line| line.replace("{n}", &number.to_string())) else {
            return Ok(parts);
        };
        let (method, url) = line.split_once(' ').context("a method and a URL")?;
        let (scheme, rest) = url.split_once("://").context("a URL has a scheme")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        Ok(Parts {
            method: parts.method.or(Some(method.to_owned())),
            scheme: parts.scheme.or(Some(scheme.to_owned())),
            authority: parts.authority.or(Some(authority.to_owned())),
            path: parts.path.or(Some(path.to_owned())),
            ..parts
        })
    }
}

impl Parts {
    /// The order for the test app (`guests/http-client/src/raw.rs`).
    pub fn encode(&self) -> String {
        let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        let scheme = self.scheme.as_ref().filter(|scheme| *scheme != "none");
        let one = [
            ("method", &self.method),
            ("authority", &self.authority),
            ("path", &self.path),
            ("body", &self.body),
        ];
        let one = one.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        let one = one.chain(scheme.map(|scheme| ("scheme", scheme)));
        let one = one.map(|(name, value)| format!("{name} {}\n", hex(value)));
        let fields = |name: &'static str, fields: &[(String, String)]| {
            let lines = fields.iter().map(|(key, value)| format!("{name} {} {}\n", hex(key), hex(value)));
            lines.collect::<Vec<_>>()
        };
        let many = [fields("header", &self.headers), fields("trailer", &self.trailers)].concat();
        one.chain(many).collect()
    }
}

fn once() -> usize {
    1
}

fn ok() -> u16 {
    200
}
