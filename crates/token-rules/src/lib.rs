#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
// A test may panic on overflow.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails"))]

extern crate alloc;

pub mod authority;
pub mod clock;
pub mod dates;
pub mod error;
pub mod freshness;
pub mod host;
pub mod request;
pub mod retry;
pub mod single_flight;
pub mod text;
pub mod throttling;
pub mod variables;
