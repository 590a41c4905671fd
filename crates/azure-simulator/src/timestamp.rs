//! Unix seconds as Microsoft Entra writes them into its errors.

/// `2027-01-15 08:00:00Z` for 1800000000.
pub fn entra(unix_seconds: u64) -> String {
    let (days, second) = (unix_seconds / 86_400, unix_seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z")
}

/// A time in the letters of `strftime`, of which `%m %d %Y %H %I %M %S %p` are known.
pub fn format(unix_seconds: u64, format: &str) -> String {
    let (year, month, day) = civil(unix_seconds / 86_400);
    let second = unix_seconds % 86_400;
    let (hour, half) = (second / 3600, if second < 43_200 { "AM" } else { "PM" });
    [
        ("%Y", format!("{year:04}")),
        ("%m", format!("{month:02}")),
        ("%d", format!("{day:02}")),
        ("%H", format!("{hour:02}")),
        ("%I", format!("{:02}", (hour + 11) % 12 + 1)),
        ("%M", format!("{:02}", second / 60 % 60)),
        ("%S", format!("{:02}", second % 60)),
        ("%p", half.to_owned()),
    ]
    .iter()
    .fold(format.to_owned(), |text, (letter, value)| text.replace(letter, value))
}

/// Year, month and day of the day that is `days` after 1970-01-01.
///
/// The algorithm is `civil_from_days` of Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms": years begin in March, so that the leap day is a year's last.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468; // days since 0000-03-01
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::entra;

    #[test]
    fn leap_days_and_year_ends_are_right() {
        assert_eq!(entra(0), "1970-01-01 00:00:00Z");
        assert_eq!(entra(951_782_400), "2000-02-29 00:00:00Z");
        assert_eq!(entra(1_735_689_599), "2024-12-31 23:59:59Z");
        assert_eq!(entra(1_800_000_000), "2027-01-15 08:00:00Z");
    }
}
