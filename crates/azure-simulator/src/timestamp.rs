//! Points in time as text.

use time::OffsetDateTime;
use time::format_description::{self, BorrowedFormatItem};
use time::macros::format_description;

/// The form in the errors of Microsoft Entra ID: `2027-01-15 08:00:00Z` for 1800000000 seconds after the Unix epoch.
pub fn entra(unix_seconds: u64) -> String {
    text(unix_seconds, ENTRA)
}

fn text(unix_seconds: u64, format: &[BorrowedFormatItem]) -> String {
    let seconds = i64::try_from(unix_seconds).unwrap_or(i64::MAX);
    let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(format).unwrap_or_default()
}

const ENTRA: &[BorrowedFormatItem] = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");

/// A time in a format of `strftime`, e.g. `%m/%d/%Y %I:%M:%S %p`; empty if the format is not one.
pub fn strftime(unix_seconds: u64, format: &str) -> String {
    let format = format_description::parse_strftime_borrowed(format);
    format.map(|format| text(unix_seconds, &format)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_microsoft_entra_writes_it() {
        assert_eq!(entra(0), "1970-01-01 00:00:00Z");
        assert_eq!(entra(951_782_400), "2000-02-29 00:00:00Z");
        assert_eq!(entra(1_800_000_000), "2027-01-15 08:00:00Z");
    }

    #[test]
    fn a_time_is_written_in_a_format_of_strftime() {
        assert_eq!(strftime(1_800_000_000, "%m/%d/%Y %I:%M:%S %p +00:00"), "01/15/2027 08:00:00 AM +00:00");
    }
}
