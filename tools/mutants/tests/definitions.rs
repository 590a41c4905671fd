//! The definitions fit the source and SECURITY.md. The mutants themselves are not run here: they take about an hour.

use anyhow::Result;
use mutants::definitions::Definitions;
use mutants::run::document;
use mutants::{table, workspace};

#[test]
fn every_mutant_fits_the_source() -> Result<()> {
    Definitions::read()?.check(&workspace())
}

#[test]
fn the_table_of_security_md_has_a_row_for_each_mutant() -> Result<()> {
    table::check(&std::fs::read_to_string(document())?, &Definitions::read()?.mutants)
}
