//! Every source × every fault (`src/fault_matrix.rs`). The tables are golden; the rules are not: a cell that
//! breaks one fails, whatever `BLESS=1` wrote.

use anyhow::Result;
use azure_identity_component::sources::{DEFAULT, managed_identity::HOSTS};
use host_tests::case::golden::golden;
use host_tests::edition::Edition;
use host_tests::fault_matrix::{SOURCES, Start, faults, play, table};
use host_tests::guest::Guest;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use wit_parser::{Resolve, TypeDefKind};

#[test]
fn every_fault_in_every_source_is_told_and_passes() -> Result<()> {
    let start: Start = |surroundings| Box::pin(Guest::start(surroundings));
    let faults = faults::all();
    let rows = play(start, SOURCES, &faults)?;
    let bless = std::env::var_os("BLESS").is_some_and(|bless| bless == "1");
    let mut wrong = Vec::new();
    for row in &rows {
        for (leg, cells) in row.source.legs.iter().zip(&row.cells) {
            for (fault, cell) in cells {
                let place = format!("{} · {leg} · {}", row.source.name, faults[*fault].name);
                wrong.extend(cell.wrong.iter().map(|what| format!("{place}: {what}")));
            }
        }
        let file = row.source.name.replace('/', "-");
        let outcome = golden(&tables().join(format!("{file}.txt")), &table::of_source(row, &faults), bless);
        wrong.extend(outcome.err().map(|error| format!("{error:#}")));
    }
    let overview = golden(&tables().join("overview.txt"), &table::overview(&rows, &faults), bless);
    wrong.extend(overview.err().map(|error| format!("{error:#}")));
    let cells: usize = rows.iter().flat_map(|row| &row.cells).map(Vec::len).sum();
    println!("{cells} cells of {} sources and {} faults", rows.len(), faults.len());
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

/// The same tables, from the edition for WASI 0.3.
#[test]
fn the_other_edition_does_the_same() -> Result<()> {
    let start: Start = |mut surroundings| {
        surroundings.edition = Edition::Wasi03;
        Box::pin(Guest::start(surroundings))
    };
    let faults = faults::all();
    let mut wrong = Vec::new();
    for row in play(start, SOURCES, &faults)? {
        let file = tables().join(format!("{}.txt", row.source.name.replace('/', "-")));
        let (known, found) = (std::fs::read_to_string(file)?, table::of_source(&row, &faults));
        let diff = similar::TextDiff::from_lines(&known, &found).unified_diff().to_string();
        if !diff.is_empty() {
            wrong.push(format!("{}:\n{diff}", row.source.name));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

#[test]
fn no_source_and_no_function_of_the_interface_is_forgotten() -> Result<()> {
    let kinds: BTreeSet<_> = SOURCES.iter().filter_map(|case| case.split('/').next()).collect();
    let mut needed: BTreeSet<String> = DEFAULT.iter().map(|source| source.name.to_owned()).collect();
    needed.extend(functions_that_make_credentials()?);
    // By other names in the cases.
    let renamed = |name: &str| match name {
        "default-chain" => "default".to_owned(),
        "begin-authorization-code" => "authorization-code".to_owned(),
        name => name.to_owned(),
    };
    let missing: Vec<_> =
        needed.iter().map(|it| renamed(it)).filter(|it| !kinds.contains(it.as_str())).collect();
    assert_eq!(missing, Vec::<String>::new());
    let known = std::fs::read_to_string(tables().join("overview.txt"))?;
    assert!(SOURCES.iter().all(|case| known.contains(case)), "the overview is not of these sources");
    Ok(())
}

#[test]
fn every_host_of_managed_identity_has_a_row() {
    let known: String = SOURCES
        .iter()
        .filter_map(|case| {
            std::fs::read_to_string(tables().join(format!("{}.txt", case.replace('/', "-")))).ok()
        })
        .collect();
    for (_, host) in HOSTS {
        assert!(known.contains(&format!("token of {}\n", host.source)), "{} has no row", host.source);
    }
}

/// The functions of `wit/0.2/credentials.wit` that return a credential, or a flow that gives one.
fn functions_that_make_credentials() -> Result<Vec<String>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit/0.2"))?;
    let interface = &resolve.interfaces[resolve.packages[package].interfaces["credentials"]];
    let made = interface.functions.iter().filter(|(_, function)| {
        let is_result = function.result.is_some_and(|result| match result {
            wit_parser::Type::Id(id) => matches!(resolve.types[id].kind, TypeDefKind::Result(_)),
            _ => false,
        });
        is_result && matches!(function.kind, wit_parser::FunctionKind::Freestanding)
    });
    Ok(made.map(|(name, _)| name.clone()).collect())
}

fn tables() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fault_matrix")
}
