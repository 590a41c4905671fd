//! Test cases as folders: the environment of the guest, the calls, the expected outcomes.
//!
//! A case is `cases/<kind>/<name>/case.toml` with two golden files beside it: `requests.txt`, the requests that
//! were sent, and, when a call fails, `error.txt`, the errors. `cases/README.md` describes the format.
//! `UPDATE_EXPECT=1 cargo test` rewrites the golden files; read the diff before you commit it.

pub mod expect;
pub mod golden;
pub mod mutate;
pub mod own_secrets;
pub mod run;
pub mod scopes;
pub mod signed;
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
    /// What the case shows, in one line.
    pub docs: String,
    /// The sort of the case.
    pub sort: Sort,
    /// The guest's environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The environment variables that are mutated, one at a time; see [`mutate`].
    pub mutate_env: Option<mutate::Mutation>,
    /// The guest's files, by absolute path.
    #[serde(default)]
    pub files: BTreeMap<String, File>,
    /// Symbolic links among the guest's files: the path, and its target.
    #[serde(default)]
    pub links: BTreeMap<String, String>,
    /// Whether the host preopens no directory.
    #[serde(default)]
    pub no_files: bool,
    /// Secrets that [`own_secrets`] does not recognise, by any name.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// The settings of the simulated Azure.
    #[serde(default)]
    pub azure: Settings,
    /// The calls, in order, of one instance.
    pub calls: Vec<Call>,
    /// The folder of the case.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// The sorts of cases. Every source must have the first four.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// A token is returned.
    Success,
    /// The source is not configured.
    Unavailable,
    /// The service rejects the request.
    Rejected,
    /// The input is malicious or nonsensical.
    Hostile,
    /// The configuration is incomplete or malformed.
    Malformed,
    /// The behaviour of the cache.
    Cache,
    /// The behaviour of retries.
    Retry,
}

/// A file of the guest.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum File {
    /// Its text.
    Text(String),
    /// A copy of a file or folder of `fixtures/`.
    Copy {
        /// Its path in `fixtures/`.
        copy: String,
    },
    /// Binary content.
    Bytes {
        /// Its bytes in base64.
        base64: String,
    },
    /// An assertion, e.g. the token of a service account.
    Signed {
        /// Its claims.
        signed: signed::Signed,
    },
}

/// One call.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Call {
    /// The credential that is called; the default is `token-credential`.
    #[serde(default)]
    pub via: via::Via,
    /// The scopes.
    #[serde(default = "scopes::default_scopes")]
    pub scopes: Vec<String>,
    /// The tenant.
    pub tenant_id: Option<String>,
    /// The claims challenge.
    pub claims: Option<String>,
    /// Whether the caller handles claims challenges.
    #[serde(default)]
    pub enable_cae: bool,
    /// Further options of the request.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// The time that passes before the call, in seconds.
    #[serde(default)]
    pub advance: u64,
    /// By how much the wall clock is set forward or back before the call, in seconds.
    #[serde(default)]
    pub jump: i64,
    /// The files that are written before the call, by absolute path.
    #[serde(default)]
    pub write_files: BTreeMap<String, File>,
    /// The files that are removed before the call, by absolute path.
    #[serde(default)]
    pub remove_files: Vec<String>,
    /// The expected outcome.
    pub expect: Expect,
}

/// The expected outcome of a call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Expect {
    /// The source of the token; set when a token is expected.
    pub source: Option<String>,
    /// The token itself, if it is known in advance.
    pub token: Option<String>,
    /// The remaining lifetime of the token, in seconds.
    pub expires_in: Option<u64>,
    /// When the token should be refreshed, in seconds from now.
    pub refresh_in: Option<u64>,
    /// The facts about the token; by default they are not compared.
    pub details: Option<BTreeMap<String, String>>,
    /// The kind of the error; set when an error is expected. `error.txt` contains the rest.
    pub error: Option<String>,
    /// The exact message of the error, for cases that are about the message.
    pub message: Option<String>,
    /// The error's `AADSTS` numbers.
    pub error_codes: Option<Vec<u32>>,
    /// The attempts of a chain, e.g. `environment: not-configured`.
    pub attempts: Option<Vec<String>>,
    /// The number of requests that this call sends.
    pub requests: usize,
    /// The maximum duration of this call, in seconds of the case's clock.
    pub within: Option<f64>,
}

impl Case {
    /// Reads a case.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("case.toml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))?;
        let read = || {
            let mut case = toml::from_str(&expand(&text))?;
            mutate::calls(&mut case)?;
            anyhow::Ok(Self::deserialize(case)?)
        };
        let case = read().with_context(|| format!("in {}", path.display()))?;
        Ok(Self { folder: folder.to_owned(), ..case })
    }

    /// The kind of the case: the name of the parent folder.
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
    /// The `token-request` of the interface.
    pub fn build_request(&self) -> TokenRequest {
        TokenRequest {
            scopes: self.scopes.clone(),
            tenant_id: self.tenant_id.clone(),
            claims: self.claims.clone(),
            enable_cae: self.enable_cae,
            options: self.options.clone().into_iter().collect(),
        }
    }
}

impl File {
    /// The files, by path; those of a folder are below `path`.
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

/// Expands `{{abc * 3}}` to `abcabcabc`, so that a case with huge content stays small.
fn expand(text: &str) -> String {
    let pattern = Regex::new(r"\{\{(.+?) \* (\d+)\}\}").expect("a pattern");
    let repeated = |found: &Captures<'_>| found[1].repeat(found[2].parse().unwrap_or(1));
    pattern.replace_all(text, repeated).into_owned()
}

/// The folder of this crate.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_expanded() {
        let written = r#"a = "{{ab * 3}}", b = "{{  * 2}}", c = {d = {}}"#;
        assert_eq!(expand(written), r#"a = "ababab", b = "  ", c = {d = {}}"#);
    }
}
