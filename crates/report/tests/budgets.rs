//! Budgets for costs that are the same on every machine: bytes, instructions, requests, memory. `tests/budgets.toml` has them.

use anyhow::{Context, Result, ensure};
use components::{ALL, Audience};
use golden::is_update_requested;
use host_tests::edition::Edition;
use host_tests::external_tools::wasm_opt;
use report::guests::{BY_HAND, FIXED_TOKEN};
use report::measure::timing::{clock, scopes};
use report::measure::token_server::TokenServer;
use report::measure::{cost, crypto};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

type Figures = BTreeMap<String, u64>;

/// The report writes both, so that neither is edited by hand.
#[test]
fn the_readmes_figures_are_those_of_the_performance_page() -> Result<()> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let (readme, page) = (
        std::fs::read_to_string(root.join("README.md"))?,
        std::fs::read_to_string(root.join("docs/performance.md"))?,
    );
    let figures = readme.split_once("<!-- written by report -->\n").context("no figures")?.1;
    let figures = figures.split_once("<!-- end").context("no end")?.0;
    let rows = figures.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |"));
    let figures = rows.map(|row| row.splitn(4, '|').take(3).collect::<Vec<_>>().join("|"));
    let elsewhere: Vec<_> =
        figures.clone().filter(|figure| !page.contains(&format!("\n{figure}|"))).collect();
    assert_eq!((figures.count() >= 8, elsewhere), (true, Vec::<String>::new()));
    Ok(())
}

/// The labels of the peers name the versions that are locked.
#[test]
fn the_page_names_the_versions_of_the_official_crate_that_are_measured() -> Result<()> {
    for (folder, version) in [("official", "1.0.0"), ("official-beta", "1.1.0-beta.1")] {
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(folder).join("Cargo.lock");
        let lock: toml::Table = std::fs::read_to_string(lock)?.parse()?;
        let packages = lock["package"].as_array().context("no packages")?;
        let identity = packages.iter().find(|it| it["name"].as_str() == Some("azure_identity"));
        let locked = identity.and_then(|it| it["version"].as_str());
        assert_eq!(locked, Some(version), "{folder}");
        let label = format!("azure_identity {version}");
        assert_eq!(report::sections::role(&label), report::sections::Role::Wasm, "{label}");
    }
    Ok(())
}

#[test]
fn nothing_costs_more_than_its_budget() -> Result<()> {
    // The budgets are for what is published, which the optimiser has made smaller and faster.
    if wasm_opt()?.is_none() {
        return Ok(());
    }
    let figures = measure()?;
    if is_update_requested() {
        return Ok(std::fs::write(recorded(), page(&figures))?);
    }
    let budgets: Figures = toml::from_str(&std::fs::read_to_string(recorded())?)?;
    let violations = violations(&figures, &budgets);
    ensure!(
        violations.is_empty(),
        "{}\nif this is intended, run: UPDATE_EXPECT=1 cargo test -p report --test budgets",
        violations.join("\n")
    );
    Ok(())
}

#[test]
fn a_figure_may_move_by_two_percent_and_no_more() {
    let figures = |figure| Figures::from([("bytes".to_owned(), figure)]);
    for figure in [980, 1000, 1020] {
        assert_eq!(violations(&figures(figure), &figures(1000)), Vec::<String>::new(), "{figure}");
    }
    assert_eq!(violations(&figures(1021), &figures(1000)), ["bytes: 1021, 2.1 % over the budget of 1000"]);
    assert_eq!(violations(&figures(979), &figures(1000)), ["bytes: 979, 2.1 % under the budget of 1000"]);
    assert_eq!(violations(&figures(1), &Figures::new()), ["bytes: 1, without a budget"]);
    assert_eq!(violations(&Figures::new(), &figures(1)), ["bytes: a budget without a figure"]);
}

/// Every figure that has a budget.
fn measure() -> Result<Figures> {
    let mut figures = Figures::new();
    let published = [Audience::Users, Audience::UsersOfAnotherEdition];
    for component in ALL.iter().filter(|component| published.contains(&component.audience)) {
        figures.insert(format!("bytes of {}", component.name), size(component.name)?);
    }
    let server = TokenServer::start()?;
    let provider = Edition::Wasi02.component();
    let floors = [("a call that returns a constant", scopes(1)), ("one that reads a clock first", clock())];
    for (name, scopes) in floors {
        let floor = cost::instructions(FIXED_TOKEN, &server, &scopes)?;
        figures.insert(format!("instructions of {name}"), floor);
    }
    // A further token neither parses nor derives anything, so the format of the file does not count. Blinding is random, so it is
    // counted in millions.
    let of_pem = crypto::instructions_of_further(provider, &crypto::pem(&server)?)? / MILLION;
    let of_pkcs12 = crypto::instructions_of_further(provider, &crypto::pkcs12(&server)?)? / MILLION;
    let of_rsa = crypto::instructions_of_signature_alone()? / MILLION;
    figures.insert("million instructions of a further token with a certificate, PEM".to_owned(), of_pem);
    figures
        .insert("million instructions of a further token with a certificate, PKCS#12".to_owned(), of_pkcs12);
    figures.insert("million instructions of a signature by `rsa` alone".to_owned(), of_rsa);
    for (of, path) in [("", provider), (", by hand", BY_HAND)] {
        let mut add = |name: &str, figure| figures.insert(format!("{name}{of}"), figure);
        add("instructions of a cached call", cost::instructions(path, &server, &scopes(1))?);
        let first = cost::instructions_of_first(path, &server.imds(), SCOPE)?;
        add("instructions of a first token", first);
        let (requests, bytes) = cost::wire(path, &server)?;
        add("requests for a first token from IMDS", requests);
        add("bytes of them and their responses", bytes);
        let memory = cost::linear_memory(path, &server.imds(), SCOPE)?;
        add("pages of memory after a first token", memory as u64 / PAGE);
    }
    Ok(figures)
}

/// The size of a component as it is published.
fn size(name: &str) -> Result<u64> {
    let built = Path::new(Edition::Wasi02.component()).with_file_name(format!("{name}.wasm"));
    Ok(std::fs::metadata(&built).with_context(|| format!("no {}", built.display()))?.len())
}

/// The figures that are over or under their budgets by more than two percent: a budget that is too large hides later growth.
fn violations(figures: &Figures, budgets: &Figures) -> Vec<String> {
    let gone = budgets.keys().filter(|name| !figures.contains_key(*name));
    let gone = gone.map(|name| format!("{name}: a budget without a figure"));
    let moved = figures.iter().filter_map(|(name, figure)| {
        let Some(budget) = budgets.get(name) else {
            return Some(format!("{name}: {figure}, without a budget"));
        };
        let percent = figure.abs_diff(*budget) as f64 / *budget as f64 * 100.0;
        let side = if figure > budget { "over" } else { "under" };
        (percent > 2.0).then(|| format!("{name}: {figure}, {percent:.1} % {side} the budget of {budget}"))
    });
    moved.chain(gone).collect()
}

fn page(figures: &Figures) -> String {
    let mut page =
        "# Costs that are the same on every machine. A figure that is more than 2 % over or under its budget fails.\n\
                    # Written by: UPDATE_EXPECT=1 cargo test -p report --test budgets\n"
            .to_owned();
    for (name, figure) in figures {
        let _ = writeln!(page, "\"{name}\" = {figure}");
    }
    page
}

fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/budgets.toml")
}

const SCOPE: &str = "https://vault.azure.net/.default";
const PAGE: u64 = 1 << 16;
const MILLION: u64 = 1_000_000;
