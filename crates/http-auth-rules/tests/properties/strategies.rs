//! Strategies that generate texts near those that the parsers accept.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A text of pieces that a parser knows, and of single characters.
pub fn text(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        1 => (0..0x500_u32).prop_map(|code| char::from_u32(code).unwrap_or('x').to_string()),
        1 => (0..128_u8).prop_map(|byte| char::from(byte).to_string()),
        4 => select(pieces).prop_map(ToOwned::to_owned),
    ];
    vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

/// An authority: often one of a host of the table, in some spelling.
pub fn authority() -> impl Strategy<Value = String> {
    let known =
        ("[a-zA-Z0-9-]{1,9}", select(SUFFIXES), select(&["", ".", ":443", ".:443", ":0443", ":1"][..]));
    let known = known.prop_map(|(name, suffix, end)| [name.as_str(), suffix, end].concat());
    prop_oneof![text(HOSTS), known]
}

/// A path with a query: most of them begin with a slash.
pub fn path_with_query() -> impl Strategy<Value = String> {
    let begins = select(&["/", "/", "/", "?", ""][..]);
    (begins, text(PATHS)).prop_map(|(begin, rest)| [begin, rest.as_str()].concat())
}

/// A challenge and pieces after it, separated by commas or now and then by another piece.
pub fn challenges(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let separator = prop_oneof![19 => Just(", "), 1 => select(pieces)];
    let more =
        vec((separator, select(pieces)).prop_map(|(separator, piece)| [separator, piece].concat()), 0..6);
    more.prop_map(|more| "Bearer error=insufficient_claims".to_owned() + &more.concat())
}

/// What follows the name of a resource.
const SUFFIXES: &[&str] = &[
    ".vault.azure.net",
    ".VAULT.azure.net",
    ".blob.core.windows.net",
    ".contoso.example",
    ".vault.azure.net.evil.example",
];

/// Pieces of authorities.
pub const HOSTS: &[&str] = &[
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
/// Pieces of paths.
pub const PATHS: &[&str] = &[
    "/",
    "..",
    ".",
    "%2e",
    "%2f",
    "%5c",
    "\\",
    "//",
    ";",
    "%3b",
    "a",
    "b",
    "A",
    "%41",
    "%24",
    "$",
    "(",
    "'",
    ":",
    "@",
    "{",
    "|",
    "%",
    "%zz",
    "?",
    "#",
    "%252e",
    "secrets",
    "%20",
    "%00",
    "%c3%a9",
    "%c0%af",
    "%ef%bc%8f",
    "é",
    "x=y",
    "&",
    "_method",
];
/// Pieces of rules.
pub const RULES: &[&str] = &[
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
/// Pieces of challenges.
pub const CHALLENGES: &[&str] = &[
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
/// Pieces of well-formed challenges, so that the crate `http-auth` accepts many of them.
pub const WELL_FORMED: &[&str] =
    &["Bearer", "Basic realm=\"\"", "claims=\"e30=\"", "A = b", "x=\"a, b=\\\"c\\\"\"", "Nonce q=1", ""];
