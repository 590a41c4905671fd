//! What the standard library's prelude would bring: on wasm the crate does without it.

pub use alloc::borrow::ToOwned;
pub use alloc::format;
pub use alloc::string::String;
pub use alloc::vec::Vec;
