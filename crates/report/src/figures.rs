//! A figure, and what it is compared with.

use std::time::Duration;

/// Rows that belong together.
#[derive(Debug)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// What the reader has to know about how it is measured.
    pub how: &'static str,
    /// Its rows.
    pub rows: Vec<Row>,
    /// What stops it from meeting the goals that it misses; empty: nothing is known.
    pub why: &'static str,
}

/// A figure and what it is compared with.
#[derive(Debug)]
pub struct Row {
    /// What it is of.
    pub what: String,
    /// Ours.
    pub ours: Value,
    /// The others: their names and figures; `None`: not measured.
    pub others: Vec<(&'static str, Option<Value>)>,
    /// What ours should be at most, as a multiple of another's.
    pub goals: Vec<Goal>,
}

/// What a figure of ours should be at most.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// The other whose figure it is measured by.
    pub by: &'static str,
    /// How many times the other's it may be.
    pub at_most: f64,
}

/// A figure.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// So many bytes.
    Bytes(u64),
    /// So many of something.
    Count(u64),
    /// So long.
    Time(Duration),
}

impl Value {
    /// The figure without its unit: bytes, pieces or seconds.
    pub fn number(self) -> f64 {
        match self {
            Self::Bytes(number) | Self::Count(number) => number as f64,
            Self::Time(time) => time.as_secs_f64(),
        }
    }
}

impl Goal {
    /// Whether a ratio meets it, as it is printed: with two decimals.
    pub fn is_met(self, ratio: f64) -> bool {
        (ratio * 100.0).round() <= self.at_most * 100.0
    }
}

impl Row {
    /// Whether it misses a goal.
    pub fn misses(&self) -> bool {
        let met = |goal: &Goal| self.ratio(goal.by).is_none_or(|ratio| goal.is_met(ratio));
        !self.goals.iter().all(met)
    }

    /// How many times another's figure ours is.
    pub fn ratio(&self, name: &str) -> Option<f64> {
        let (_, other) = self.others.iter().find(|(other, _)| *other == name)?;
        Some(self.ours.number() / (*other)?.number())
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Bytes(bytes) if bytes < 10_000 => write!(f, "{bytes} B"),
            Self::Bytes(bytes) => write!(f, "{:.1} KB", bytes as f64 / 1e3),
            Self::Count(count) => write!(f, "{count}"),
            Self::Time(time) if time < Duration::from_micros(10) => write!(f, "{} ns", time.as_nanos()),
            Self::Time(time) if time < Duration::from_millis(1) => {
                write!(f, "{:.0} µs", time.as_secs_f64() * 1e6)
            }
            Self::Time(time) => write!(f, "{:.2} ms", time.as_secs_f64() * 1e3),
        }
    }
}
