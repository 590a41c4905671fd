//! Does the component do what the Azure SDKs do? Their recorded behaviour, case by case, against ours.
//!
//! | file | what |
//! |---|---|
//! | [`corpus`] | the cases: what surrounds a credential, what was asked, what each SDK did |
//! | [`recording`] | reads the recordings into that form |
//! | [`azure_cli`] | turns recorded `.azure` folders into cases |
//! | [`request`] | requests as they are compared |
//! | [`script`] | the network of a case: its rules, and what Azure answers by default |
//! | [`response`] | what a rule answers |
//! | [`credential`] | the constructors of azure-identity for Python, as functions of `wit/0.2/credentials.wit` |
//! | [`perform`] | runs the component through a case |
//! | [`outcome`] | which of our error kinds is which of theirs |
//! | [`judge`], [`align`], [`retries`] | what differs |
//! | [`divergences`] | which differences are meant, and why |
//! | [`verdict`] | all cases, judged |
//! | [`show`] | one case, ours beside theirs, for people |
//!
//! A case **agrees** when, call by call, outcome, token, expiry and requests equal those of one SDK.
//! It **diverges** when every difference from one SDK has a reason in `corpus/divergences.toml`,
//! is **not applicable** when it needs what no component can have, and **fails** otherwise.

pub mod align;
pub mod azure_cli;
pub mod corpus;
pub mod credential;
pub mod divergences;
pub mod judge;
pub mod outcome;
pub mod perform;
pub mod recording;
pub mod request;
pub mod response;
pub mod retries;
pub mod script;
pub mod show;
pub mod verdict;

use std::path::PathBuf;

/// The cases that come with the project.
pub fn vendored() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"))
}
