//! The pages on credentials and errors say what the test cases show.

use crate::markdown::{pages, quoted, rows, table};
use crate::{crate_root, files, read, root};
use anyhow::{Context, Result};
use azure_identity_component::entra::remedies::REMEDIES;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use wit_parser::Resolve;

#[test]
fn every_message_that_a_page_explains_is_one_that_a_case_shows() -> Result<()> {
    let golden = golden()?;
    let mut unknown = Vec::new();
    for (page, explained) in explained()? {
        let shown = |pattern: &String| golden.iter().any(|message| matches(message, pattern));
        unknown.extend(explained.into_iter().filter(|it| !shown(it)).map(|it| format!("{page}: {it}")));
    }
    assert_eq!(unknown, Vec::<String>::new());
    Ok(())
}

#[test]
fn every_message_that_a_case_shows_is_explained_on_the_page_of_its_source() -> Result<()> {
    let (explained, codes) = (explained()?, codes()?);
    let of_every_source = &explained["docs/errors.md"];
    let mut unexplained = Vec::new();
    for message in golden()? {
        let source = message.split(": ").nth(1).context("a golden error has a kind and a source")?;
        let patterns = pages_of(source)?.into_iter().filter_map(|page| explained.get(&page)).flatten();
        let is_explained = patterns.chain(of_every_source).any(|pattern| matches(&message, pattern))
            || codes.iter().any(|code| message.contains(&format!("AADSTS{code}")))
            || UNEXPLAINED.iter().any(|known| message.ends_with(known));
        if !is_explained {
            unexplained.push(message);
        }
    }
    assert_eq!(unexplained, Vec::<String>::new());
    Ok(())
}

/// Refusals without a description, and one whose code is not legible: no page can say more than they do.
const UNEXPLAINED: [&str; 3] = [
    "client-secret: 400 invalid_request",
    "environment: 400 interaction_required: no",
    "S7000215: Invalid client secret provided for this application; check the client secret: its value is meant, not its id",
];

#[test]
fn a_message_matches_a_pattern_with_gaps() {
    let message = "other: azure-cli: /home/user/a.json is not JSON; run: az login";
    for (pattern, expected) in [
        ("azure-cli: … is not JSON", true),
        ("… is not JSON; run: az login", true),
        ("is not JSON … azure-cli", false),
        ("environment: … is not JSON", false),
    ] {
        assert_eq!(matches(message, pattern), expected, "{pattern}");
    }
}

#[test]
fn a_credential_needs_what_its_case_used() -> Result<()> {
    let link = Regex::new(r"\]\(\.\./\.\./host-tests/(cases/[a-z0-9-]+/[a-z0-9-]+)\)")?;
    let mut count = 0;
    for (page, text) in pages()? {
        for row in rows(&text, "needs") {
            let case = link.captures(&row[0]).with_context(|| format!("{page}: {} names no case", row[0]))?;
            let needs = Needs {
                hosts: quoted(&row[1]).into_iter().collect(),
                variables: quoted(&row[2]).into_iter().collect(),
            };
            let (used, files) = Needs::of_case(&case[1])?;
            assert_eq!(needs, used, "{page}: {}", &case[1]);
            let folders = quoted(&row[3]);
            let is_in = |file: &String, folder: &String| {
                file == folder || file.starts_with(&format!("{}/", folder.trim_end_matches('/')))
            };
            let outside = files.iter().filter(|file| !folders.iter().any(|folder| is_in(file, folder)));
            assert_eq!(outside.collect::<Vec<_>>(), Vec::<&String>::new(), "{page}: {}", &case[1]);
            let unused = folders.iter().filter(|folder| !files.iter().any(|file| is_in(file, folder)));
            assert_eq!(unused.collect::<Vec<_>>(), Vec::<&String>::new(), "{page}: {}", &case[1]);
            count += 1;
        }
    }
    assert!(count >= 25, "{count} rows");
    Ok(())
}

/// What a credential needs of its host.
#[derive(Debug, PartialEq)]
struct Needs {
    hosts: BTreeSet<String>,
    variables: BTreeSet<String>,
}

