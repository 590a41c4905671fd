//! The components of `tests/growth.rs` are the examples of this package.
