//! The attacks of the attack suite. Each must fail with at least one mutant: an attack that no rule defeats shows nothing.

use crate::outcome::Outcome;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::path::Path;

/// The attacks that fail with none of the mutants.
///
/// # Errors
/// When the tables of the attack suite cannot be read.
pub fn without_effect<'a>(
    root: &Path,
    outcomes: impl IntoIterator<Item = &'a Outcome>,
) -> Result<BTreeSet<String>> {
    let mut attacks = all(&root.join(FOLDER))?;
    for outcome in outcomes {
        attacks.retain(|id| !outcome.attacks.contains(id));
    }
    Ok(attacks)
}

/// The ids in the tables of a folder.
fn all(folder: &Path) -> Result<BTreeSet<String>> {
    let mut ids = BTreeSet::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(ids) };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path)?;
            let table: toml::Table =
                toml::from_str(&text).with_context(|| format!("{} is malformed", path.display()))?;
            collect(&toml::Value::Table(table), &mut ids);
        }
    }
    Ok(ids)
}

/// Collects the values of all keys `id`.
fn collect(value: &toml::Value, ids: &mut BTreeSet<String>) {
    match value {
        toml::Value::Array(values) => values.iter().for_each(|value| collect(value, ids)),
        toml::Value::Table(table) => {
            ids.extend(table.get("id").and_then(toml::Value::as_str).map(str::to_owned));
            table.values().for_each(|value| collect(value, ids));
        }
        _ => {}
    }
}

/// The folder of the attack suite.
const FOLDER: &str = "host-tests/tests/http_auth/attacks";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attack_has_an_id_wherever_it_stands_in_a_table() -> Result<()> {
        let table: toml::Table =
            toml::from_str("[[attack]]\nid = 'a'\n[[attack]]\nid = 'b'\n[other]\nx = 1")?;
        let mut ids = BTreeSet::new();
        collect(&toml::Value::Table(table), &mut ids);
        assert_eq!(ids, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
        Ok(())
    }
}
