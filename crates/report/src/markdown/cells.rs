//! The cells of a row.

use crate::figures::{Goal, Row, Section};
use crate::sections::labels::{Role, role};

/// Whether a row of the section has others of this role.
pub fn roles(section: &Section, wanted: Role) -> bool {
    section.rows.iter().any(|row| row.others.iter().any(|(name, _)| role(name) == wanted))
}

/// The others of a role, with the ratios of the row's figure to theirs.
pub fn others(row: &Row, wanted: Role) -> String {
    let of_role = row.others.iter().filter(|(name, _)| role(name) == wanted);
    let cells = of_role.map(|(name, value)| match (value, row.ratio(name)) {
        (Some(value), Some(ratio)) => format!("{name}: {value} ({ratio:.2}×)"),
        _ => format!("{name}: **not measured**"),
    });
    cells.collect::<Vec<_>>().join("<br>")
}

/// The others of a role that were measured, without ratios.
pub fn measured(row: &Row, wanted: Role) -> String {
    let of_role = row.others.iter().filter(|(name, _)| role(name) == wanted);
    let cells = of_role.filter_map(|(name, value)| Some(format!("{} {name}", (*value)?)));
    cells.collect::<Vec<_>>().join("<br>")
}

/// Goals, and whether they are met.
pub fn goals(row: &Row, goals: &[Goal]) -> String {
    let cells = goals.iter().map(|goal| {
        let verdict = match row.ratio(goal.by) {
            None => "not measured",
            Some(ratio) if goal.is_met(ratio) => "met",
            Some(_) => "**missed**",
        };
        format!("≤ {}× of {}: {verdict}", goal.at_most, goal.by)
    });
    cells.collect::<Vec<_>>().join("<br>")
}