impl Needs {
    /// What a case has and uses, and its files.
    fn of_case(case: &str) -> Result<(Self, Vec<String>)> {
        let folder = crate_root().join(case);
        let file = fs::read_to_string(folder.join("case.toml")).with_context(|| format!("no {case}"))?;
        let file: toml::Table = file.parse()?;
        let keys = |name: &str| {
            let table = file.get(name).and_then(toml::Value::as_table);
            table.into_iter().flat_map(|table| table.keys().cloned()).collect::<Vec<_>>()
        };
        // The golden file is missing if no request was sent.
        let requests = fs::read_to_string(folder.join("requests.txt")).unwrap_or_default();
        let origin = Regex::new(r"(?m)^(?:GET|POST) (\w+://[^/]+)")?;
        let hosts = origin.captures_iter(&requests).map(|found| found[1].to_owned()).collect();
        // It restricts the chain to the source of the page.
        let variables = keys("env").into_iter().filter(|name| name != "AZURE_TOKEN_CREDENTIALS").collect();
        Ok((Self { hosts, variables }, keys("files")))
    }
}

#[test]
fn the_codes_on_the_page_of_errors_are_those_of_the_code_with_their_remedies() -> Result<()> {
    let listed: Vec<_> = table(&read("docs/errors.md")?, "codes")?
        .into_iter()
        .map(|row| (row[0].clone(), row[1].replace('`', "")))
        .collect();
    let codes = |codes: &[u32]| codes.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let expected: Vec<_> = REMEDIES.iter().map(|(it, remedy)| (codes(it), (*remedy).to_owned())).collect();
    assert_eq!(listed, expected);
    Ok(())
}

#[test]
fn the_overview_lists_every_function_that_describes_a_credential() -> Result<()> {
    let rows = table(&read("docs/credentials/overview.md")?, "functions")?;
    let listed: BTreeSet<_> = rows.iter().flat_map(|row| quoted(&row[0])).collect();
    let mut resolve = Resolve::default();
    resolve.push_dir(root().join("wit/0.2"))?;
    resolve.push_dir(root().join("wit/0.2/credentials"))?;
    let functions = resolve.interfaces.iter().flat_map(|(_, interface)| interface.functions.keys());
    let expected: BTreeSet<_> = functions
        .filter_map(|name| {
            let builder = name.strip_prefix("[static]credential-builder.");
            builder.or_else(|| {
                name.strip_prefix("[method]sign-in-builder.").filter(|it| it.starts_with("begin-"))
            })
        })
        .map(ToOwned::to_owned)
        .collect();
    assert_eq!(listed, expected);
    Ok(())
}

/// The messages that the pages explain, by page; `…` in them stands for any text.
fn explained() -> Result<BTreeMap<String, Vec<String>>> {
    let pages = pages()?.into_iter().filter(|(page, _)| page.starts_with("docs/"));
    let messages = |text: &str| rows(text, "errors").into_iter().map(|row| row[0].replace('`', ""));
    Ok(pages.map(|(page, text)| (page, messages(&text).collect())).collect())
}

/// The codes of Microsoft Entra that have a remedy.
fn codes() -> Result<Vec<String>> {
    let rows = table(&read("docs/errors.md")?, "codes")?;
    Ok(rows.iter().flat_map(|row| row[0].split(", ").map(ToOwned::to_owned).collect::<Vec<_>>()).collect())
}

/// The page of a source, and the pages of credentials to which it links.
fn pages_of(source: &str) -> Result<Vec<String>> {
    let name = if source == "default" { "chain" } else { source };
    let page = format!("docs/credentials/{name}.md");
    let Ok(text) = read(&page) else { return Ok(Vec::new()) };
    let link = Regex::new(r"\]\(([a-z-]+\.md)[)#]")?;
    let linked = link.captures_iter(&text).map(|found| format!("docs/credentials/{}", &found[1]));
    Ok(linked.chain([page.clone()]).collect())
}

/// The errors in the golden files of all cases: kind, source and message, each once.
fn golden() -> Result<BTreeSet<String>> {
    let mut golden = BTreeSet::new();
    for file in files(&crate_root().join("cases"), "txt")? {
        if file.ends_with("error.txt") {
            let text = String::from_utf8_lossy(&fs::read(&file)?).into_owned();
            golden.extend(text.lines().filter(|line| !line.starts_with("  ")).map(ToOwned::to_owned));
        }
    }
    Ok(golden)
}

/// Whether the parts of the pattern are in the message, in this order.
fn matches(message: &str, pattern: &str) -> bool {
    let mut rest = message.replace('`', "");
    for part in pattern.split('…') {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after.to_owned();
    }
    true
}
