//! A figure, the figures that it is compared with, and its goals.

use std::time::Duration;

/// Rows that belong together.
#[derive(Debug)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// How the figures are measured.
    pub how: &'static str,
    /// The rows.
    pub rows: Vec<Row>,
    /// What the figures say beyond the table: the experiment that shows the floor of a missed goal, or where a curve bends.
    pub findings: Vec<String>,
    /// The name of the chart beside the page; `None`: the section has none of its own.
    pub chart: Option<&'static str>,
    /// How much a floor moved while the section was measured, if that was too much: the times are unusable.
    pub moved: Option<f64>,
}

/// A figure of the component and the figures of others.
#[derive(Debug)]
pub struct Row {
    /// The name of the figure.
    pub what: String,
    /// The component's figure.
    pub ours: Value,
    /// The names and figures of the others; `None`: not measured.
    pub others: Vec<(&'static str, Option<Value>)>,
    /// The goals for the component's figure.
    pub goals: Vec<Goal>,
}

/// The component's figure, and the names and figures of the others; `None`: not measured.
pub type Compared = (Value, Vec<(&'static str, Option<Value>)>);

/// The upper bound of a ratio to another figure.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// The name of the other.
    pub by: &'static str,
    /// The upper bound.
    pub at_most: f64,
}

/// A figure.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// Bytes.
    Bytes(u64),
    /// A count.
    Count(u64),
    /// Events a second.
    Rate(u64),
    /// A time.
    Time(Duration),
}

impl Section {
    /// The row of this name.
    pub fn row(&self, what: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.what == what)
    }
}

impl Value {
    /// The figure without its unit: bytes, a count, events a second, or seconds.
    pub fn number(self) -> f64 {
        match self {
            Self::Bytes(number) | Self::Count(number) | Self::Rate(number) => number as f64,
            Self::Time(time) => time.as_secs_f64(),
        }
    }
}

impl Goal {
    /// Whether a ratio meets the goal, rounded to two decimals as it is printed.
    pub fn is_met(self, ratio: f64) -> bool {
        (ratio * 100.0).round() <= self.at_most * 100.0
    }
}

impl Row {
    /// Whether the row misses a goal.
    pub fn misses(&self) -> bool {
        let met = |goal: &Goal| self.ratio(goal.by).is_none_or(|ratio| goal.is_met(ratio));
        !self.goals.iter().all(met)
    }

    /// The ratio of the component's figure to another's.
    pub fn ratio(&self, name: &str) -> Option<f64> {
        Some(self.ours.number() / self.other(name)?.number())
    }

    /// The figure of another; `None`: not measured.
    pub fn other(&self, name: &str) -> Option<Value> {
        self.others.iter().find(|(other, _)| *other == name)?.1
    }

    /// The component's figure above another's, in its unit.
    pub fn above(&self, name: &str) -> Option<f64> {
        Some(self.ours.number() - self.other(name)?.number())
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Bytes(bytes) if bytes < 10_000 => write!(f, "{bytes} B"),
            Self::Bytes(bytes) => write!(f, "{:.1} KB", bytes as f64 / 1e3),
            Self::Count(count) => write!(f, "{count}"),
            Self::Rate(rate) => write!(f, "{rate}/s"),
            Self::Time(time) if time < Duration::from_micros(10) => write!(f, "{} ns", time.as_nanos()),
            Self::Time(time) if time < Duration::from_millis(1) => {
                write!(f, "{:.0} µs", time.as_secs_f64() * 1e6)
            }
            Self::Time(time) => write!(f, "{:.2} ms", time.as_secs_f64() * 1e3),
        }
    }
}
