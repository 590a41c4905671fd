//! Compares the component with the recorded behaviour of the Azure SDKs, case by case.
//!
//! | module | contents |
//! |---|---|
//! | [`case`] | a case: environment, calls, and the observed behaviour of each SDK |
//! | [`corpus`] | reads and writes the cases of a folder |
//! | [`folder`] | lists folders |
//! | [`recording`] | converts the recordings of the SDKs into cases |
//! | [`azure_cli`] | converts recorded `.azure` folders into cases |
//! | [`request`] | requests in the form in which they are compared |
//! | [`script`], [`response`], [`default_response`] | the simulated network of a case: its rules, and Azure's default responses |
//! | [`credential`] | the constructors of azure-identity for Python, as functions of `wit/0.2/credentials` |
//! | [`replay`] | runs the component through a case |
//! | [`outcome`] | maps error kinds of the SDKs to those of the component |
//! | [`compare`], [`align`], [`probe`], [`request_differences`], [`retries`] | the differences between an SDK and the component |
//! | [`facts`] | the facts about a call that a rule may require |
//! | [`divergences`] | the rules for intended differences, each with its reason |
//! | [`verdict`] | the verdict on a case |
//! | [`show`] | prints one case, the component beside each SDK |
//!
//! A case **agrees** when, call by call, outcome, token, expiry and requests equal those of one SDK.
//! It **diverges** when a rule of `corpus/divergences.toml` excuses every difference from one SDK. It is
//! **not applicable** when its credential cannot be expressed in WIT. Otherwise it **fails**.

pub mod align;
pub mod azure_cli;
pub mod case;
pub mod compare;
pub mod corpus;
pub mod credential;
pub mod default_response;
pub mod divergences;
pub mod facts;
pub mod folder;
pub mod outcome;
pub mod probe;
pub mod recording;
pub mod replay;
pub mod request;
pub mod request_differences;
pub mod response;
pub mod retries;
pub mod script;
pub mod show;
pub mod verdict;

use std::path::PathBuf;

/// The folder of the cases that are part of the project.
pub fn project_corpus() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"))
}
