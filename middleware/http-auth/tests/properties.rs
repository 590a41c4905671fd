//! Properties that hold for any input, and the comparison of our parser of challenges with the crate `http-auth`.

#![allow(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use azure_http_auth::challenge::{decode_base64, parse_challenges};
use azure_http_auth::refusal::RequestHead;
use azure_http_auth::rules::parse::parse;
use azure_http_auth::settings::{Decision, Settings};
use azure_http_auth::target::{Host, Server, plain_path};

/// A generator of the same numbers in every run (xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("it is below")
    }

    /// A text of pieces that the parsers know, and of single characters.
    fn text(&mut self, pieces: &[&str]) -> String {
        let count = self.below(9);
        let piece = |random: &mut Self| match random.below(4) {
            0 => char::from_u32(u32::try_from(random.below(0x500)).unwrap_or(0)).unwrap_or('x').to_string(),
            1 => char::from(u8::try_from(random.below(128)).unwrap_or(0)).to_string(),
            _ => pieces[random.below(pieces.len())].to_owned(),
        };
        (0..count).map(|_| piece(self)).collect()
    }

    /// A challenge and pieces after it, separated by commas or now and then by another piece.
    fn challenges(&mut self, pieces: &[&str]) -> String {
        let count = self.below(6);
        let piece = |random: &mut Self| {
            let separator = if random.below(20) == 0 { pieces[random.below(pieces.len())] } else { ", " };
            [separator, pieces[random.below(pieces.len())]].concat()
        };
        "Bearer error=insufficient_claims".to_owned() + &(0..count).map(|_| piece(self)).collect::<String>()
    }
}

const HOSTS: &[&str] = &[
    "169.254.169.254",
    "169",
    "254",
    ".",
    "..",
    ":",
    "443",
    "[",
    "]",
    "::",
    "ffff:",
    "a9fe",
    "0x",
    "0",
    "0251",
    "2852039166",
    "@",
    "my",
    ".vault.azure.net",
    "login.microsoftonline.com",
    "localhost",
    "127.0.0.1",
    "%2e",
    "%00",
    "\\",
    "/",
    "?",
    "#",
    "xn--",
    "-",
    "ｍ",
    "metadata",
    ".internal",
    "VAULT",
    "evil.example",
    "\t",
    "\r\n",
    "fe80",
    "1",
];
const PATHS: &[&str] = &[
    "/", "..", ".", "%2e", "%2f", "%5c", "\\", "//", ";", "a", "%", "%zz", "?", "#", "%252e", "secrets",
    "%00", "é",
];
const RULES: &[&str] = &[
    "https://",
    "http://",
    "*.",
    "a.example",
    "127.0.0.1",
    ":",
    "8080",
    "/",
    "path",
    " ",
    "\n",
    ";",
    "#",
    "scope=",
    "s",
    "pass",
    "deny",
    "tenant=",
    "cae=off",
    "keep=",
    "9",
    "use ",
    "key-vault",
    "GET",
    ",",
    "as=cosmos",
    "=",
    "ü",
    "https://a.example scope=s",
    "https://*.b.example/x pass",
    "PUT https://a.example/y deny",
];
const CHALLENGES: &[&str] = &[
    "Bearer",
    " ",
    ",",
    "=",
    "\"",
    "\\",
    "claims",
    "e30",
    "resource",
    "authorization",
    "https://",
    "a",
    "\t",
    "PoP",
    "ü",
];

/// Pieces of well-formed challenges, so that the crate accepts many of them.
const WELL_FORMED: &[&str] =
    &["Bearer", "Basic realm=\"\"", "claims=\"e30=\"", "A = b", "x=\"a, b=\\\"c\\\"\"", "Nonce q=1", ""];

const TIMES: usize = 50_000;

