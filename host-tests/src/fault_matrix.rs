//! Every source × every fault, generated: what comes of each, and what must come of all.
//!
//! A row is the first call of a case that succeeds, so nothing is written down twice. It is played once as
//! it is, which shows its *legs*: every request it sends, every file it is given, and the call as a whole.
//! Then every fault of [`faults::all`] happens to every leg of its kind, in an instance of its own on a
//! clock of its own; a fault that a leg cannot have (a request has no file that could be missing) is `-`.
//! After each, whatever was wrong is mended and the source is asked again.
//!
//! [`rules`] are what holds in every cell, whatever the golden tables say.

pub mod cell;
pub mod faults;
pub mod rules;
pub mod source;
pub mod table;
mod world;

use crate::guest::Guest;
use crate::surroundings::Surroundings;
use anyhow::Result;
use cell::Cell;
use faults::Fault;
use futures_util::future::LocalBoxFuture;
use source::Source;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What starts a guest: which edition it is, the matrix does not care.
pub type Start = fn(Surroundings) -> LocalBoxFuture<'static, Result<Guest>>;

/// The cases that stand for the sources.
pub const SOURCES: &[&str] = &[
    "environment/client-secret",
    "environment/certificate-pem",
    "environment/username-password",
    "workload-identity/service-account",
    "managed-identity/system-assigned",
    "managed-identity/app-service-success",
    "managed-identity/service-fabric-success",
    "managed-identity/arc-success",
    "managed-identity/ml-success",
    "managed-identity/cloud-shell-success",
    "managed-identity/aks",
    "shared-token-cache/account-of-environment",
    "azure-cli/refresh-token",
    "azure-cli/certificate",
    "azure-cli/managed-identity",
    "azure-cli/saved-token",
    "azure-developer-cli/user",
    "client-secret/success",
    "client-secret/authority-vouched-for",
    "client-certificate/pem",
    "client-assertion/text",
    "client-assertion/file-replaced",
    "client-assertion/managed-identity",
    "azure-pipelines/service-connection",
    "on-behalf-of/secret",
    "authorization-code/own-code",
    "authorization-code/browser",
    "device-code/wait",
    "username-password/password",
    "default/managed-identity",
    "default/environment-first",
    "chain/cache",
];

/// A source with all its cells, those of a leg together.
pub struct Row {
    /// The source.
    pub source: Source,
    /// For each leg, each fault that it can have and what came of it.
    pub cells: Vec<Vec<(usize, Cell)>>,
}

/// Plays the matrix, on as many threads as there are processors.
///
/// # Errors
/// When a source does not succeed with nothing wrong.
pub fn play(start: Start, sources: &[&str], faults: &[Fault]) -> Result<Vec<Row>> {
    let sources = sources.iter().map(|case| Source::learn(case, start)).collect::<Result<Vec<_>>>()?;
    let mut trials = Vec::new();
    for (s, source) in sources.iter().enumerate() {
        for (l, leg) in source.legs.iter().enumerate() {
            let fit = faults.iter().enumerate().filter(|(_, fault)| fault.fits(leg));
            trials.extend(fit.map(|(f, _)| (s, l, f)));
        }
    }
    let (next, played) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(&(s, l, f)) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
            let cell = cell::play(&sources[s], &sources[s].legs[l], &faults[f], start);
            played.lock().expect("no player panics").push((s, l, f, cell));
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
    let mut played = played.into_inner().expect("no player panics");
    played.sort_by_key(|(s, l, f, _)| (*s, *l, *f));
    let empty = |source: &Source| source.legs.iter().map(|_| Vec::new()).collect();
    let mut rows: Vec<Row> =
        sources.into_iter().map(|source| Row { cells: empty(&source), source }).collect();
    for (s, l, f, cell) in played {
        rows[s].cells[l].push((f, cell));
    }
    Ok(rows)
}
