#![doc = include_str!("../README.md")]
//! | module | content |
//! |---|---|
//! | [`identity`] | the identities of the suite, and the variables that each needs |
//! | [`settings`] | what a test takes from this machine |
//! | [`observation`] | what a test observes of two tokens, or of a refusal, without any secret |
//! | `claims` | the claims of an access token |

mod claims;
pub mod identity;
pub mod observation;
pub mod settings;
