//! A source: the case it is taken from, and the parts of its call that something may happen to.

use super::Start;
use super::world::World;
use crate::case::own_secrets::own_secrets;
use crate::case::via::Via;
use crate::case::{Call, Case};
use crate::journal::Sent;
use anyhow::{Context, Result, ensure};
use std::path::Path;

/// A source.
pub struct Source {
    /// Its case, e.g. `managed-identity/arc-success`.
    pub name: String,
    /// The case.
    pub case: Case,
    /// The files it is given, by absolute path.
    pub files: Vec<(String, Vec<u8>)>,
    /// What of the case is secret.
    pub secrets: Vec<(String, String)>,
    /// The parts of its call.
    pub legs: Vec<Leg>,
    /// Where its token comes from when nothing is wrong.
    pub label: String,
}

/// A part of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leg {
    /// The whole of it.
    Call,
    /// One of its requests.
    Request(Address),
    /// A file that it is given.
    File(String),
}

/// Which request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Host and port.
    pub authority: String,
    /// The path, without the query.
    pub path: String,
    /// How many requests to the same address come before it.
    pub after: u32,
    /// How many requests come before it.
    pub index: usize,
}

impl Source {
    /// Reads the case and plays its first call, with nothing wrong.
    pub fn learn(name: &str, start: Start) -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name);
        let case = Case::read(&folder)?;
        ensure!(
            case.azure.faults.is_empty() && !case.no_files && case.links.is_empty(),
            "{name} is no clean case"
        );
        let mut files = Vec::new();
        for (path, file) in &case.files {
            files.extend(file.read(path)?);
        }
        let secrets = own_secrets(&case, &files)?;
        let (name, legs, label) = (name.to_owned(), Vec::new(), String::new());
        let mut source = Self { name, case, files, secrets, legs, label };
        let (label, sent) = World::run(async {
            let mut world = World::furnish(&source, Vec::new(), None, start).await?;
            let outcome = world.ask(&source).await?;
            let token = outcome.map_err(|error| anyhow::anyhow!("no token: {}", error.message))?;
            Ok((token.source, world.sent()))
        })
        .with_context(|| format!("{} with nothing wrong", source.name))?;
        source.label = label;
        source.legs = source.legs_of(&sent);
        Ok(source)
    }

    /// What is asked.
    pub fn call(&self) -> &Call {
        &self.case.calls[0]
    }

    /// Whether what a user brought is good for one request to Microsoft Entra, so that after a failure
    /// there has to be another sign-in.
    pub fn works_once(&self) -> bool {
        matches!(
            self.call().via,
            Via::AuthorizationCode(_) | Via::BeginAuthorizationCode(_) | Via::DeviceCode(_)
        )
    }

    fn legs_of(&self, sent: &[Sent]) -> Vec<Leg> {
        let mut requests: Vec<Address> = Vec::new();
        // What a browser sent is not the component's affair.
        for request in sent.iter().filter(|sent| sent.timeouts.is_some()).map(|sent| &sent.request) {
            let authority = request.uri().authority().map_or("", |it| it.as_str()).to_owned();
            let path = request.uri().path().to_owned();
            let is_same = |it: &&Address| it.authority == authority && it.path == path;
            let after = requests.iter().filter(is_same).count() as u32;
            requests.push(Address { authority, path, after, index: requests.len() });
        }
        let files = self.files.iter().map(|(path, _)| Leg::File(path.clone()));
        [Leg::Call].into_iter().chain(requests.into_iter().map(Leg::Request)).chain(files).collect()
    }
}

impl std::fmt::Display for Leg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call => write!(f, "the call"),
            Self::Request(Address { authority, path, after: 0, .. }) => {
                write!(f, "request to {authority}{path}")
            }
            Self::Request(Address { authority, path, after, .. }) => {
                write!(f, "request {} to {authority}{path}", after + 1)
            }
            Self::File(path) => write!(f, "file {path}"),
        }
    }
}
