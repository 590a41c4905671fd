//! The functions of the fuzzers. libFuzzer calls them with generated input (`fuzz/`); `cargo test` calls them
//! with the corpora and some thousand mutations of them.
//!
//! A function panics when the component panics, when its result differs from that of another library, or when
//! it breaks one of its own security rules.

mod encodings;
mod parsers;
mod records;
mod requests;
mod sources;
mod text;

/// A fuzzer.
pub struct Target {
    /// Its name: that of its libFuzzer program, and of its corpus.
    pub name: &'static str,
    /// Its function.
    pub run: fn(&[u8]),
}

/// All fuzzers.
pub const TARGETS: &[Target] = &[
    Target { name: "base64", run: encodings::base64 },
    Target { name: "certificate", run: parsers::certificate },
    Target { name: "challenge", run: sources::challenge },
    Target { name: "claims", run: requests::claims },
    Target { name: "cli_cache", run: sources::cli_cache },
    Target { name: "cli_profile", run: sources::cli_profile },
    Target { name: "dates", run: encodings::dates },
    Target { name: "encoding", run: encodings::encoding },
    Target { name: "environment", run: sources::environment },
    Target { name: "record", run: records::record },
    Target { name: "request", run: requests::request },
    Target { name: "token_response", run: parsers::token_response },
    Target { name: "url", run: encodings::url },
];

/// Runs the fuzzer with a name.
///
/// # Panics
/// When there is no such fuzzer, and when it finds a failure.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("the name of a fuzzer").run)(data);
}
