//! The matrix for people, and for golden files.

use super::Row;
use super::cell::{Cell, Next};
use super::faults::Fault;
use crate::case::expect::name;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Every cell of one source, by leg, one a line.
pub fn of_source(row: &Row, faults: &[Fault]) -> String {
    let mut text = format!("# {}\n\nWith nothing wrong: token of {}\n", row.source.name, row.source.label);
    for (leg, cells) in row.source.legs.iter().zip(&row.cells) {
        write!(text, "\n## {leg}\n\n").expect("memory does not fail");
        let lines =
            cells.iter().map(|(fault, cell)| (faults[*fault].name.as_str(), line(cell, &row.source.label)));
        let lines: Vec<_> = lines.collect();
        for (index, (fault, line)) in lines.iter().enumerate() {
            let is_once = |it: &(&str, String)| it.0 == format!("{fault}, once") && it.1 == *line;
            // What is the same whether it happens once or always is one line.
            if index > 0 && *fault == format!("{}, once", lines[index - 1].0) && lines[index - 1].1 == *line {
                continue;
            }
            let also = if lines.get(index + 1).is_some_and(is_once) { " (or once)" } else { "" };
            writeln!(text, "{:<56} {line}", format!("{fault}{also}")).expect("memory does not fail");
        }
    }
    text
}

fn line(cell: &Cell, label: &str) -> String {
    let (requests, seconds) = (cell.requests.len(), cell.took.as_secs_f64());
    let (outcome, next) = (outcome(cell, label), next(&cell.next));
    format!("{outcome:<34} {requests:>2} requests {seconds:>7.1} s   {next}")
}

/// Every fault × every source on one page: a letter for each outcome that its legs have, `-` where no leg
/// can have that fault.
pub fn overview(rows: &[Row], faults: &[Fault]) -> String {
    let mut text = String::from(LEGEND);
    for (number, row) in rows.iter().enumerate() {
        writeln!(text, "{:>3}  {}", number + 1, row.source.name).expect("memory does not fail");
    }
    let heads: String = (1..=rows.len()).map(|number| format!("{number:>4}")).collect();
    write!(text, "\n{:<56}{heads}\n", "").expect("memory does not fail");
    for (index, fault) in faults.iter().enumerate() {
        let cells: String = rows.iter().map(|row| format!("{:>4}", letters(row, index))).collect();
        writeln!(text, "{:<56}{cells}", fault.name).expect("memory does not fail");
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
            "unavailable" => 'u',
            "rejected" => 'r',
            "unreachable" => 'n',
            "invalid-request" => 'i',
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

fn next(next: &Next) -> String {
    match next {
        Next::Token => "then token".to_owned(),
        Next::TokenMadeAnew => "then token, made anew".to_owned(),
        Next::Nothing(why) => format!("then NOTHING: {why}"),
    }
}

const LEGEND: &str = "\
What comes of every fault in every source; written by tests/fault_matrix.rs, which also says what holds in all of them.
The folder has a table for each source with requests and times, leg by leg.

T token   n unreachable   r rejected   o other   i invalid-request   u unavailable   - it cannot have that fault

";
