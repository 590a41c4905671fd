//! Test cases as folders: what surrounds the guest, what is asked, what comes of it.
//!
//! A case is `cases/<kind>/<name>/case.toml` with, beside it, `requests.txt` (what was sent) and, when a
//! call fails, `error.txt` (what people are told). `cases/README.md` describes the format. `BLESS=1 cargo
//! test` writes both files anew; read the diff before you commit it.

pub mod expect;
pub mod golden;
pub mod own_secrets;
pub mod run;
pub mod signed;
pub mod spoil;
pub mod via;

use crate::bindings::TokenRequest;
use anyhow::{Context, Result};
use azure_simulator::Settings;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::{Captures, Regex};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A case.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Case {
    /// What it shows, in one line.
    pub docs: String,
    /// What sort of case it is.
    pub sort: Sort,
    /// The guest's environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The variables that are spoiled, one at a time; see [`spoil`].
    pub spoil_env: Option<spoil::Spoil>,
    /// The guest's files, by absolute path.
    #[serde(default)]
    pub files: BTreeMap<String, File>,
    /// Links among the guest's files: the path, and where it leads.
    #[serde(default)]
    pub links: BTreeMap<String, String>,
    /// Whether the host gives access to files at all.
    #[serde(default)]
    pub no_files: bool,
    /// What is secret beyond what [`own_secrets`] recognises, by any name.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// The Azure around it.
    #[serde(default)]
    pub azure: Settings,
    /// What is asked, in order, of one instance.
    pub calls: Vec<Call>,
    /// Where it stands.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// What sort of case it is. Every source must have the first four.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// A token comes.
    Success,
    /// The source is not configured.
    Unavailable,
    /// The service says no.
    Rejected,
    /// Somebody means harm, or sends nonsense.
    Hostile,
    /// The configuration is half there, or malformed.
    Malformed,
    /// What the cache does.
    Cache,
    /// What is tried again.
    Retry,
}

/// A file of the guest.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum File {
    /// Its text.
    Text(String),
    /// A file or folder of `fixtures/`, as it is.
    Copy {
        /// Its path in `fixtures/`.
        copy: String,
    },
    /// What is no text.
    Bytes {
        /// Its bytes in base64.
        base64: String,
    },
    /// An assertion, e.g. the token of a service account.
    Signed {
        /// What it says.
        signed: signed::Signed,
    },
}

/// One call.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Call {
    /// Which credential is asked; the default is `token-credential`.
    #[serde(default)]
    pub via: via::Via,
    /// The scopes.
    #[serde(default = "vault")]
    pub scopes: Vec<String>,
    /// The tenant.
    pub tenant_id: Option<String>,
    /// The claims challenge.
    pub claims: Option<String>,
    /// Whether the caller can answer a challenge.
    #[serde(default)]
    pub enable_cae: bool,
    /// What passes before it, in seconds.
    #[serde(default)]
    pub advance: u64,
    /// What the wall clock is set forward or back before it, in seconds.
    #[serde(default)]
    pub jump: i64,
    /// What is written before it, by absolute path.
    #[serde(default)]
    pub write_files: BTreeMap<String, File>,
    /// What is removed before it, by absolute path.
    #[serde(default)]
    pub remove_files: Vec<String>,
    /// What must come of it.
    pub expect: Expect,
}

/// What must come of a call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Expect {
    /// The source of the token; set when a token must come.
    pub source: Option<String>,
    /// The token itself, where it is known beforehand.
    pub token: Option<String>,
    /// What the token has left, in seconds.
    pub expires_in: Option<u64>,
    /// When it is due, in seconds from now.
    pub refresh_in: Option<u64>,
    /// The kind of the error; set when none must come. `error.txt` has the rest.
    pub error: Option<String>,
    /// The error's message, word for word; where `error.txt` would hide what the case is about.
    pub message: Option<String>,
    /// The error's `AADSTS` numbers.
    pub error_codes: Option<Vec<u32>>,
    /// What a chain tried, e.g. `environment: unavailable`.
    pub attempts: Option<Vec<String>>,
    /// How many requests this call sends.
    pub requests: usize,
    /// How long this call may take, in seconds of the case's clock.
    pub within: Option<f64>,
}

impl Case {
    /// Reads a case.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("case.toml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))?;
        let read = || {
            let mut case = toml::from_str(&expand(&text))?;
            spoil::calls(&mut case)?;
            anyhow::Ok(Self::deserialize(case)?)
        };
        let case = read().with_context(|| format!("in {}", path.display()))?;
        Ok(Self { folder: folder.to_owned(), ..case })
    }

    /// The kind of the case: the name of the folder above.
    pub fn kind(&self) -> &str {
        let kind = self.folder.parent().and_then(Path::file_name).and_then(|kind| kind.to_str());
        kind.unwrap_or_default()
    }

    /// All cases, by folder, in alphabetical order.
    pub fn all() -> Result<Vec<PathBuf>> {
        let mut folders = Vec::new();
        for kind in sorted(&root().join("cases"))?.into_iter().filter(|kind| kind.is_dir()) {
            folders.extend(sorted(&kind)?.into_iter().filter(|case| case.is_dir()));
        }
        Ok(folders)
    }
}

impl Call {
    /// The request as WIT has it.
    pub fn request(&self) -> TokenRequest {
        TokenRequest {
            scopes: self.scopes.clone(),
            tenant_id: self.tenant_id.clone(),
            claims: self.claims.clone(),
            enable_cae: self.enable_cae,
        }
    }
}

impl File {
    /// The files that this stands for: below `path`, if it is a folder.
    pub fn read(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>> {
        match self {
            Self::Text(text) => Ok(vec![(path.to_owned(), text.clone().into_bytes())]),
            Self::Bytes { base64 } => Ok(vec![(path.to_owned(), STANDARD.decode(base64)?)]),
            Self::Signed { signed } => Ok(vec![(path.to_owned(), signed.content().into_bytes())]),
            Self::Copy { copy } => read_all(&root().join("fixtures").join(copy), path),
        }
    }
}

fn read_all(source: &Path, path: &str) -> Result<Vec<(String, Vec<u8>)>> {
    if source.is_file() {
        return Ok(vec![(path.to_owned(), std::fs::read(source)?)]);
    }
    let mut files = Vec::new();
    for entry in sorted(source)? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.extend(read_all(&entry, &format!("{path}/{name}"))?);
    }
    Ok(files)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Writes `{{abc * 3}}` out as `abcabcabc`, so that a case with something huge in it stays small.
fn expand(text: &str) -> String {
    let pattern = Regex::new(r"\{\{(.+?) \* (\d+)\}\}").expect("a pattern");
    let repeated = |found: &Captures<'_>| found[1].repeat(found[2].parse().unwrap_or(1));
    pattern.replace_all(text, repeated).into_owned()
}

/// The folder of this crate.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn vault() -> Vec<String> {
    vec!["https://vault.azure.net/.default".to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_huge_is_written_small() {
        let written = r#"a = "{{ab * 3}}", b = "{{  * 2}}", c = {d = {}}"#;
        assert_eq!(expand(written), r#"a = "ababab", b = "  ", c = {d = {}}"#);
    }
}
