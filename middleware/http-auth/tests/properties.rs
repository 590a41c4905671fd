//! What holds for any input: a fuzz target calls the same functions with input of its own.

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

/// A generator that gives the same numbers every time (xorshift64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("it is below")
    }

    /// Text made of pieces that mean something to the parsers, and of single characters.
    fn text(&mut self, pieces: &[&str]) -> String {
        let count = self.below(9);
        let piece = |chance: &mut Self| match chance.below(4) {
            0 => char::from_u32(u32::try_from(chance.below(0x500)).unwrap_or(0)).unwrap_or('x').to_string(),
            1 => char::from(u8::try_from(chance.below(128)).unwrap_or(0)).to_string(),
            _ => pieces[chance.below(pieces.len())].to_owned(),
        };
        (0..count).map(|_| piece(self)).collect()
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
    "built-in",
    " off",
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

const TIMES: usize = 50_000;

#[test]
fn what_is_authenticated_goes_to_the_host_that_the_rule_names() {
    let settings = Settings::read(&[]).expect("settings");
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let mut authenticated = 0;
    for _ in 0..TIMES {
        let (authority, path) = (chance.text(HOSTS), chance.text(PATHS));
        let scheme = ["https", "http", "HTTPS"][chance.below(3)];
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
            // The strictest reader of addresses, whom the real hosts use: it finds the same host.
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
fn a_host_that_can_be_read_is_read_the_same_again() {
    let mut chance = Chance(42);
    for _ in 0..TIMES {
        let text = chance.text(HOSTS);
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
    let mut chance = Chance(7);
    for _ in 0..TIMES {
        let text = chance.text(PATHS);
        if let Some(plain) = plain_path(&text) {
            assert_eq!(plain_path(&plain).as_deref(), Some(plain.as_str()), "{text:?}");
            assert!(plain.starts_with('/') && !plain.contains("//") && !plain.contains('\\'), "{text:?}");
            assert!(plain.split('/').all(|segment| segment != ".." && segment != "."), "{text:?}");
        }
    }
}

#[test]
fn rules_are_read_or_the_place_is_named_where_they_cannot_be() {
    let mut chance = Chance(11);
    let mut read = 0;
    for _ in 0..TIMES {
        let text = chance.text(RULES);
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
fn any_challenge_can_be_taken_apart() {
    let mut chance = Chance(13);
    for _ in 0..TIMES {
        let text = chance.text(CHALLENGES);
        assert!(parse_challenges(&text).len() <= 16);
        let _ = decode_base64(&text);
    }
}
