#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
// A test may panic.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

pub mod claims;
pub mod entry_key;
pub mod failure;
pub mod identity;
pub mod key_ring;
pub mod lease_hint;
pub mod names;
pub mod partition;
pub mod record;
pub mod renewal;
mod sealing;
pub mod use_of_record;
