//! What the standard library's prelude would bring: on wasm the crate does without it.
//!
//! `std` would format every panic's message before it traps, where nobody could read it; without it
//! those messages, and the code that formats them, are not in the component at all.

pub use alloc::borrow::ToOwned;
pub use alloc::boxed::Box;
pub use alloc::format;
pub use alloc::string::{String, ToString};
pub use alloc::vec;
pub use alloc::vec::Vec;
