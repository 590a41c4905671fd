//! The cases, in the form that is judged and that comes with the project: one line of JSON a case,
//! one file a credential.

use super::outcome::Outcome;
use super::request::Request;
use super::{azure_cli, recording};
use anyhow::{Context, Result};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A case.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The class of azure-identity for Python that was made.
    pub credential: String,
    /// The environment.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// The files, by absolute path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Content>,
    /// The arguments of the Python constructor.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub options: Map<String, Value>,
    /// The members, for a chain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Value>,
    /// Who answers, first match first; what nothing matches gets what Azure answers by default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub server: Vec<Rule>,
    /// What was asked, in order.
    pub calls: Vec<Call>,
    /// What each SDK did; any one of them may be agreed with.
    pub observed: Vec<Observed>,
}

/// What a file holds.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Content {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes {
        /// Them, in base64.
        base64: String,
    },
}

/// Something that answers.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which requests it answers.
    pub r#match: Match,
    /// What it answers.
    pub respond: Respond,
    /// How often; `None`: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

/// Which requests a rule answers: those to which everything in it applies.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Match {
    /// The method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The host, without the port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// A pattern somewhere in the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Whether a header is there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub header: BTreeMap<String, bool>,
    /// Somewhere in the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_has: Option<String>,
    /// Somewhere in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_has: Option<String>,
}

/// What a rule answers.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Respond {
    /// The status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The headers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body, as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body, as JSON; `{"$now": n}` and its like stand for times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// What goes wrong instead of an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
}

/// What was asked.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Call {
    /// What was done.
    #[serde(skip_serializing_if = "Op::is_get_token")]
    pub op: Op,
    /// The scopes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// The tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The claims challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<String>,
    /// Whether the caller can answer a challenge.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enable_cae: bool,
    /// Options that only this call's credential has, e.g. another subscription.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub with: Map<String, Value>,
    /// What passed before it, in seconds.
    #[serde(skip_serializing_if = "is_nothing")]
    pub advance_before: f64,
    /// What was written before it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub write_files_before: BTreeMap<String, Content>,
}

/// What a call does.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Op {
    /// Asks for a token.
    #[default]
    GetToken,
    /// Calls the constructor, which failed. Here that may come out of the first question.
    Construct,
    /// Calls the constructor, which did not fail; nothing was asked.
    Make,
}

/// What an SDK did.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// `python`, `js`, `rust`; `az` for the Azure CLI.
    pub sdk: String,
    /// Call by call.
    pub calls: Vec<Done>,
}

/// What came of a call.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// What was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<Attempts>,
    /// What was answered.
    pub outcome: Outcome,
}

/// The same request, as often as it was sent in a row.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Attempts {
    /// The request.
    pub request: Request,
    /// How often.
    pub times: usize,
    /// What was waited before each but the first, in seconds; `None`: nobody wrote it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<Vec<f64>>,
}

/// Reads the cases of a folder: recordings (`cases/`, `azure-cli/`, `keys/`), or what [`save`] wrote.
///
/// # Errors
/// Whatever cannot be read, with its name.
pub fn load(folder: &Path) -> Result<Vec<Case>> {
    if folder.join("cases").is_dir() {
        let mut cases = recording::read(folder)?;
        cases.extend(azure_cli::read(&folder.join("azure-cli"))?);
        return Ok(cases);
    }
    let mut cases = Vec::new();
    for path in files(folder, "jsonl")? {
        let text = std::fs::read_to_string(&path)?;
        for (index, line) in text.lines().enumerate() {
            let place = || format!("{}:{}", path.display(), index + 1);
            cases.push(serde_json::from_str(line).with_context(place)?);
        }
    }
    anyhow::ensure!(!cases.is_empty(), "{} holds no cases", folder.display());
    Ok(cases)
}

/// Writes the cases into a folder, a file a credential; removes those that were there.
///
/// # Errors
/// Whatever cannot be written.
pub fn save(cases: &[Case], folder: &Path) -> Result<()> {
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    for case in cases {
        let text = texts.entry(&case.credential).or_default();
        *text += &serde_json::to_string(case)?;
        text.push('\n');
    }
    for path in files(folder, "jsonl")? {
        std::fs::remove_file(path)?;
    }
    for (credential, text) in texts {
        std::fs::write(folder.join(format!("{credential}.jsonl")), text)?;
    }
    Ok(())
}

/// The files of a folder with that ending, in alphabetical order.
pub(super) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|found| found == ending));
    paths.sort();
    Ok(paths)
}

impl Content {
    /// The bytes.
    ///
    /// # Errors
    /// When they are no base64.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        match self {
            Self::Text(text) => Ok(text.clone().into_bytes()),
            Self::Bytes { base64 } => Ok(BASE64_STANDARD.decode(base64)?),
        }
    }

    /// Text where it is text.
    pub fn of(bytes: Vec<u8>) -> Self {
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

fn is_nothing(seconds: &f64) -> bool {
    *seconds == 0.0
}
