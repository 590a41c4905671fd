//! The three date formats of services, parsed to seconds since the Unix epoch.

/// A date of HTTP in each of its three forms (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`, of RFC 850
/// `Sunday, 06-Nov-94 08:49:37 GMT`, and of `asctime` `Sun Nov  6 08:49:37 1994`. `now` decides the century of a year
/// of two digits. The day of the week is not checked.
pub fn parse_http(text: &str, now: u64) -> Option<u64> {
    let mut words = text.split([' ', '-']).filter(|word| !word.is_empty());
    let mut next = || words.next();
    let weekday = next()?;
    let (day, month, year, clock) = if weekday.ends_with(',') {
        let date = (next()?, next()?, next()?, next()?);
        if next()? != "GMT" {
            return None;
        }
        date
    } else {
        let (month, day, clock, year) = (next()?, next()?, next()?, next()?);
        (day, month, year, clock)
    };
    if next().is_some() {
        return None;
    }
    let month = MONTHS.iter().position(|name| *name == month)?;
    let month = u64::try_from(month).ok()?.checked_add(1)?;
    let (day, seconds) = (number(day)?, time(clock)?);
    let in_year = |year| join(days_since_epoch(year, month, day)?, seconds);
    match (year.len(), number(year)?) {
        (4, year) => in_year(year),
        // "that appears to be more than 50 years in the future as representing the most recent year in the past that
        // had the same last two digits".
        (2, year) => {
            let this = in_year(year.checked_add(2000)?);
            let is_future = this.is_some_and(|date| date > now.saturating_add(FIFTY_YEARS));
            if is_future { in_year(year.checked_add(1900)?) } else { this }
        }
        _ => None,
    }
}

/// `11/06/1994 08:49:37 +00:00` or `11/6/1994 8:49:37 AM +00:00`: the `expires_on` of App Service and Azure
/// ML on Linux and on Windows (azure-identity parses the same two), with another offset or none as well.
pub fn parse_us(text: &str) -> Option<u64> {
    let (date, clock) = text.split_once(' ')?;
    let mut date = date.split('/');
    let (month, day, year) = (number(date.next()?)?, number(date.next()?)?, number(date.next()?)?);
    let (clock, offset) = split_offset(clock)?;
    let (clock, half) = clock.split_once(' ').map_or((clock, None), |(clock, half)| (clock, Some(half)));
    let mut seconds = time(clock)?;
    let noon = 12_u64.checked_mul(3600)?;
    match half {
        None => {}
        // 12 AM is midnight, 12 PM is noon.
        Some("AM") => seconds = if seconds >= noon { seconds.checked_sub(noon)? } else { seconds },
        Some("PM") => seconds = if seconds < noon { seconds.checked_add(noon)? } else { seconds },
        Some(_) => return None,
    }
    date.next().is_none().then(|| offset.to_utc(join(days_since_epoch(year, month, day)?, seconds)?))?
}

/// `1994-11-06T08:49:37Z` (RFC 3339), also with a space instead of the `T`, with or without a fraction of a second,
/// and with an offset (`+00:00`, `-0530`) or none.
pub fn parse_iso(text: &str) -> Option<u64> {
    let (date, clock) = text.split_once(['T', ' '])?;
    let mut date = date.split('-');
    let (year, month, day) = (number(date.next()?)?, number(date.next()?)?, number(date.next()?)?);
    let (clock, offset) = split_offset(clock)?;
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let done = is_fraction && date.next().is_none();
    done.then(|| offset.to_utc(join(days_since_epoch(year, month, day)?, time(whole)?)?))?
}

/// The offset of a local time from UTC.
#[derive(Clone, Copy)]
enum Offset {
    East(u64),
    West(u64),
}

impl Offset {
    /// The time in UTC, at most the end of the year 9999.
    fn to_utc(self, local: u64) -> Option<u64> {
        let utc = match self {
            Self::East(seconds) => local.checked_sub(seconds)?,
            Self::West(seconds) => local.checked_add(seconds)?,
        };
        (utc <= LATEST).then_some(utc)
    }
}