#[test]
fn an_authenticated_request_goes_to_the_host_that_the_rule_names() {
    let rules = ("AZURE_HTTP_AUTH_RULES".to_owned(), "use all-data-plane".to_owned());
    let settings = Settings::read(&[rules]).expect("settings");
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut authenticated = 0;
    for _ in 0..TIMES {
        let (authority, path) = (random.text(HOSTS), random.text(PATHS));
        let scheme = ["https", "http", "HTTPS"][random.below(3)];
        let request = RequestHead {
            method: "GET",
            scheme: Some(scheme),
            authority: Some(&authority),
            path_with_query: Some(&path),
            host_headers: &[],
        };
        if let Ok(Decision::Authenticate(access, server)) = settings.decide(&request) {
            authenticated += 1;
            let host = server.host.to_string();
            assert!(host.is_ascii() && !host.contains(['@', '%', '\\', '/', ':']), "{authority:?}");
            assert_eq!(server.scheme.name(), "https", "{authority:?}");
            // The host of the text, by hand: a lower-case name, without the default port and the final dot.
            let name = authority.to_ascii_lowercase();
            let name = name.strip_suffix(":443").unwrap_or(&name);
            assert_eq!(name.strip_suffix('.').unwrap_or(name), host, "{authority:?}");
            assert!(access.scope.ends_with("/.default"));
        }
    }
    assert!(
        authenticated > 20,
        "only {authenticated} of {TIMES} were authenticated: the generator is too wild"
    );
}

#[test]
fn a_parsed_host_is_parsed_the_same_again() {
    let mut random = Random(42);
    for _ in 0..TIMES {
        let text = random.text(HOSTS);
        if let Ok(host) = Host::parse(&text) {
            assert_eq!(Host::parse(&host.to_string()), Ok(host), "{text:?}");
        }
        if let Ok(server) = Server::parse(Some("https"), Some(&text)) {
            let address = server.to_string();
            assert_eq!(Server::of_address(&address), Ok(server), "{text:?}");
        }
    }
}

#[test]
fn a_plain_path_is_its_own_plain_form_and_climbs_nowhere() {
    let mut random = Random(7);
    for _ in 0..TIMES {
        let text = random.text(PATHS);
        if let Some(plain) = plain_path(&text) {
            assert_eq!(plain_path(&plain).as_deref(), Some(plain.as_str()), "{text:?}");
            assert!(plain.starts_with('/') && !plain.contains("//") && !plain.contains('\\'), "{text:?}");
            assert!(plain.split('/').all(|segment| segment != ".." && segment != "."), "{text:?}");
        }
    }
}

#[test]
fn rules_are_parsed_or_the_place_of_the_error_is_named() {
    let mut random = Random(11);
    let mut read = 0;
    for _ in 0..TIMES {
        let text = random.text(RULES);
        match parse(&text) {
            Ok(parsed) => read += usize::from(!parsed.rules.is_empty()),
            Err(error) => {
                let line = text.lines().nth(error.line - 1).unwrap_or_default();
                assert!(error.column <= line.chars().count() + 1, "{text:?}: {error}");
            }
        }
    }
    assert!(read > 10, "only {read} of {TIMES} were rules: the generator is too wild");
}

#[test]
fn any_challenge_can_be_parsed() {
    let mut random = Random(13);
    for _ in 0..TIMES {
        let text = random.text(CHALLENGES);
        assert!(parse_challenges(&text).len() <= 16);
        let _ = decode_base64(&text);
    }
}

/// The crate is stricter than services are, so only what it accepts is compared: there both read the same.
#[test]
fn challenges_that_the_crate_http_auth_accepts_are_parsed_as_by_it() {
    let mut random = Random(17);
    let mut accepted = 0;
    for _ in 0..TIMES {
        let text = random.challenges(WELL_FORMED);
        let Ok(theirs) = http_auth::parse_challenges(&text) else { continue };
        accepted += usize::from(theirs.iter().any(|challenge| !challenge.params.is_empty()));
        let theirs = theirs.iter().map(|challenge| {
            let parameter = |(name, value): &(&str, http_auth::ParamValue<'_>)| {
                (name.to_ascii_lowercase(), value.to_unescaped())
            };
            (challenge.scheme.to_owned(), challenge.params.iter().map(parameter).collect())
        });
        let ours = parse_challenges(&text).into_iter().map(|it| (it.scheme, it.parameters));
        assert_eq!(ours.collect::<Vec<_>>(), theirs.collect::<Vec<(String, Vec<_>)>>(), "{text:?}");
    }
    assert!(accepted > 1000, "the crate accepted only {accepted} of {TIMES} with parameters");
}
