//! The page `docs/performance.md`, and its short form in the README.

mod cells;

use crate::figures::{Row, Section};
use crate::measure::steady;
use crate::sections::Report;
use crate::sections::labels::{self, Role};
use anyhow::{Context, Result};
use azure_simulator::timestamp;
use cells::{goals, others, roles};
use std::fmt::Write;

/// The page: a table for each section, with the goals and whether they are met, and one for the SDKs that run natively.
pub fn page(report: &Report) -> String {
    let mut page = format!(
        "# Performance\n\nWritten by `cargo run --release -p report`, {}, on {}. Everything was measured in one run; times are the first deciles of their samples, because other work on the machine only ever adds time. {}\n\n\
         A ratio in brackets is the component's figure divided by the other one. *Floor*: what cannot be avoided, or the component \
         itself under other conditions. *Instead*: what an app in wasm would use instead, in the same host, compiled for speed: \
         `azure_identity` on a transport over `wasi:http` (`adapters/azure-core`), and code by hand (60 lines, `host-tests/guests/by-hand`: IMDS \
         alone, no retry). SDKs that run natively, which no app in wasm can use, are at the end.\n",
        today(),
        machine(),
        steadiness(report),
    );
    if !report.missing.is_empty() {
        let _ = write!(
            page,
            "\n**Left out:** {}. `crates/report/peers/install` installs the native ones.\n",
            report.missing.join("; ")
        );
    }
    page.push_str("\n![the times of the tables, on a logarithmic scale](performance.svg)\n");
    for section in &report.sections {
        page.push_str(&of_section(section));
    }
    page.push_str(&native(&report.sections));
    page
}

/// The README with the short form of the page between its two markers.
///
/// # Errors
/// When a marker or a row is missing.
pub fn in_readme(readme: &str, report: &Report) -> Result<String> {
    let (before, rest) = readme.split_once(BEGIN).context("the README has no marker before the figures")?;
    let (_, after) = rest.split_once(END).context("the README has no marker after the figures")?;
    let mut short = format!(
        "\nMeasured in one run, {}, on {}:\n\n| | here | floor | instead, in wasm | natively |\n|---|---|---|---|---|\n",
        today(),
        machine()
    );
    for what in SHORT {
        let row = report.sections.iter().find_map(|section| section.row(what));
        let row = row.with_context(|| format!("the report has no row {what}"))?;
        let [floor, wasm, native] =
            [Role::Floor, Role::Wasm, Role::Native].map(|role| cells::measured(row, role));
        let _ = writeln!(short, "| {what} | {} | {floor} | {wasm} | {native} |", row.ours);
    }
    Ok(format!("{before}{BEGIN}{short}{END}{after}"))
}

fn of_section(section: &Section) -> String {
    let mut text = format!("\n## {}\n\n{}\n\n", section.title, section.how);
    if let Some(moved) = section.moved {
        let percent = moved * 100.0;
        let _ = write!(
            text,
            "**Unusable:** a floor moved by {percent:.0} % while this was measured, in every attempt. Rows are marked †.\n\n"
        );
    }
    let (floors, peers) = (roles(section, Role::Floor), roles(section, Role::Wasm));
    let has_goals = section.rows.iter().any(|row| !of_wasm(row).is_empty());
    let columns = [("floor", floors), ("goal", has_goals), ("instead", peers)];
    let shown = columns.iter().filter(|(_, is_shown)| *is_shown).map(|(name, _)| *name);
    let names: Vec<_> = ["", "ours"].into_iter().chain(shown).collect();
    let _ = writeln!(text, "| {} |\n|{}", names.join(" | "), "---|".repeat(names.len()));
    for row in &section.rows {
        let mark = if section.moved.is_some() { " †" } else { "" };
        let _ = write!(text, "| {} | {}{mark} |", row.what, row.ours);
        let cells = [others(row, Role::Floor), goals(row, &of_wasm(row)), others(row, Role::Wasm)];
        for (cell, (_, is_shown)) in cells.iter().zip(columns) {
            if is_shown {
                let _ = write!(text, " {cell} |");
            }
        }
        text.push('\n');
    }
    for finding in &section.findings {
        let _ = write!(text, "\n{finding}\n");
    }
    if let Some(chart) = section.chart {
        let _ = write!(text, "\n![{}, as a curve]({chart})\n", section.title);
    }
    text
}

/// The goals of a row that are not by a native peer.
fn of_wasm(row: &Row) -> Vec<crate::figures::Goal> {
    row.goals.iter().filter(|goal| labels::role(goal.by) != Role::Native).copied().collect()
}

/// The second block: the SDKs that run natively.
fn native(sections: &[Section]) -> String {
    let mut text = "\n## SDKs that run natively\n\nThe same figures beside the Azure SDKs in processes of their own, which no app in wasm \
                    can use. `crates/report/peers/install` installs them.\n\n| | ours | native | goal |\n|---|---|---|---|\n"
        .to_owned();
    for section in sections {
        let mark = if section.moved.is_some() { " †" } else { "" };
        for row in &section.rows {
            let natively = others(row, Role::Native);
            if !natively.is_empty() {
                let by: Vec<_> =
                    row.goals.iter().filter(|goal| labels::role(goal.by) == Role::Native).copied().collect();
                let _ = writeln!(
                    text,
                    "| {} | {}{mark} | {natively} | {} |",
                    row.what,
                    row.ours,
                    goals(row, &by)
                );
            }
        }
    }
    text
}

/// Whether the machine was steady.
fn steadiness(report: &Report) -> String {
    let percent = report.moved * 100.0;
    let unusable: Vec<_> =
        report.sections.iter().filter(|it| it.moved.is_some()).map(|it| it.title).collect();
    let mut text = format!("From the start of the run to its end the floors moved by {percent:.0} %.");
    if report.moved > steady::LIMIT {
        text += " **That is more than 10 %, so figures of different sections cannot be compared.**";
    }
    if !unusable.is_empty() {
        let _ = write!(text, " **Unusable sections: {}.**", unusable.join("; "));
    }
    text
}

fn today() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    timestamp::strftime(now.as_secs(), "%Y-%m-%d")
}

/// The number of cores and the processor, as Linux reports them.
fn machine() -> String {
    let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        about.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores of {}", model.map_or("an unknown processor", |(_, model)| model.trim()))
}

/// The rows in the README.
const SHORT: [&str; 8] = [
    labels::PLUGGED,
    labels::FIRST,
    labels::CERTIFICATE,
    labels::WITH_CERTIFICATES,
    labels::WITHOUT_CERTIFICATES,
    labels::REQUESTS,
    labels::INSTRUCTIONS,
    labels::RESIDENT,
];
const BEGIN: &str = "<!-- written by report -->\n";
const END: &str = "<!-- end of what report writes -->\n";

#[cfg(test)]
mod tests;
