//! What the output of a test program says.

use regex::Regex;
use std::collections::BTreeSet;

/// What a test program's output says, or that of several.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The names of the failed tests.
    pub failed: BTreeSet<String>,
    /// The names of the threads that panicked, which may be those of tests.
    pub panicked: BTreeSet<String>,
    /// The names of the tests that were running for more than a minute.
    pub slow: BTreeSet<String>,
    /// The names of the threads whose stack overflowed.
    pub overflowed: BTreeSet<String>,
    /// The ids of the attacks that succeeded, or failed in another way than they should.
    pub attacks: BTreeSet<String>,
    /// The number of tests that passed.
    pub passed: usize,
}

impl Report {
    /// Reads the output of libtest or libtest-mimic.
    ///
    /// # Panics
    /// Never: the patterns are constants.
    pub fn parse(output: &str) -> Self {
        let all = |pattern: &str| -> BTreeSet<String> {
            let pattern = Regex::new(&format!("(?m){pattern}")).expect("the pattern is a constant");
            pattern.captures_iter(output).map(|found| found[1].to_owned()).collect()
        };
        Self {
            failed: all(r"^test (\S+)(?: \([^)]*\)| - should panic)?\s+\.\.\. FAILED"),
            panicked: all(r"^thread '([^']+)'(?: \(\d+\))? panicked at"),
            slow: all(r"^test (\S+) has been running for over"),
            overflowed: all(r"^thread '([^']+)'(?: \(\d+\))? has overflowed its stack"),
            attacks: all(r"^attack ([\w./-]+): "),
            passed: output
                .lines()
                .filter(|line| line.starts_with("test ") && line.ends_with(" ... ok"))
                .count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn failed_and_hanging_tests_overflows_and_attacks_are_read_from_the_output() {
        let output = "
test url::tests::a_url_is_read ... ok
test attacks::over_0_3::no_attack_succeeds ... FAILED
test managed-identity/arc-no-challenge (0.2)      ... FAILED
test waits::it_ends has been running for over 60 seconds

thread 'url' (4711) panicked at fuzz/targets/src/encodings.rs:1:2:
thread 'json::nesting_is_bounded' (12) has overflowed its stack
attack relay-hybrid-connection: the listener was sent a token
";
        let expected = Report {
            failed: set(&["attacks::over_0_3::no_attack_succeeds", "managed-identity/arc-no-challenge"]),
            panicked: set(&["url"]),
            slow: set(&["waits::it_ends"]),
            overflowed: set(&["json::nesting_is_bounded"]),
            attacks: set(&["relay-hybrid-connection"]),
            passed: 1,
        };
        assert_eq!(Report::parse(output), expected);
    }
}
