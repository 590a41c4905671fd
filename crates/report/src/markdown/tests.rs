//! Tests of the page.

use super::*;
use crate::figures::{Goal, Value};
use crate::sections::labels::{BY_HAND, CLOCK_FLOOR, RUST};
use std::time::Duration;

fn report(moved: Option<f64>, missing: &[&str]) -> Report {
    let time = |nanoseconds| Value::Time(Duration::from_nanos(nanoseconds));
    let row = Row {
        what: "a call".to_owned(),
        ours: time(800),
        others: vec![(CLOCK_FLOOR, Some(time(500))), (BY_HAND, Some(time(1000))), (RUST, None)],
        goals: vec![Goal { by: CLOCK_FLOOR, at_most: 1.25 }, Goal { by: RUST, at_most: 1.0 }],
    };
    let section = Section {
        title: "Calls",
        how: "Often.",
        rows: vec![row],
        findings: vec!["The floor is 500 ns.".to_owned()],
        chart: Some("curve.svg"),
        moved,
    };
    let missing = missing.iter().map(ToString::to_string).collect();
    Report { sections: vec![section], charts: vec![], missing, moved: 0.02 }
}

#[test]
fn a_row_has_its_figure_floor_goal_and_peer_and_the_native_sdks_are_a_second_block() {
    let page = page(&report(None, &[]));
    for line in [
        "| a call | 800 ns | one clock, a constant: 500 ns (1.60×) | ≤ 1.25× of one clock, a constant: **missed** | by hand: 1000 ns (0.80×) |",
        "The floor is 500 ns.",
        "![Calls, as a curve](curve.svg)",
        "| a call | 800 ns | azure_identity (Rust, native): **not measured** | ≤ 1× of azure_identity (Rust, native): not measured |",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

#[test]
fn a_section_whose_floors_moved_is_marked_and_a_missing_peer_is_named() {
    let page = page(&report(Some(0.3), &["Node: not installed"]));
    for text in [
        "**Unusable:** a floor moved by 30 %",
        "| a call | 800 ns † |",
        "**Left out:** Node: not installed.",
        "**Unusable sections: Calls.**",
    ] {
        assert!(page.contains(text), "{text}\n{page}");
    }
}
