//! Durations as people write them in settings and flags: `300ms`, `2s`, `5m`.

use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

/// A duration that is written with its unit.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub struct Pause(
    /// The duration itself.
    pub Duration,
);

impl FromStr for Pause {
    type Err = String;

    fn from_str(text: &str) -> Result<Pause, String> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| complaint(text))?;
        match unit {
            "ms" => Ok(Pause(Duration::from_millis(number))),
            "s" => Ok(Pause(Duration::from_secs(number))),
            "m" => Ok(Pause(Duration::from_secs(number.saturating_mul(60)))),
            _ => Err(complaint(text)),
        }
    }
}

impl TryFrom<String> for Pause {
    type Error = String;

    fn try_from(text: String) -> Result<Pause, String> {
        text.parse()
    }
}

fn complaint(text: &str) -> String {
    format!("'{text}' is no duration; write a number and ms, s or m, e.g. 300ms")
}
