//! The component's exports.

#![allow(unsafe_code, reason = "what `export!` writes")]

use crate::bindings::exports::wasi::{cli0_2_4, cli0_3_0};
#[cfg(feature = "spin")]
use crate::bindings::wasi::config0_2_0_draft_2024_09_27::store;
#[cfg(not(feature = "spin"))]
use crate::bindings::wasi::config0_2_0_rc_1::store;
use crate::environment::{Variables, merged};
use crate::names::in_store;
use alloc::string::String;
use alloc::vec::Vec;
use wasi::cli::environment::{get_arguments, get_environment, initial_cwd};
use wasi::cli::stderr::get_stderr;

struct SecretEnvironment;
crate::bindings::export!(SecretEnvironment with_types_in crate::bindings);

impl cli0_2_4::environment::Guest for SecretEnvironment {
    fn get_environment() -> Vec<(String, String)> {
        environment()
    }

    fn get_arguments() -> Vec<String> {
        get_arguments()
    }

    fn initial_cwd() -> Option<String> {
        initial_cwd()
    }
}

impl cli0_3_0::environment::Guest for SecretEnvironment {
    fn get_environment() -> Vec<(String, String)> {
        environment()
    }

    fn get_arguments() -> Vec<String> {
        get_arguments()
    }

    fn get_initial_cwd() -> Option<String> {
        initial_cwd()
    }
}

fn environment() -> Variables {
    let (variables, warning) = merged(get_environment(), |name| store::get(&in_store(name)).map_err(drop));
    if let Some(line) = warning {
        let _ = get_stderr().blocking_write_and_flush(line.as_bytes());
    }
    variables
}
