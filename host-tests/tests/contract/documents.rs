//! The book, SECURITY.md and ARCHITECTURE.md agree with the code.

use crate::markdown::{quoted, table};
use crate::{crate_root, files, read, root};
use anyhow::{Context, Result};
use azure_identity_component::sources::DEFAULT;
use std::collections::BTreeSet;
use std::fs;

#[test]
fn the_page_on_credentials_lists_the_sources_of_the_default_chain_in_order() -> Result<()> {
    let listed = table(&read("docs/credentials/overview.md")?, "sources")?;
    let listed: Vec<_> = listed.iter().map(|row| (quoted(&row[0]), quoted(&row[1]))).collect();
    let expected: Vec<_> = DEFAULT
        .iter()
        .map(|source| (vec![source.name.to_owned()], vec![source.sdk_name.to_owned()]))
        .collect();
    assert_eq!(listed, expected);
    Ok(())
}

#[test]
fn the_page_on_configuration_lists_every_variable_that_the_code_reads() -> Result<()> {
    let rows = table(&read("docs/configuration.md")?, "variables")?;
    let listed: BTreeSet<_> = rows.iter().flat_map(|row| quoted(&row[0])).collect();
    // Every constant that is spelled like a variable is the name of one.
    let name = regex::Regex::new(
        r#""([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|HOME|LOCALAPPDATA|PROGRAMDATA|ProgramData|USERPROFILE)""#,
    )?;
    // Read while the component is compiled, and not by it.
    let of_cargo = regex::Regex::new(r#"env!\("[A-Z_]+"\)"#)?;
    let mut read_by_code = BTreeSet::new();
    for file in files(&root().join("src"), "rs")? {
        // Folders of tests have names of their own, e.g. cargo's variables.
        if file.parent().is_some_and(|folder| folder.ends_with("tests")) {
            continue;
        }
        let text = fs::read_to_string(file)?;
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let code = of_cargo.replace_all(code, "");
        read_by_code.extend(name.captures_iter(&code).map(|found| found[1].to_owned()));
    }
    assert_eq!(listed, read_by_code);
    Ok(())
}

#[test]
fn the_page_on_configuration_names_variables_that_the_middlewares_read() -> Result<()> {
    for row in table(&read("docs/configuration.md")?, "middleware-variables")? {
        let name = quoted(&row[0]).pop().context("a row names a middleware")?;
        let mut code = String::new();
        for folder in
            [format!("middleware/{name}"), "crates/http-auth-rules".into(), "crates/token-cache".into()]
        {
            for file in files(&root().join(folder), "rs")? {
                code += &fs::read_to_string(file)?;
            }
        }
        let unread: Vec<_> =
            quoted(&row[1]).into_iter().filter(|it| !code.contains(&format!("\"{it}\""))).collect();
        assert_eq!(unread, Vec::<String>::new(), "{name}");
    }
    Ok(())
}

#[test]
fn every_test_that_security_md_names_exists() -> Result<()> {
    let code = all_tests()?;
    let named = quoted(&read("SECURITY.md")?).into_iter().filter(|name| name.matches('_').count() > 2);
    // Names of variables are upper case.
    let named = named.filter(|name| !name.contains(|it: char| "/ ".contains(it) || it.is_uppercase()));
    let missing: Vec<_> = named.filter(|name| !exists(&code, name)).collect();
    assert_eq!(missing, Vec::<String>::new());
    Ok(())
}

#[test]
fn every_rule_of_the_architecture_has_tests_that_exist() -> Result<()> {
    let architecture = read("ARCHITECTURE.md")?;
    let (_, rules) = architecture.split_once("\n## 5. Security").context("no section on security")?;
    let rules = rules.split("\n## ").next().unwrap_or_default().lines();
    let rules: BTreeSet<_> = rules.filter_map(|line| Some(line.split_once(". ")?.0.to_owned())).collect();
    let rules: BTreeSet<_> = rules.into_iter().filter(|rule| rule.parse::<u8>().is_ok()).collect();
    assert!(rules.len() >= 8, "{rules:?}");
    let (security, code) = (read("SECURITY.md")?, all_tests()?);
    for (name, column) in [("rules", 3), ("torn", 2)] {
        let rows = table(&security, name)?;
        let listed: BTreeSet<_> =
            rows.iter().map(|row| row[0].clone()).filter(|rule| !is_beside(rule)).collect();
        assert_eq!(listed, rules, "the rules of the table {name}, and those of ARCHITECTURE §5");
        for row in &rows {
            let tests = quoted(&row[column]);
            assert!(!tests.is_empty(), "no test covers this rule: {row:?}");
            let missing: Vec<_> = tests.iter().filter(|test| !exists(&code, test)).collect();
            assert!(missing.is_empty(), "{row:?} names tests that do not exist: {missing:?}");
        }
    }
    Ok(())
}

#[test]
fn every_rule_of_http_auths_threat_model_has_tests_and_was_taken_out() -> Result<()> {
    let (readme, code) = (read("middleware/http-auth/README.md")?, all_tests()?);
    let rows = table(&readme, "threats")?;
    let torn = table(&read("SECURITY.md")?, "torn")?;
    for (number, row) in (1..).zip(&rows) {
        assert_eq!(row[0], format!("H{number}"));
        let tests = quoted(&row[3]);
        assert!(!tests.is_empty(), "no test attacks this rule: {row:?}");
        let missing: Vec<_> = tests.iter().filter(|test| !exists(&code, test)).collect();
        assert!(missing.is_empty(), "{row:?} names tests that do not exist: {missing:?}");
        assert!(torn.iter().any(|torn| torn[0] == row[0]), "the rule was never taken out: {row:?}");
    }
    assert!(rows.len() >= 13, "{rows:?}");
    Ok(())
}

/// Whether a rule is not of ARCHITECTURE §5: another one of it, or one of a middleware.
fn is_beside(rule: &str) -> bool {
    ["§4", "allow-scopes", "fleet"].contains(&rule) || rule.starts_with('H')
}

/// The code of all tests.
fn all_tests() -> Result<String> {
    let mut code = String::new();
    let folders = ["src", "crates", "host-tests", "hosts", "middleware", "fuzz/targets", "tools/components"]
        .map(|folder| root().join(folder));
    for folder in folders {
        for file in files(&folder, "rs")? {
            code += &fs::read_to_string(file)?;
        }
    }
    Ok(code)
}

/// Whether there is a test of that name: a function, `cases/<kind>/<name>`, `fuzz/<target>`, `attacks/<id>` or `attacks/<file>`.
fn exists(code: &str, test: &str) -> bool {
    match test.split_once('/') {
        Some(("cases", _)) => crate_root().join(test).join("case.toml").is_file(),
        Some(("fuzz", target)) => {
            root().join("fuzz/fuzz_targets").join(format!("{target}.rs")).is_file()
                && code.contains(&format!("name: \"{target}\""))
        }
        Some(("attacks", name)) => {
            crate_root().join(ATTACKS).join(format!("{name}.toml")).is_file()
                || attack_tables().contains(&format!("id = \"{name}\""))
        }
        _ => code.contains(&format!("fn {test}(")),
    }
}

const ATTACKS: &str = "tests/http_auth/attacks";

/// The tables of the attack suite.
fn attack_tables() -> String {
    let tables = files(&crate_root().join(ATTACKS), "toml").unwrap_or_default();
    tables.iter().filter_map(|table| fs::read_to_string(table).ok()).collect()
}
