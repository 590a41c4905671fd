//! The names of the standard library's prelude that `core` has not: on wasm the crate is `no_std`.
//!
//! `std` formats the message of a panic before it traps, and no host shows the message. Without `std` the
//! messages and the code that formats them are not in the component.

pub use alloc::borrow::ToOwned;
pub use alloc::boxed::Box;
pub use alloc::format;
pub use alloc::string::{String, ToString};
pub use alloc::vec;
pub use alloc::vec::Vec;

/// Marks an `async` function, trait or impl. On a host that blocks, `async` and `.await` are removed from it.
pub use crate::concurrency::maybe_async;
