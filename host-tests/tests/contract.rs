//! What users may rely on: the interfaces, the imports, the README, and the shape of the code.

use anyhow::{Context, Result, bail};
use azure_identity_component::sources::DEFAULT;
use host_tests::azure::Azure;
use host_tests::azure::settings::{CLIENT_ID, Settings};
use host_tests::bindings::credentials::{Certificate, ClientOptions};
use host_tests::bindings::{ErrorKind, TokenRequest};
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::guest::Guest;
use host_tests::surroundings::Surroundings;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wit_parser::{Resolve, Stability, TypeDefKind, TypeOwner, WorldItem};

#[test]
fn the_component_imports_no_more_than_it_needs() -> Result<()> {
    for (edition, list) in [(Edition::Wasi02, "imports.txt"), (Edition::Wasi03, "imports-0.3.txt")] {
        let decoded = wit_component::decode(&fs::read(edition.component())?)?;
        let world = &decoded.resolve().worlds[decoded.resolve().select_world(&[decoded.package()], None)?];
        let imports = world.imports.keys().map(|key| decoded.resolve().name_world_key(key));
        let imports: String = imports.map(|name| name + "\n").collect();
        golden(&crate_root().join("tests/contract").join(list), &imports)?;
    }
    Ok(())
}

#[test]
fn every_edition_stays_under_its_budget() -> Result<()> {
    for component in components::ALL {
        let Some(budget) = component.budget else { continue };
        let path = match component.name {
            "azure-identity" => Edition::Wasi02.component(),
            "azure-identity-without-certificates" => Edition::WithoutCertificates.component(),
            other => bail!("the budget of {other} is not tested"),
        };
        let bytes = fs::metadata(path)?.len();
        assert!(
            bytes < budget,
            "{} has {bytes} bytes, not under {budget}; see CONTRIBUTING.md",
            component.name
        );
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_edition_without_certificates_says_that_it_has_none() -> Result<()> {
    let clock = Clock::simulated();
    let azure = Arc::new(Azure::new(clock.clone(), Settings::default()));
    let mut surroundings = Surroundings::new(clock, azure);
    for (name, value) in [
        ("AZURE_TENANT_ID", "contoso.com"),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_CERTIFICATE_PATH", "/c.pem"),
    ] {
        surroundings.env.insert(name.to_owned(), value.to_owned());
    }
    surroundings.files.get_or_insert_default().insert("/c.pem".to_owned(), b"a certificate".to_vec());
    surroundings.edition = Edition::WithoutCertificates;
    let mut guest = Guest::start(surroundings).await?;
    let scopes = vec!["https://vault.azure.net/.default".to_owned()];
    let request = TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false };
    let of_environment = guest.get_token(&request).await?.expect_err("there is a certificate");
    let (c, store) = guest.credentials();
    let certificate = Certificate {
        data: b"a certificate".to_vec(),
        password: Some("s3cr3t".to_owned()),
        send_chain: false,
    };
    let options = ClientOptions {
        authority: None,
        additionally_allowed_tenants: Vec::new(),
        disable_instance_discovery: false,
        region: None,
    };
    let explicit = c.call_client_certificate(store, "contoso.com", CLIENT_ID, &certificate, &options).await?;
    for (who, error) in [
        ("environment", of_environment),
        ("client-certificate", explicit.expect_err("there is a certificate")),
    ] {
        assert_eq!(error.kind, ErrorKind::Other);
        let said = "this edition was built without certificates; use azure-identity.wasm, which has them, or a secret";
        assert_eq!(error.message, format!("{who}: {said}"));
    }
    Ok(())
}

#[test]
fn every_wit_item_says_since_when_it_is_there() -> Result<()> {
    let missing: Vec<_> = wit_items()?.into_iter().filter(|item| !item.since).map(|item| item.name).collect();
    assert_eq!(missing, Vec::<String>::new());
    Ok(())
}

#[test]
fn every_wit_item_is_documented() -> Result<()> {
    let missing: Vec<_> =
        wit_items()?.into_iter().filter(|item| !item.documented).map(|item| item.name).collect();
    assert_eq!(missing, Vec::<String>::new());
    Ok(())
}

#[test]
fn the_readme_lists_the_sources_in_their_order() -> Result<()> {
    let listed = table(&read("README.md")?, "sources")?;
    let listed: Vec<_> = listed.iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let expected: Vec<_> = DEFAULT
        .iter()
        .map(|source| (format!("`{}`", source.name), format!("`{}`", source.sdk_name)))
        .collect();
    assert_eq!(listed, expected);
    Ok(())
}

#[test]
fn the_readme_lists_every_variable_that_the_code_reads() -> Result<()> {
    let rows = table(&read("README.md")?, "variables")?;
    let listed: BTreeSet<_> = rows.iter().flat_map(|row| quoted(&row[0])).collect();
    let name = regex::Regex::new(
        r#""((?:AZD|AZURE|DEFAULT|IDENTITY|MSI|IMDS|REGION|SYSTEM)_[A-Z_]+|HOME|USERPROFILE)""#,
    )?;
    let mut read_by_code = BTreeSet::new();
    for file in files(&root().join("src"), "rs")? {
        let text = fs::read_to_string(file)?;
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        read_by_code.extend(name.captures_iter(code).map(|found| found[1].to_owned()));
    }
    assert_eq!(listed, read_by_code);
    Ok(())
}

#[test]
fn the_readmes_rust_is_the_examples() -> Result<()> {
    let readme = read("README.md")?;
    for block in readme.split("<!-- tested: ").skip(1).filter(|block| block.contains("-->\n```rust\n")) {
        let (file, rest) = block.split_once(" -->").context("an unfinished comment")?;
        let code =
            rest.split("```rust\n").nth(1).and_then(|code| code.split("```").next()).unwrap_or_default();
        let example = without_indentation(&read(file)?);
        assert!(example.contains(&without_indentation(code)), "the block is not in {file}:\n{code}");
    }
    Ok(())
}

#[test]
fn every_test_that_security_md_names_exists() -> Result<()> {
    let mut code = String::new();
    let middleware = files(&root().join("middleware"), "rs")?;
    let all =
        files(&root().join("src"), "rs")?.into_iter().chain(files(crate_root(), "rs")?).chain(middleware);
    for file in all {
        code += &fs::read_to_string(file)?;
    }
    let named = quoted(&read("SECURITY.md")?).into_iter().filter(|name| name.matches('_').count() > 2);
    let missing: Vec<_> = named.filter(|name| !code.contains(&format!("fn {name}("))).collect();
    assert_eq!(missing, Vec::<String>::new());
    Ok(())
}

#[test]
fn ci_runs_the_readmes_test_command() -> Result<()> {
    assert!(read(".ci/run")?.lines().any(|line| line.starts_with("cargo test")));
    assert!(read("README.md")?.contains("\ncargo test "));
    Ok(())
}

#[test]
fn no_file_of_the_component_is_long_or_has_a_name_that_says_nothing() -> Result<()> {
    let middleware = files(&root().join("middleware"), "rs")?;
    let all = files(&root().join("src"), "rs")?.into_iter().chain(files(&crate_root().join("src"), "rs")?);
    for file in all.chain(middleware) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assert!(!["mod.rs", "utils.rs", "common.rs"].contains(&name.as_str()), "{}", file.display());
        let lines = fs::read_to_string(&file)?.lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines; split it", file.display());
    }
    Ok(())
}

