//! Runs every folder of `cases/` with both editions, each as a test of its own, and checks that no source lacks a case.

use anyhow::{Result, ensure};
use host_tests::case::{Case, Sort, run::run};
use host_tests::edition::Edition;
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let mut trials =
        vec![Trial::test("every_source_has_a_case_of_every_sort", || complete().map_err(failed))];
    for folder in Case::all()? {
        let name: Vec<_> = folder.iter().rev().take(2).map(|part| part.to_string_lossy()).collect();
        for edition in Edition::ALL {
            let folder = folder.clone();
            let name = format!("{}/{} ({})", name[1], name[0], edition.name());
            trials.push(Trial::test(name, move || run(&folder, edition).map_err(failed)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn failed(error: anyhow::Error) -> Failed {
    format!("{error:#}").into()
}

/// Adding a source is five steps; this is the one that is forgotten.
fn complete() -> Result<()> {
    let cases = Case::all()?.iter().map(|folder| Case::read(folder)).collect::<Result<Vec<_>>>()?;
    let sources = azure_identity_component::sources::DEFAULT.iter().map(|source| source.name);
    for source in sources.chain(CONFIGURED_BY_APPS) {
        let have: BTreeSet<Sort> =
            cases.iter().filter(|case| case.kind() == source).map(|case| case.sort).collect();
        let needed = [Sort::Success, Sort::Unavailable, Sort::Rejected, Sort::Hostile];
        // What an app configures itself is never unavailable.
        let needed = needed
            .into_iter()
            .filter(|sort| !CONFIGURED_BY_APPS.contains(&source) || *sort != Sort::Unavailable);
        let missing: Vec<_> = needed.filter(|sort| !have.contains(sort)).collect();
        ensure!(missing.is_empty(), "cases/{source} has no case of these sorts: {missing:?}");
    }
    Ok(())
}

/// The credentials that are in no default chain.
const CONFIGURED_BY_APPS: [&str; 7] = [
    "authorization-code",
    "azure-pipelines",
    "client-assertion",
    "client-secret",
    "device-code",
    "on-behalf-of",
    "username-password",
];
