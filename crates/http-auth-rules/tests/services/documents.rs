//! The tables of `middleware/http-auth/README.md`, and `SERVICES.md` beside it.

use crate::facts::{Services, reasons};
use crate::named::all_facts;
use crate::sdk::Constants;
use azure_http_auth_rules::rules::customer_hosts::{CUSTOMER_HOSTS, EXACT};
use azure_http_auth_rules::rules::services::{Plane, TABLE};
use std::fmt::Write as _;

/// The README, with its tables as the code has them.
pub fn readme(readme: &str, services: &Services) -> String {
    let readme = with_table(readme, "<!-- tested: table -->\n", &table(services));
    with_table(&readme, "<!-- tested: exact -->\n", &exact())
}

/// `SERVICES.md`.
pub fn services(services: &Services, constants: &Constants) -> String {
    let mut text = String::from(HEAD);
    for (title, service, plane) in titles() {
        let facts = &services[service];
        let plane = plane.map_or("", |plane| {
            if plane == Plane::Management { ", `all-data-plane` leaves it out" } else { "" }
        });
        write!(text, "\n## {title} (`{service}`{plane})\n\n{}\n", facts.under_suffix).expect("a text");
        if let Some(credentials) = &facts.credentials {
            writeln!(text, "It can hand out: {credentials}").expect("a text");
        }
        text.push('\n');
        for page in &facts.sources {
            writeln!(text, "- <{page}>").expect("a text");
        }
        for (_, kind, fact) in all_facts().into_iter().filter(|fact| fact.0 == service) {
            match constants.source(kind, &fact, &facts.packages) {
                Some((package, file)) => writeln!(text, "- `{fact}`: `{package} {file}`"),
                None => writeln!(text, "- `{fact}`: <{}>", facts.pages[&fact]),
            }
            .expect("a text");
        }
    }
    text.push_str(SUFFIXES);
    let reasons = reasons();
    for entry in CUSTOMER_HOSTS {
        let suffixes: Vec<_> = entry.suffixes.iter().map(|suffix| format!("`{suffix}`")).collect();
        let path = entry.path.map_or(String::new(), |path| format!(" below `{path}`"));
        let page = &reasons[entry.suffixes[0]];
        writeln!(text, "| {}{path} | {} | <{page}> |", suffixes.join(", "), entry.reason).expect("a text");
    }
    text
}

const HEAD: &str = "# The services of http-auth

For each service: who can have a name under its suffix and which code gets the headers of a request; what it can hand out that lasts
longer than a token, or reaches further; the pages of both; and what each host and scope is taken from, a constant of an SDK or a page.
Written by `cargo test -p azure-http-auth-rules --test services` from `crates/http-auth-rules/tests/fixtures/services.toml`, which is
edited, and `sdk-constants.toml` beside it, which `tools/sdk_constants.py` there writes.
";

const SUFFIXES: &str = "
## Where customers' code is called

A rule with a wildcard that could match a host below one of these suffixes, and that sends tokens, is an error.

| suffixes | reason | page |
|---|---|---|
";

/// The services with their titles, those of the table first. `None`: their hosts must be named.
fn titles() -> Vec<(&'static str, &'static str, Option<Plane>)> {
    let of_table = TABLE.iter().map(|row| (row.title, row.service, Some(row.plane)));
    let mut titles: Vec<_> = of_table.chain(EXACT.iter().map(|it| (it.title, it.service, None))).collect();
    titles.dedup();
    titles
}

fn table(services: &Services) -> String {
    let mut text = String::from("| service | line | hosts | scope | can hand out |\n|---|---|---|---|---|\n");
    let mut previous = "";
    for row in TABLE {
        let hosts: Vec<_> = row.hosts.iter().map(|host| format!("`{host}`")).collect();
        let refused = row.refused_path.map_or(String::new(), |path| format!(", without `{path}`"));
        let credentials = services[row.service].credentials.as_deref().filter(|_| previous != row.service);
        previous = row.service;
        writeln!(
            text,
            "| {} | `{row}` | {}{refused} | `{}` | {} |",
            row.title,
            hosts.join(", "),
            row.scope,
            credentials.unwrap_or_default()
        )
        .expect("a text");
    }
    text
}

fn exact() -> String {
    let mut text = String::from("| service | rule | because |\n|---|---|---|\n");
    let mut previous = "";
    for exact in EXACT {
        let reason = if previous == exact.service { "" } else { exact.reason() };
        previous = exact.service;
        writeln!(text, "| {} | `{exact}` | {reason} |", exact.title).expect("a text");
    }
    text
}

/// The text with another table behind the marker.
fn with_table(text: &str, marker: &str, table: &str) -> String {
    let (before, rest) = text.split_once(marker).expect(marker);
    let old: usize = rest.split_inclusive('\n').take_while(|line| line.starts_with('|')).map(str::len).sum();
    let after = rest.get(old..).expect("a whole line");
    [before, marker, table, after].concat()
}