/// About 300.
const MAX_LINES: usize = 330;

struct Item {
    name: String,
    since: bool,
    documented: bool,
}

/// Everything in the interfaces of all editions that can carry `@since` and a comment.
fn wit_items() -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for edition in Edition::WHOLE {
        items.extend(wit_items_of(edition.wit())?);
    }
    Ok(items)
}

fn wit_items_of(folder: &str) -> Result<Vec<Item>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(root().join(folder))?;
    let mut items = Vec::new();
    let mut item = |name: String, stability: &Stability, docs: &wit_parser::Docs| {
        let since = matches!(stability, Stability::Stable { .. });
        items.push(Item { name, since, documented: docs.contents.is_some() });
    };
    for (name, world) in &resolve.packages[package].worlds {
        let world = &resolve.worlds[*world];
        item(name.clone(), &world.stability, &world.docs);
        for (key, entry) in world.imports.iter().chain(&world.exports) {
            let key = resolve.name_world_key(key);
            // `types` comes in because the others use it; nobody wrote it there.
            if let (WorldItem::Interface { stability, .. }, false) = (entry, key.contains("/types@")) {
                item(format!("{name}: {key}"), stability, &world.docs);
            }
        }
    }
    for (name, interface) in &resolve.packages[package].interfaces {
        let interface = &resolve.interfaces[*interface];
        item(name.clone(), &interface.stability, &interface.docs);
        for (function, definition) in &interface.functions {
            item(format!("{name}.{function}"), &definition.stability, &definition.docs);
        }
        for (type_name, id) in &interface.types {
            let definition = &resolve.types[*id];
            let is_own = matches!(definition.owner, TypeOwner::Interface(_));
            if is_own && !matches!(definition.kind, TypeDefKind::Type(_)) {
                item(format!("{name}.{type_name}"), &definition.stability, &definition.docs);
            }
        }
    }
    Ok(items)
}

/// The rows of the table behind `<!-- tested: name -->`, without its head.
fn table(readme: &str, name: &str) -> Result<Vec<Vec<String>>> {
    let (_, rest) = readme.split_once(&format!("<!-- tested: {name} -->\n")).context("no such table")?;
    let rows = rest.lines().take_while(|line| line.starts_with('|')).skip(2);
    Ok(rows
        .map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect())
}

/// What stands in backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

fn without_indentation(code: &str) -> String {
    code.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn golden(path: &Path, text: &str) -> Result<()> {
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        return Ok(fs::write(path, text)?);
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    let diff = similar::TextDiff::from_lines(kept.as_str(), text).unified_diff().to_string();
    assert!(diff.is_empty(), "{} differs (BLESS=1 cargo test writes it anew):\n{diff}", path.display());
    Ok(())
}

fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, ending)?);
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
    Ok(found)
}

fn read(path: &str) -> Result<String> {
    let path = root().join(path);
    fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))
}

fn crate_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn root() -> PathBuf {
    crate_root().join("..")
}
