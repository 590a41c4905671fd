//! The table "What happens without a rule" of SECURITY.md.

use crate::definitions::Mutant;
use crate::outcome::Outcome;
use anyhow::{Context, Result, ensure};

/// The document with the table that the outcomes give. The row of a mutant without an outcome stays as it is.
///
/// # Errors
/// When the document has no table, or no row for a mutant without an outcome.
pub fn replace<'a>(
    document: &str,
    outcomes: impl IntoIterator<Item = (&'a Mutant, Option<Outcome>)>,
) -> Result<String> {
    let (before, table, after) = split(document)?;
    let mut rows = String::new();
    for (mutant, outcome) in outcomes {
        let start = start(mutant);
        let row = match outcome {
            Some(outcome) => format!("{start}{} |\n", cell(&outcome)),
            None => {
                let row = table.lines().find(|line| line.starts_with(&start));
                format!(
                    "{}\n",
                    row.with_context(|| format!("run {}: the table has no row of it", mutant.id))?
                )
            }
        };
        rows += &row;
    }
    Ok(format!("{before}{HEADER}{rows}{after}"))
}

/// Checks that the table has a row for each mutant, in the same order, and no other one.
///
/// # Errors
/// With the first row that differs.
pub fn check(document: &str, mutants: &[Mutant]) -> Result<()> {
    let (_, table, _) = split(document)?;
    let rows: Vec<&str> = table.lines().skip(2).collect();
    for (number, mutant) in mutants.iter().enumerate() {
        let row = rows.get(number).copied().unwrap_or_default();
        let start = start(mutant);
        ensure!(
            row.starts_with(&start),
            "row {} of the table must begin with\n{start}\nand is\n{row}",
            number + 1
        );
    }
    ensure!(rows.len() == mutants.len(), "the table has {} rows for {} mutants", rows.len(), mutants.len());
    Ok(())
}

/// The document before the table, the table, and the document after it.
fn split(document: &str) -> Result<(&str, &str, &str)> {
    let start = document.find(MARK).context("SECURITY.md has no table of mutants")? + MARK.len();
    let (before, rest) = document.split_at(start);
    let length = rest.split_inclusive('\n').take_while(|line| line.starts_with('|')).map(str::len).sum();
    let (table, after) = rest.split_at(length);
    Ok((before, table, after))
}

/// The first two cells of a row.
fn start(mutant: &Mutant) -> String {
    format!("| {} | {} | ", mutant.rule, mutant.removed)
}

/// What failed.
fn cell(outcome: &Outcome) -> String {
    let attacks: Vec<String> = outcome.attacks.iter().map(|id| format!("attacks/{id}")).collect();
    // The attack suite is one test for each edition; its attacks say more.
    let suite = |name: &&String| attacks.is_empty() || !name.starts_with(ATTACK_SUITE);
    let tests: Vec<String> = outcome.failed.iter().filter(suite).cloned().collect();
    let parts = [listed(&tests), listed(&attacks)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let remark = outcome.remark.iter().map(|remark| format!(" ({remark})")).collect::<String>();
    if parts.is_empty() { "**nothing**".to_owned() } else { parts.join("; ") + &remark }
}

/// The first names, and the number of the others; `None`: there are no names.
fn listed(names: &[String]) -> Option<String> {
    let (shown, others) = names.split_at(names.len().min(SHOWN));
    let shown: Vec<String> = shown.iter().map(|name| format!("`{name}`")).collect();
    let shown = (!shown.is_empty()).then(|| shown.join(", "))?;
    Some(if others.is_empty() { shown } else { format!("{shown} and {} more", others.len()) })
}

const MARK: &str = "<!-- tested: torn -->\n";
const HEADER: &str = "| rule | taken out | what failed |\n|---|---|---|\n";
/// The number of tests, and of attacks, that a row names.
const SHOWN: usize = 3;
/// How the names of the tests of the attack suite begin.
const ATTACK_SUITE: &str = "every_attack_is_met";

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(id: &str) -> Mutant {
        let (id, rule, removed) = (id.to_owned(), "1".to_owned(), format!("rule {id}"));
        Mutant { id, rule, removed, edits: Vec::new(), suites: Vec::new() }
    }

    fn outcome(failed: &[&str], attacks: &[&str]) -> Outcome {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        Outcome { failed: names(failed), attacks: names(attacks).into_iter().collect(), ..Outcome::default() }
    }

    const DOCUMENT: &str = "before\n<!-- tested: torn -->\n| rule | taken out | what failed |\n|---|---|---|\n| 1 | rule a | `old` |\nafter\n";

    #[test]
    fn rows_are_written_and_those_of_mutants_that_did_not_run_are_kept() -> Result<()> {
        let (a, b) = (mutant("a"), mutant("b"));
        let new = replace(DOCUMENT, [(&a, None), (&b, Some(outcome(&["t"], &["x", "y"])))])?;
        let expected = DOCUMENT.replace("after", "| 1 | rule b | `t`; `attacks/x`, `attacks/y` |\nafter");
        assert_eq!(new, expected);
        check(&new, &[a, b])?;
        assert!(replace(DOCUMENT, [(&mutant("b"), None)]).is_err());
        Ok(())
    }

    #[test]
    fn a_table_with_other_rows_than_the_mutants_is_refused() {
        assert!(check(DOCUMENT, &[mutant("a")]).is_ok());
        for mutants in [vec![], vec![mutant("b")], vec![mutant("a"), mutant("b")]] {
            assert!(check(DOCUMENT, &mutants).is_err(), "{mutants:?}");
        }
    }

    #[test]
    fn a_cell_names_a_few_tests_and_counts_the_others() {
        assert_eq!(cell(&outcome(&["a", "b", "c", "d", "e"], &[])), "`a`, `b`, `c` and 2 more");
        assert_eq!(cell(&outcome(&["every_attack_is_met_as_its_row_says"], &["x"])), "`attacks/x`");
        let hanging = Outcome { remark: Some("it never ends".into()), ..outcome(&["a"], &[]) };
        assert_eq!(cell(&hanging), "`a` (it never ends)");
        assert_eq!(cell(&Outcome::default()), "**nothing**");
    }
}
