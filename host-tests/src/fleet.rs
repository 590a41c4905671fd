//! A fleet: hosts, each with a provider of its own and with app instances that ask it for tokens, for a day of the virtual
//! clock.
//!
//! The providers are those of the embedder's crate, with the component in them, and not a model. What is simulated is their
//! environment: time, the service that issues tokens, the store that the hosts share, and what happens to the hosts.
//!
//! | module | content |
//! |---|---|
//! | [`figures`] | what a run counted |
//! | [`minimum`] | the requests that no client can do without |
//! | [`plot`] | the chart of a run |
//! | [`real`] | real processes with a real store, on loopback and not on the virtual clock |
//! | [`scenario`] | what happens to hosts, store and service in a run |
//! | [`simulation`] | a run |
//! | [`worker`] | one of the real processes |

pub mod figures;
mod host;
mod memory_store;
mod messages;
pub mod minimum;
mod observed_store;
pub mod plot;
mod provider;
mod random;
pub mod real;
pub mod scenario;
pub mod simulation;
mod upstream;
pub mod worker;
