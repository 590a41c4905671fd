//! The tests are in `tests/app.rs`.
