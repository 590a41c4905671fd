//! What a test takes from this machine: variables by name, and folders for reading.

use crate::identity::{self, Identity};
use anyhow::{Context, Result, bail, ensure};
use host_tests::edition::Edition;
use host_tests::environment::TestEnvironment;
use std::collections::BTreeMap;
use std::env;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};

/// The settings of a test. They hold secrets, so they have no `Debug`.
pub struct Settings {
    /// The scope of the tokens.
    pub scope: String,
    /// The claim `aud` that the tokens must have.
    pub audience: String,
    /// The claim `tid` that the tokens must have.
    pub tenant: String,
    /// The source that the tokens must name, or its start.
    pub source: &'static str,
    /// The variables of the component.
    pub env: BTreeMap<String, String>,
    /// The folders that the component may read, under the names that they have here.
    pub folders: Vec<PathBuf>,
}

impl Settings {
    /// The settings of an identity from this machine's variables; `None`: a variable is missing, and the test is
    /// reported as skipped.
    ///
    /// # Errors
    /// When a variable is malformed, and in CI (`CI=true`) when one is missing.
    pub fn or_skip(identity: Identity) -> Result<Option<Self>> {
        // Not `env::vars`, which panics when any variable of the machine is not UTF-8.
        let all = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let variables = all.collect();
        let missing = missing(identity, &variables);
        if missing.is_empty() {
            return Self::parse(identity, &variables).map(Some);
        }
        let notice = decide(identity, &missing, variables.get("CI").is_some_and(|ci| ci == "true"))?;
        // Not `eprintln!`, whose output the test harness captures.
        let _ = stderr().write_all(notice.as_bytes());
        Ok(None)
    }

    /// The settings of an identity from variables, none of which is missing.
    ///
    /// # Errors
    /// When a variable is malformed; the error has its name and not its value.
    pub fn parse(identity: Identity, variables: &BTreeMap<String, String>) -> Result<Self> {
        let (get, needs) = (|name| set(variables, name), identity.needs());
        let passed = needs.passed.iter().filter_map(|name| Some(((*name).to_owned(), get(name)?.to_owned())));
        let mut env: BTreeMap<_, _> = passed.collect();
        env.insert("AZURE_TOKEN_CREDENTIALS".to_owned(), needs.credential.to_owned());
        match identity {
            Identity::WrongSecret => {
                env.insert(identity::CLIENT_SECRET.to_owned(), WRONG_SECRET.to_owned());
            }
            Identity::ManagedIdentity => env.extend(managed_identity(variables)?),
            _ => {}
        }
        let tenant = get(identity::TENANT_ID).context("AZURE_TENANT_ID is missing")?;
        ensure!(
            is_id(tenant),
            "AZURE_TENANT_ID is compared with the tokens' tid; set it to the tenant's id, not a name"
        );
        let scope = get("LIVE_SCOPE").unwrap_or("https://vault.azure.net/.default");
        let audience = get("LIVE_AUDIENCE").or_else(|| scope.strip_suffix("/.default"));
        let audience =
            audience.context("LIVE_SCOPE does not end in /.default; set LIVE_AUDIENCE to the tokens' aud")?;
        Ok(Self {
            scope: scope.to_owned(),
            audience: audience.trim_end_matches('/').to_owned(),
            tenant: tenant.to_lowercase(),
            source: needs.source,
            folders: folders(identity, &env)?,
            env,
        })
    }

    /// The environment of the component: real time, randomness and network, these variables and folders.
    ///
    /// # Errors
    /// When a folder does not exist.
    pub fn environment(&self, edition: Edition) -> Result<TestEnvironment> {
        let mut folders = Vec::new();
        for folder in &self.folders {
            let name = folder.to_str().context("a folder's name is not UTF-8")?.to_owned();
            ensure!(folder.is_dir(), "{name} is no folder");
            folders.push((folder.clone(), name));
        }
        Ok(TestEnvironment { env: self.env.clone(), folders, edition, ..TestEnvironment::real() })
    }
}

/// The secret of [`Identity::WrongSecret`]. It has the length of a real one and is a part of none.
pub const WRONG_SECRET: &str = "this-is-not-the-secret-of-the-app-000000";

/// The required variables that are unset or blank.
fn missing(identity: Identity, variables: &BTreeMap<String, String>) -> Vec<&'static str> {
    let required = identity.needs().required.iter().copied();
    required.filter(|name| set(variables, name).is_none()).collect()
}

/// The notice of a test that is skipped.
fn decide(identity: Identity, missing: &[&str], is_ci: bool) -> Result<String> {
    let missing = missing.join(", ");
    if is_ci {
        bail!(
            "{identity:?} needs {missing}, and CI=true skips no test; crates/live/README.md has the variables"
        );
    }
    Ok(format!("SKIPPED {identity:?}: it needs {missing}; crates/live/README.md has the variables\n"))
}

fn set<'a>(variables: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}

/// The variable that names a user-assigned identity; none: the system-assigned one.
fn managed_identity(variables: &BTreeMap<String, String>) -> Result<Option<(String, String)>> {
    match set(variables, identity::MANAGED_IDENTITY) {
        Some("system-assigned") => Ok(None),
        Some(id) if is_id(id) => Ok(Some((identity::CLIENT_ID.to_owned(), id.to_owned()))),
        _ => bail!("LIVE_MANAGED_IDENTITY is neither system-assigned nor a client id"),
    }
}

/// The folders of the files that the variables name, and Azure Arc's if it is there.
fn folders(identity: Identity, env: &BTreeMap<String, String>) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for name in [identity::CERTIFICATE_PATH, identity::TOKEN_FILE, identity::CONFIG_DIR] {
        let Some(path) = env.get(name).map(Path::new) else { continue };
        // cargo runs a test in its crate's folder, which is not where a relative path was meant.
        ensure!(path.is_absolute(), "{name} is no absolute path");
        let folder = if name == identity::CONFIG_DIR { Some(path) } else { path.parent() };
        folders.push(folder.with_context(|| format!("{name} names no file"))?.to_owned());
    }
    let arc = PathBuf::from("/var/opt/azcmagent/tokens");
    if identity == Identity::ManagedIdentity && arc.is_dir() {
        folders.push(arc);
    }
    Ok(folders)
}

/// Whether a text is an id (RFC 9562).
fn is_id(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|it| it == '-' || it.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
