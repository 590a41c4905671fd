//! The fault matrix: every source × every fault, generated.
//!
//! A row is the first call of a case that succeeds, so no scenario is described twice. [`baseline`] runs it without
//! a fault and records its *fault points*: each request that it sends, each file of the case, and the call as a
//! whole. Then each fault of [`faults::all`] is injected at each point that it fits, in an instance and on a clock
//! of its own. A fault that does not fit any point of a row (a request has no file that could be missing) is `-`.
//! After each call the fault is removed and the source is called again.
//!
//! [`rules`] hold in every cell, independent of the golden tables.

pub mod baseline;
pub mod cell;
mod environment;
pub mod fault_point;
pub mod faults;
mod file_fault;
pub mod rules;
mod run_cell;
pub mod source;
pub mod table;

use crate::guest::Start;
use anyhow::Result;
use cell::Cell;
use faults::Fault;
use source::Source;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The cases that represent the sources.
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
    "client-secret/authority-validated",
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

/// A source with its cells.
pub struct Row {
    /// The source.
    pub source: Source,
    /// For each fault point: the index of each fault that fits, and its cell.
    pub cells: Vec<Vec<(usize, Cell)>>,
}

/// Runs the matrix, on as many threads as there are processors.
///
/// # Errors
/// When a source returns no token without a fault.
pub fn run(start: Start, sources: &[&str], faults: &[Fault]) -> Result<Vec<Row>> {
    let sources = sources.iter().map(|case| baseline::record(case, start)).collect::<Result<Vec<_>>>()?;
    let mut trials = Vec::new();
    for (s, source) in sources.iter().enumerate() {
        for (p, point) in source.points.iter().enumerate() {
            let fitting = faults.iter().enumerate().filter(|(_, fault)| fault.fits(point));
            trials.extend(fitting.map(|(f, _)| (s, p, f)));
        }
    }
    let (next, finished) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(&(s, p, f)) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
            let cell = run_cell::run_cell(&sources[s], &sources[s].points[p], &faults[f], start);
            finished.lock().expect("no worker panics").push((s, p, f, cell));
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
    let mut finished = finished.into_inner().expect("no worker panics");
    finished.sort_by_key(|(s, p, f, _)| (*s, *p, *f));
    let empty = |source: &Source| source.points.iter().map(|_| Vec::new()).collect();
    let mut rows: Vec<Row> =
        sources.into_iter().map(|source| Row { cells: empty(&source), source }).collect();
    for (s, p, f, cell) in finished {
        rows[s].cells[p].push((f, cell));
    }
    Ok(rows)
}
