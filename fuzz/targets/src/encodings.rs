//! Encodings: base64, dates, forms, queries, URLs.

use crate::text::text;
use ::base64::prelude::*;
use azure_identity_component::base64 as ours;
use azure_identity_component::http::url::Scheme;
use azure_identity_component::http::{Form, Url, percent_decode, percent_encode};
use azure_token_rules::dates;
use std::time::{Duration, UNIX_EPOCH};

/// Against the crate `base64`, with the white space and the missing padding that the component accepts
/// besides.
pub fn base64(data: &[u8]) {
    assert_eq!(ours::decode_url(&ours::encode_url(data)).as_deref(), Some(data));
    assert_eq!(ours::decode_standard(&ours::encode_standard(data)).as_deref(), Some(data));
    let text = text(data);
    assert_eq!(ours::decode_url(&text), BASE64_URL_SAFE_NO_PAD.decode(text.as_bytes()).ok());
    let plain: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let theirs = BASE64_STANDARD_NO_PAD.decode(plain.trim_end_matches('='));
    assert_eq!(ours::decode_standard(&text), theirs.ok());
}

/// HTTP's form against the crate `httpdate`; the others against the calendar turned around.
pub fn dates(data: &[u8]) {
    let text = text(data);
    // The crate ignores white space around a date, and so do the parser's callers.
    let text = text.trim();
    if let Some(seconds) = dates::parse_http(text, NOW) {
        // The parser ignores the day of the week, and the crate does not, so only the rest is compared.
        let written = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
        let (_, expected) = written.split_once(", ").expect("as it is always written");
        let date = text.split_once(", ").map_or(text, |(_, date)| date);
        // A leap second counts as the one before it, and numbers may be written with more or fewer zeros. The two
        // obsolete forms have other widths.
        let widths = |date: &str| date.split([' ', ':']).map(str::len).collect::<Vec<_>>();
        if widths(date) == widths(expected) && !date.contains(":60") {
            assert_eq!(date, expected);
        }
        assert_eq!(dates::parse_http(&written, NOW), Some(seconds));
    }
    if let Ok(time) = httpdate::parse_http_date(text)
        && let Ok(since) = time.duration_since(UNIX_EPOCH)
    {
        let ours = dates::parse_http(text, NOW);
        // The crate decides the century of a year of two digits without knowing the current one.
        let expected = if text.contains('-') { ours } else { Some(since.as_secs()) };
        assert!(ours.is_some() && ours == expected, "{text}: {ours:?}");
    }
    for seconds in [dates::parse_iso(text), dates::parse_us(text)].into_iter().flatten() {
        assert!(seconds < 253_402_300_800, "{text}");
        let (year, month, day) = date_of(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        let iso = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
        let us = format!("{month}/{day:02}/{year} {hour:02}:{minute:02}:{second:02} +00:00");
        assert_eq!((dates::parse_iso(&iso), dates::parse_us(&us)), (Some(seconds), Some(seconds)), "{text}");
    }
}

/// 2027-01-15T08:00:00Z.
const NOW: u64 = 1_800_000_000;

/// Year, month, day of a day since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`).
fn date_of(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + u64::from(month <= 2), month, day)
}

/// Forms and queries against the crate `url`: what was put in comes out.
pub fn encoding(data: &[u8]) {
    let text = text(data);
    assert_eq!(percent_decode(&percent_encode(&text).to_string()), text);
    let parts: Vec<&str> = text.split('\0').collect();
    let fields: Vec<(&str, &str)> =
        parts.chunks(2).map(|pair| (pair[0], *pair.last().unwrap_or(&""))).collect();
    let form = Form::new(&fields).into_encoded();
    let read: Vec<(String, String)> =
        ::url::form_urlencoded::parse(form.expose().as_bytes()).into_owned().collect();
    let expected: Vec<(String, String)> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    // A pair with neither name nor value is a field to this encoder, and some parsers skip it.
    if fields.iter().all(|(name, value)| !(name.is_empty() && value.is_empty())) {
        assert_eq!(read, expected);
    }
    assert!(form.expose().bytes().all(|b| b.is_ascii_graphic()));
    let address = Url::parse("https://vault.azure.net/a").expect("an address").query(&fields);
    let theirs = ::url::Url::parse(&address.to_string()).expect("an address to others as well");
    assert_eq!((theirs.host_str(), theirs.path()), (Some("vault.azure.net"), "/a"));
    assert_eq!(theirs.fragment(), None);
    if !fields.is_empty() && fields.iter().all(|(name, value)| !(name.is_empty() && value.is_empty())) {
        assert_eq!(theirs.query_pairs().into_owned().collect::<Vec<_>>(), expected);
    }
}

/// What passes for an address is the same one to the crate `url`, and plain `http` goes nowhere but to this
/// machine and its link.
pub fn url(data: &[u8]) {
    let text = text(data);
    for (ours, is_metadata) in [
        (Url::parse(&text), false),
        (Url::parse_metadata_endpoint(&text), true),
        (Url::parse_authority(&text), false),
    ] {
        let Ok(ours) = ours else { continue };
        let written = ours.to_string();
        assert!(written.bytes().all(|b| b.is_ascii_graphic()), "{written}");
        assert_eq!(Url::parse(&written).as_ref(), Ok(&ours));
        // Names that are spelled like numbers and are none: nothing resolves them.
        let Ok(theirs) = ::url::Url::parse(&written) else { continue };
        assert_eq!(theirs.scheme(), if ours.scheme() == Scheme::Http { "http" } else { "https" });
        assert_eq!((theirs.username(), theirs.password(), theirs.fragment()), ("", None, None));
        if is_metadata && ours.scheme() == Scheme::Http {
            assert!(is_near(&theirs), "{written}");
        }
        let is_number = matches!(theirs.host(), Some(::url::Host::Ipv4(_) | ::url::Host::Ipv6(_)));
        if !is_number {
            assert_eq!(theirs.host_str(), Some(ours.host()), "{written}");
        }
        // The crate encodes this character, which a query may have (RFC 3986).
        let written = written.replace('\'', "%27");
        assert!(theirs.query().is_none_or(|query| written.ends_with(query)), "{written}");
    }
    if let Ok(endpoint) = Url::parse_private_endpoint(&text) {
        let theirs = ::url::Url::parse(&endpoint.to_string());
        let is_allowed = |url: &::url::Url| url.scheme() == "https" || is_near(url) || is_private(url);
        assert!(theirs.is_err() || theirs.is_ok_and(|url| is_allowed(&url)), "{endpoint}");
    }
    if let Ok(authority) = Url::parse_authority(&text) {
        assert_eq!(authority.path_and_query().trim_matches('/'), "");
        let is_far = ::url::Url::parse(&authority.to_string()).is_ok_and(|url| !is_loopback(&url));
        assert!(authority.scheme() == Scheme::Https || !is_far, "{authority}");
    }
}

/// Whether it is loopback or 169.254.0.0/16.
pub(crate) fn is_near(url: &::url::Url) -> bool {
    matches!(url.host(), Some(::url::Host::Ipv4(ip)) if ip.is_link_local()) || is_loopback(url)
}

/// Whether a URL names an address of a private network.
pub(crate) fn is_private(url: &::url::Url) -> bool {
    match url.host() {
        Some(::url::Host::Ipv4(ip)) => ip.is_private(),
        Some(::url::Host::Ipv6(ip)) => ip.is_unique_local(),
        _ => false,
    }
}

fn is_loopback(url: &::url::Url) -> bool {
    match url.host() {
        Some(::url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(::url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(::url::Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}
