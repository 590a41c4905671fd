//! Durations in settings and arguments: a number and a unit, e.g. `300ms`, `2s`, `5m`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

/// Parses a duration.
///
/// # Errors
/// When there is no unit or no number; the error is a sentence about `text`.
pub fn parse(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| format!("'{text}' is not a duration; write a number and a unit, e.g. 300ms, 2s or 5m"))
}

/// Deserializes a string as [`parse`] does.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
}
