//! The page `docs/performance.md`, and its short form in the README.

use crate::figures::{Row, Section};
use crate::sections::labels;
use anyhow::{Context, Result};
use azure_simulator::timestamp;
use std::fmt::Write;

/// The page: a table for each section, with the goals and whether they are met.
pub fn page(sections: &[Section]) -> String {
    let mut page = format!(
        "# Performance\n\nWritten by `cargo run --release -p report`, {}, on {}. Everything was measured in one \
         run; times are medians. `crates/report/peers/install` installs the peers.\n\n![the times of the tables, on a logarithmic \
         scale](performance.svg)\n",
        today(),
        machine()
    );
    for section in sections {
        let _ = write!(page, "\n## {}\n\n{}\n\n", section.title, section.how);
        page.push_str("| | ours | compared with | | ratio | goal |\n|---|---|---|---|---|---|\n");
        for row in &section.rows {
            page.push_str(&lines(row));
        }
        if section.rows.iter().any(Row::misses) {
            let _ = write!(page, "\n{}\n", section.why);
        }
    }
    page
}

/// The README with the short form of the page between its two markers.
///
/// # Errors
/// When a marker or a row is missing.
pub fn in_readme(readme: &str, sections: &[Section]) -> Result<String> {
    let (before, rest) = readme.split_once(BEGIN).context("the README has no marker before the figures")?;
    let (_, after) = rest.split_once(END).context("the README has no marker after the figures")?;
    let mut short = format!(
        "\nMeasured in one run, {}, on {}:\n\n| | here | elsewhere |\n|---|---|---|\n",
        today(),
        machine()
    );
    for what in SHORT {
        let row = sections.iter().flat_map(|section| &section.rows).find(|row| row.what == what);
        let row = row.with_context(|| format!("the report has no row {what}"))?;
        let others = row.others.iter().filter_map(|(name, value)| Some(format!("{} {name}", (*value)?)));
        let _ = writeln!(short, "| {what} | {} | {} |", row.ours, others.collect::<Vec<_>>().join("; "));
    }
    Ok(format!("{before}{BEGIN}{short}{END}{after}"))
}

/// The lines of a row: one for each figure that it is compared with.
fn lines(row: &Row) -> String {
    let mut text = String::new();
    if row.others.is_empty() {
        let _ = writeln!(text, "| {} | {} | | | | |", row.what, row.ours);
    }
    for (number, (name, value)) in row.others.iter().enumerate() {
        let (what, ours) = if number == 0 { (&*row.what, row.ours.to_string()) } else { ("", String::new()) };
        let value = value.map_or_else(|| "not measured".to_owned(), |value| value.to_string());
        let ratio = row.ratio(name);
        let _ = writeln!(
            text,
            "| {what} | {ours} | {name} | {value} | {} | {} |",
            ratio.map(|ratio| format!("{ratio:.2}×")).unwrap_or_default(),
            goal(row, name, ratio)
        );
    }
    text
}

fn goal(row: &Row, name: &str, ratio: Option<f64>) -> String {
    let Some(goal) = row.goals.iter().find(|goal| goal.by == name) else { return String::new() };
    let verdict = match ratio {
        None => "not measured",
        Some(ratio) if goal.is_met(ratio) => "met",
        Some(_) => "**missed**",
    };
    format!("≤ {}×: {verdict}", goal.at_most)
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
