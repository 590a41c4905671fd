//! Golden files and texts of tests: the macros of `expect-test`, for which `UPDATE_EXPECT` has one meaning.
//!
//! `expect-test` rewrites whenever the variable is set, so `UPDATE_EXPECT=0` would replace what tests expect. Here 1 rewrites,
//! a test without the variable compares, and every other value is refused. Tests that write golden files themselves ask
//! [`is_update_requested`].

use std::env::VarError;

#[doc(hidden)]
pub use expect_test as library;
pub use expect_test::{Expect, ExpectFile};

/// A text in the source, as `expect_test::expect`.
///
/// # Panics
/// As [`is_update_requested`].
///
/// # Examples
/// ```
/// golden::expect!["4"].assert_eq(&(2 + 2).to_string());
/// ```
#[macro_export]
macro_rules! expect {
    [$($text:tt)*] => {{
        $crate::is_update_requested();
        $crate::library::expect![$($text)*]
    }};
}

/// A file with the expected text, as `expect_test::expect_file`.
///
/// # Panics
/// As [`is_update_requested`].
///
/// # Examples
/// ```
/// golden::expect_file!["../Cargo.toml"].assert_eq(include_str!("../Cargo.toml"));
/// ```
#[macro_export]
macro_rules! expect_file {
    [$path:expr] => {{
        $crate::is_update_requested();
        $crate::library::expect_file![$path]
    }};
}

/// Whether golden files are to be rewritten: `UPDATE_EXPECT` is 1.
///
/// # Panics
/// When the variable has another value than 1.
#[allow(clippy::must_use_candidate, reason = "the macros call it for its panic")]
pub fn is_update_requested() -> bool {
    match std::env::var(VARIABLE) {
        Err(VarError::NotPresent) => false,
        Ok(value) if value == "1" => true,
        other => {
            panic!("{VARIABLE} is {other:?}: 1 rewrites golden files, and to compare them it must not be set")
        }
    }
}

const VARIABLE: &str = "UPDATE_EXPECT";
