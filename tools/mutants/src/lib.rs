//! Removes each security rule from the source, one at a time, and lists the tests that fail.
//!
//! | module | content |
//! |---|---|
//! | [`definitions`] | the mutants and the suites of tests, as the files in `tools/mutants/` define them |
//! | [`edit`] | the replacement of one text in one file |
//! | [`sandbox`] | the copy of the workspace that is mutated |
//! | [`suite`] | a suite of tests: how it is built and run |
//! | [`report`] | what the output of a test program says |
//! | [`outcome`] | what the tests said to a mutant, and the records of it |
//! | [`run`] | the run of the mutants |
//! | [`table`] | the table of SECURITY.md |
//! | [`attacks`] | the attacks of the attack suite |

pub mod attacks;
pub mod definitions;
pub mod edit;
pub mod outcome;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod suite;
pub mod table;

use std::path::{Path, PathBuf};

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    folder.canonicalize().unwrap_or(folder)
}
