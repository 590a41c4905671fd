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

/// Marks what may have to wait. Where the host blocks it is compiled without the waiting, for which `host::boxed`
/// hands over what `Host` and `Source` promise.
#[cfg(all(target_family = "wasm", not(feature = "wasi-0-3")))]
pub use maybe_async::blocking as maybe_async;
#[cfg(any(not(target_family = "wasm"), feature = "wasi-0-3"))]
pub use maybe_async::concurrent as maybe_async;
