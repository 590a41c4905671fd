//! Builds everything that a release publishes into one folder, and publishes it.
//!
//! | module | content |
//! |---|---|
//! | [`all`] | the folder: its parts in order |
//! | [`arguments`] | the command line |
//! | [`settings`] | `release.toml`, where the release is published to |
//! | [`bills`] | the components and their bills of materials |
//! | [`wit`] | the packages of the interfaces |
//! | [`wit_archive`] | the same interfaces as text |
//! | [`crates`] | the packages of the crates |
//! | [`provider_crate`] | the package of the crate with the provider's bytes |
//! | [`npm`] | the packages for JavaScript |
//! | [`wheels`] | the packages for Python |
//! | [`simulator`] | the simulator's program as packages for Python and JavaScript |
//! | [`namespace`] | the files that tell `wkg` where the packages are |
//! | [`provenance`] | `provenance.json` |
//! | [`notes`] | `NOTES.md` |
//! | [`sums`] | `SHA256SUMS` |
//! | [`contents`] | what a package contains |
//! | [`twice`] | the same folder, built again from a copy of the project |
//! | [`check`] | what is missing before a release |
//! | [`publish`] | the commands that publish the folder |
//! | [`page`] | the files as the page of a release has them |
//! | [`command`] | the programs that all of these run |

pub mod all;
pub mod arguments;
pub mod bills;
pub mod check;
pub mod command;
pub mod contents;
pub mod crates;
pub mod namespace;
pub mod notes;
pub mod npm;
pub mod page;
pub mod provenance;
pub mod provider_crate;
pub mod publish;
pub mod settings;
pub mod simulator;
pub mod sums;
pub mod twice;
pub mod wheels;
pub mod wit;
pub mod wit_archive;
