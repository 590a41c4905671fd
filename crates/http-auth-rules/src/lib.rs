#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
// A test may panic on overflow.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails"))]

extern crate alloc;

pub mod challenge;
pub mod headers;
pub mod log;
mod prelude;
pub mod refusal;
pub mod rules;
pub mod settings;
pub mod target;
pub mod tenants;
