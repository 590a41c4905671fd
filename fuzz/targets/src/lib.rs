//! What the fuzzers do with their bytes. libFuzzer calls these functions without end (`fuzz/`); `cargo test`
//! calls them with the corpora and some thousand changes of them.
//!
//! Each panics when something is wrong: not only when the component does, but also when it disagrees with
//! another library that reads the same thing, or breaks one of its own security rules.

mod encodings;
mod parsers;
mod requests;
mod sources;
pub mod world;

/// A fuzzer.
pub struct Target {
    /// Its name: that of its libFuzzer program, and of its corpus.
    pub name: &'static str,
    /// What it does with some bytes.
    pub run: fn(&[u8]),
}

/// THE LIST.
pub const TARGETS: &[Target] = &[
    Target { name: "base64", run: encodings::base64 },
    Target { name: "certificate", run: parsers::certificate },
    Target { name: "challenge", run: sources::challenge },
    Target { name: "cli_cache", run: sources::cli_cache },
    Target { name: "cli_profile", run: sources::cli_profile },
    Target { name: "dates", run: encodings::dates },
    Target { name: "encoding", run: encodings::encoding },
    Target { name: "environment", run: sources::environment },
    Target { name: "json", run: parsers::json },
    Target { name: "request", run: requests::request },
    Target { name: "token_response", run: parsers::token_response },
    Target { name: "url", run: encodings::url },
];

/// Runs the target of that name.
///
/// # Panics
/// When there is none, and when something is wrong.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of THE LIST").run)(data);
}

/// The bytes as text, as the component would get it: WIT strings are UTF-8.
fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}
