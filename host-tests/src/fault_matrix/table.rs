//! Renders the matrix as text, for the golden tables.

use super::Row;
use super::cell::{Cell, Recovery};
use super::faults::Fault;
use crate::error_kind::name;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The cells of one source, one a line, grouped by fault point.
pub fn of_source(row: &Row, faults: &[Fault]) -> String {
    let mut text = format!("# {}\n\nWithout a fault: token of {}\n", row.source.name, row.source.label);
    for (point, cells) in row.source.points.iter().zip(&row.cells) {
        write!(text, "\n## {point}\n\n").expect("writing to a string succeeds");
        let lines =
            cells.iter().map(|(fault, cell)| (faults[*fault].name.as_str(), line(cell, &row.source.label)));
        let lines: Vec<_> = lines.collect();
        for (index, (fault, line)) in lines.iter().enumerate() {
            let is_once = |it: &(&str, String)| it.0 == format!("{fault}, once") && it.1 == *line;
            // A fault that has the same effect once and permanently takes one line.
            if index > 0 && *fault == format!("{}, once", lines[index - 1].0) && lines[index - 1].1 == *line {
                continue;
            }
            let also = if lines.get(index + 1).is_some_and(is_once) { " (or once)" } else { "" };
            writeln!(text, "{:<56} {line}", format!("{fault}{also}")).expect("writing to a string succeeds");
        }
    }
    text
}

fn line(cell: &Cell, label: &str) -> String {
    let (requests, seconds) = (cell.requests.len(), cell.took.as_secs_f64());
    let (outcome, recovery) = (outcome(cell, label), recovery(&cell.recovery));
    format!("{outcome:<34} {requests:>2} requests {seconds:>7.1} s   {recovery}")
}

/// Every fault × every source on one page: a letter for each outcome among its points, `-` where the fault fits no
/// point.
pub fn overview(rows: &[Row], faults: &[Fault]) -> String {
    let mut text = String::from(LEGEND);
    for (number, row) in rows.iter().enumerate() {
        writeln!(text, "{:>3}  {}", number + 1, row.source.name).expect("writing to a string succeeds");
    }
    let heads: String = (1..=rows.len()).map(|number| format!("{number:>4}")).collect();
    write!(text, "\n{:<56}{heads}\n", "").expect("writing to a string succeeds");
    for (index, fault) in faults.iter().enumerate() {
        let cells: String = rows.iter().map(|row| format!("{:>4}", letters(row, index))).collect();
        writeln!(text, "{:<56}{cells}", fault.name).expect("writing to a string succeeds");
    }
    text
}

fn letters(row: &Row, fault: usize) -> String {
    let cells = row.cells.iter().flatten().filter(|(f, _)| *f == fault);
    let found: BTreeMap<_, _> = cells.map(|(_, cell)| (letter(cell), ())).collect();
    if found.is_empty() { "-".to_owned() } else { found.into_keys().collect() }
}

fn letter(cell: &Cell) -> char {
    match &cell.outcome {
        Ok(Ok(_)) => 'T',
        Ok(Err(error)) => match name(error.kind) {
            "not-configured" => 'n',
            "authentication-failed" => 'a',
            "transient" => 't',
            "invalid-argument" => 'i',
            _ => 'o',
        },
        Err(_) => '!',
    }
}

fn outcome(cell: &Cell, label: &str) -> String {
    match &cell.outcome {
        Ok(Ok(token)) if token.source == label => "token".to_owned(),
        Ok(Ok(token)) => format!("token of {}", token.source),
        Ok(Err(error)) => name(error.kind).to_owned(),
        Err(trap) => format!("TRAP: {trap}"),
    }
}

fn recovery(recovery: &Recovery) -> String {
    match recovery {
        Recovery::SameCredential => "then token".to_owned(),
        Recovery::NewCredential => "then token from a new credential".to_owned(),
        Recovery::None(reason) => format!("then NOTHING: {reason}"),
    }
}

const LEGEND: &str = "\
The outcome of every fault in every source, written by tests/fault_matrix.rs, which also checks rules for all of them.
The folder has a table for each source, with requests and durations by fault point.

T token   t transient   a authentication-failed   o other   i invalid-argument   n not-configured   - the fault does not apply

";
