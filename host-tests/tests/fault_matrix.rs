//! The fault matrix, every source × every fault (`src/fault_matrix.rs`). `UPDATE_EXPECT=1` rewrites the golden tables;
//! the rules must hold all the same.

use anyhow::Result;
use azure_identity_component::sources::{DEFAULT, managed_identity::HOSTS};
use golden::expect_file;
use host_tests::edition::Edition;
use host_tests::fault_matrix::{SOURCES, faults, run, table};
use host_tests::guest::{Guest, Start};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use wit_parser::Resolve;

#[test]
fn every_fault_in_every_source_satisfies_the_rules_and_matches_the_tables() -> Result<()> {
    let start: Start = |environment| Box::pin(Guest::start(environment));
    let faults = faults::all();
    let rows = run(start, SOURCES, &faults)?;
    let mut violations = Vec::new();
    for row in &rows {
        for (point, cells) in row.source.points.iter().zip(&row.cells) {
            for (fault, cell) in cells {
                let place = format!("{} · {point} · {}", row.source.name, faults[*fault].name);
                violations.extend(cell.violations.iter().map(|rule| format!("{place}: {rule}")));
            }
        }
    }
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
    let cells: usize = rows.iter().flat_map(|row| &row.cells).map(Vec::len).sum();
    println!("{cells} cells of {} sources and {} faults", rows.len(), faults.len());
    for row in &rows {
        expect_file![table_of(&row.source.name)].assert_eq(&table::of_source(row, &faults));
    }
    expect_file![tables().join("overview.txt")].assert_eq(&table::overview(&rows, &faults));
    Ok(())
}

/// The edition for WASI 0.2 writes the tables, so this one is compared with them even when they are updated.
#[test]
fn the_edition_for_wasi_0_3_matches_the_same_tables() -> Result<()> {
    let start: Start = |mut environment| {
        environment.edition = Edition::Wasi03;
        Box::pin(Guest::start(environment))
    };
    let faults = faults::all();
    let mut differences = Vec::new();
    for row in run(start, SOURCES, &faults)? {
        let expected = std::fs::read_to_string(table_of(&row.source.name))?;
        let actual = table::of_source(&row, &faults);
        let diff = similar::TextDiff::from_lines(&expected, &actual).unified_diff().to_string();
        if !diff.is_empty() {
            differences.push(format!("{}:\n{diff}", row.source.name));
        }
    }
    assert!(differences.is_empty(), "{} tables differ:\n{}", differences.len(), differences.join("\n"));
    Ok(())
}

#[test]
fn every_source_and_every_function_that_creates_a_credential_has_a_row() -> Result<()> {
    let kinds: BTreeSet<_> = SOURCES.iter().filter_map(|case| case.split('/').next()).collect();
    let mut needed: BTreeSet<String> = DEFAULT.iter().map(|source| source.name.to_owned()).collect();
    needed.extend(functions_that_create_credentials()?);
    // The folders of cases have other names.
    let renamed = |name: &str| match name {
        "default-chain" => "default".to_owned(),
        "begin-authorization-code" => "authorization-code".to_owned(),
        "begin-device-code" => "device-code".to_owned(),
        name => name.to_owned(),
    };
    let missing: Vec<_> =
        needed.iter().map(|it| renamed(it)).filter(|it| !kinds.contains(it.as_str())).collect();
    assert_eq!(missing, Vec::<String>::new());
    let overview = std::fs::read_to_string(tables().join("overview.txt"))?;
    assert!(SOURCES.iter().all(|case| overview.contains(case)), "the overview lacks a source");
    Ok(())
}

#[test]
fn every_host_of_managed_identity_has_a_row() {
    let tables: String =
        SOURCES.iter().filter_map(|case| std::fs::read_to_string(table_of(case)).ok()).collect();
    for (_, host) in HOSTS {
        assert!(tables.contains(&format!("token of {}\n", host.source)), "{} has no row", host.source);
    }
}

/// The kinds of credentials in `wit/0.2/credentials`, and the sign-ins that lead to one.
fn functions_that_create_credentials() -> Result<Vec<String>> {
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit/0.2");
    resolve.push_dir(&wit)?;
    let (package, _) = resolve.push_dir(wit.join("credentials"))?;
    let interfaces = resolve.packages[package].interfaces.values();
    let functions = interfaces.flat_map(|interface| resolve.interfaces[*interface].functions.keys());
    let created = functions.filter_map(|name| {
        let kind = name.strip_prefix("[static]credential-builder.");
        kind.or_else(|| {
            name.strip_prefix("[method]sign-in-builder.").filter(|name| name.starts_with("begin-"))
        })
    });
    Ok(created.map(ToOwned::to_owned).collect())
}

/// The golden table of a case.
fn table_of(case: &str) -> PathBuf {
    tables().join(format!("{}.txt", case.replace('/', "-")))
}

fn tables() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fault_matrix")
}
