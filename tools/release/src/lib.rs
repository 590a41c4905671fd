//! Builds everything that a release publishes into one folder.
//!
//! | module | content |
//! |---|---|
//! | [`all`] | the folder: its parts in order |
//! | [`settings`] | `release.toml`, where the release is published to |
//! | [`bills`] | the components and their bills of materials |
//! | [`wit`] | the packages of the interfaces |
//! | [`crates`] | the packages of the crates |
//! | [`provider_crate`] | the package of the crate with the provider's bytes |
//! | [`npm`] | the packages for JavaScript |
//! | [`wheels`] | the packages for Python |
//! | [`simulator`] | the simulator's program as packages for Python and JavaScript |
//! | [`sums`] | `SHA256SUMS` |
//! | [`command`] | the programs that all of these run |

pub mod all;
pub mod bills;
pub mod command;
pub mod crates;
pub mod npm;
pub mod provider_crate;
pub mod settings;
pub mod simulator;
pub mod sums;
pub mod wheels;
pub mod wit;