/// Splits the offset from the end of a time: `Z`, `+hh:mm`, `-hhmm`, `+hh`. A time without one is in UTC, as services
/// mean it.
fn split_offset(clock: &str) -> Option<(&str, Offset)> {
    if let Some(clock) = clock.strip_suffix('Z') {
        return Some((clock.trim_end(), Offset::East(0)));
    }
    let Some(start) = clock.rfind(['+', '-']) else { return Some((clock, Offset::East(0))) };
    let (clock, offset) = clock.split_at_checked(start)?;
    let (sign, digits) = offset.split_at_checked(1)?;
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let minutes = if digits.len() == 2 { "00" } else { minutes };
    let (hours, minutes) = (number(hours)?, number(minutes).filter(|_| minutes.len() == 2)?);
    let seconds = hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60)?;
    let is_valid = hours < 24 && minutes < 60;
    let offset = if sign == "-" { Offset::West(seconds) } else { Offset::East(seconds) };
    is_valid.then_some((clock.trim_end(), offset))
}

/// `hh:mm:ss` as seconds; a leap second counts as the one before it.
fn time(text: &str) -> Option<u64> {
    let mut parts = text.split(':');
    let (hours, minutes, seconds) = (number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
    let valid = hours < 24 && minutes < 60 && seconds <= 60 && parts.next().is_none();
    let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
    valid.then(|| minutes.checked_mul(60)?.checked_add(seconds.min(59)))?
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, up to the year 9999.
fn days_since_epoch(year: u64, month: u64, day: u64) -> Option<u64> {
    let leap = |year: u64| (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let february = if leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month.checked_sub(1)?).ok()?;
    let valid = (1970..=9999).contains(&year) && day >= 1 && day <= *months.get(index)?;
    if !valid {
        return None;
    }
    let before = year.checked_sub(1)?;
    let leap_days = (before / 4).checked_sub(before / 100)?.checked_add(before / 400)?.checked_sub(477)?;
    let in_years = year.checked_sub(1970)?.checked_mul(365)?.checked_add(leap_days)?;
    let in_months: u64 = months.iter().take(index).sum();
    in_years.checked_add(in_months)?.checked_add(day)?.checked_sub(1)
}

fn join(days: u64, seconds: u64) -> Option<u64> {
    days.checked_mul(86_400)?.checked_add(seconds)
}

/// A number of decimal digits alone. `parse` would accept a sign as well.
fn number(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// 9999-12-31T23:59:59Z.
const LATEST: u64 = 253_402_300_799;
/// In seconds.
const FIFTY_YEARS: u64 = 50 * 31_556_952;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn dates_of_all_three_formats_are_parsed() {
        for (date, expected) in [
            (parse_http("Sun, 06 Nov 1994 08:49:37 GMT", NOW), 784_111_777),
            (parse_http("Sunday, 06-Nov-94 08:49:37 GMT", NOW), 784_111_777),
            (parse_http("Sun Nov  6 08:49:37 1994", NOW), 784_111_777),
            (parse_http("Friday, 15-Jan-27 09:23:20 GMT", NOW), 1_800_005_000),
            (parse_http("Fri Jan 15 09:23:20 2027", NOW), 1_800_005_000),
            (parse_http("Friday, 01-Jan-77 00:00:00 GMT", NOW), 3_376_684_800),
            (parse_http("Saturday, 01-Jan-78 00:00:00 GMT", NOW), 252_460_800),
            (parse_http("Thu, 01 Jan 1970 00:00:00 GMT", NOW), 0),
            (parse_http("Thu, 29 Feb 2024 23:59:60 GMT", NOW), 1_709_251_199),
            (parse_us("01/15/2027 09:23:20 +00:00"), 1_800_005_000),
            (parse_us("1/15/2027 9:23:20 AM +00:00"), 1_800_005_000),
            (parse_us("1/15/2027 12:00:01 AM +00:00"), 1_799_971_201),
            (parse_us("1/15/2027 12:00:01 PM +00:00"), 1_800_014_401),
            (parse_us("1/15/2027 9:23:20 PM +00:00"), 1_800_048_200),
            (parse_iso("2027-01-15T09:23:20Z"), 1_800_005_000),
            (parse_iso("2027-01-15T09:23:20.1234567Z"), 1_800_005_000),
            (parse_iso("2027-01-15 09:23:20+00:00"), 1_800_005_000),
            (parse_iso("9999-12-31T23:59:59Z"), 253_402_300_799),
            (parse_iso("2027-01-15 09:23:20Z"), 1_800_005_000),
            (parse_iso("2027-01-15 09:23:20 Z"), 1_800_005_000),
            (parse_iso("2027-01-15T09:23:20"), 1_800_005_000),
            (parse_iso("2027-01-15 09:23:20.123456"), 1_800_005_000),
            (parse_iso("2027-01-15T11:23:20+02:00"), 1_800_005_000),
            (parse_iso("2027-01-15T14:53:20.5+0530"), 1_800_005_000),
            (parse_iso("2027-01-15 01:23:20 -08"), 1_800_005_000),
            (parse_iso("2027-01-14T23:53:20-09:30"), 1_800_005_000),
            (parse_iso("1970-01-01T02:00:00+02:00"), 0),
            (parse_us("01/15/2027 09:23:20"), 1_800_005_000),
            (parse_us("01/15/2027 09:23:20Z"), 1_800_005_000),
            (parse_us("01/15/2027 11:23:20 +02:00"), 1_800_005_000),
            (parse_us("1/15/2027 1:23:20 AM -08:00"), 1_800_005_000),
        ] {
            assert_eq!(date, Some(expected));
        }
    }

    #[test]
    fn a_malformed_date_is_refused() {
        for date in [
            parse_http("06 Nov 1994 08:49:37 GMT", NOW),
            parse_http("Sun, 06 Nov 1994 08:49:37 CET", NOW),
            parse_http("Sun, 06 Nov 1994 08:49:37", NOW),
            parse_http("Sun, 06 Nov 1994 08:49:37 GMT x", NOW),
            parse_http("Sun, 31 Feb 1994 08:49:37 GMT", NOW),
            parse_http("Sun, 06 Nov 194 08:49:37 GMT", NOW),
            parse_http("Sun Nov  6 08:49:37 94 GMT", NOW),
            parse_http("Sun 6 Nov 08:49:37 1994", NOW),
            parse_us("13/15/2027 09:23:20 +00:00"),
            parse_us("01/15/2027 09:23:20 AM PM"),
            parse_us("01/15/2027"),
            parse_us("01/15/2027 25:23:20 +00:00"),
            parse_us("01/15/2027 09:23:20 XM +00:00"),
            parse_iso("2027-01-15T09:23:20+24:00"),
            parse_iso("2027-01-15T09:23:20+02:60"),
            parse_iso("2027-01-15T09:23:20+2"),
            parse_iso("2027-01-15T09:23:20+02:0"),
            parse_iso("2027-01-15T09:23:20+02:00:00"),
            parse_iso("2027-01-15T09:23:20+"),
            parse_iso("2027-01-15T09:23:20 CET"),
            parse_iso("2027-01-15T09:23:20.x"),
            parse_iso("2027-01-15T09:23:20.1234567890x"),
            parse_iso("1970-01-01T00:00:00+02:00"),
            parse_iso("9999-12-31T23:59:59-01:00"),
            parse_iso("2027-01-15"),
            parse_iso("2027-00-15T09:23:20Z"),
            parse_iso("10000-01-15T09:23:20Z"),
            parse_iso("2027-01-15T+9:23:20Z"),
            parse_iso(""),
        ] {
            assert_eq!(date, None);
        }
    }
}
