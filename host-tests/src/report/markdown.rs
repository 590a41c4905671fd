//! The page: one table a section, each with the goals and whether they are met.

use super::{Row, Section};
use crate::azure::timestamp;
use std::fmt::Write;

/// The whole page.
pub fn page(sections: &[Section]) -> String {
    let mut page = format!(
        "# Performance\n\nWritten by `cargo run --release -p host-tests --bin report`, {}, on {}. Everything was measured in one \
         run; times are medians. `host-tests/peers/install` installs the peers.\n\n![the times of the tables, on a logarithmic \
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
    }
    page
}

/// A row: one line for each that it is compared with.
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
        // What is printed is what counts.
        Some(ratio) if (ratio * 100.0).round() <= goal.at_most * 100.0 => "met",
        Some(_) => "**missed**",
    };
    format!("≤ {}×: {verdict}", goal.at_most)
}

fn today() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    timestamp::format(now.as_secs(), "%Y-%m-%d")
}

/// The processor and how many of it there are (Linux tells).
fn machine() -> String {
    let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        about.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores of {}", model.map_or("an unknown processor", |(_, model)| model.trim()))
}
