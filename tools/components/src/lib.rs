//! Builds the project's components.
//!
//! Ours are made in two steps: cargo compiles a crate for `wasm32-unknown-unknown`, and
//! `wit-component` wraps the core module, whose WIT stands in a custom section. Those that are
//! published pass Binaryen's optimiser in between, if it is installed. Built this way a
//! component imports what its code names and nothing else. The standard library of
//! `wasm32-wasip2` would add stdio, `exit` and terminals: 31 KB and nine more imports that every
//! host must offer, for functions that the code may not use.

mod build;
mod build_script;
mod check_app;
mod component;
mod inside;
mod list;
pub mod optimize;
mod published;
mod push;
mod strip;
mod workspace;

pub use build::{artifacts, build, compilation};
pub use build_script::build_for_crate;
pub use check_app::{Refusal, check_app};
pub use component::{Audience, Component, Target};
pub use inside::inside;
pub use list::ALL;
pub use published::{AUTHORS, LICENCE, PUBLISHED, Published, SOURCE};
pub use push::{is_loopback, push, push_command};
pub use workspace::{WORKSPACE, workspace};
