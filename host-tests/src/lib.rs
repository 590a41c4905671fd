//! What the component is tested with: a wasmtime host, a simulated Azure, one clock for both.
//!
//! | file | what |
//! |---|---|
//! | [`case`] | test cases as folders, and what runs them |
//! | [`azure`] | the simulated Azure: one fake a service, each refuses what the real one refuses |
//! | [`clock`] | the clock that everything follows |
//! | [`conformance`] | the recorded behaviour of the Azure SDKs, and how ours compares |
//! | [`guest`] | the component in wasmtime, in surroundings made for the test |
//! | [`journal`] | what the guest sent, and when |
//! | [`network`] | the seam between the guest's requests and whoever answers them |
//! | [`secrets`] | the scan for secrets that every case passes |

pub mod azure;
pub mod bindings;
pub mod case;
pub mod clock;
pub mod conformance;
pub mod guest;
pub mod journal;
pub mod network;
pub mod secrets;
