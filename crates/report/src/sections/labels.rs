//! The names of rows, floors and peers.

use crate::figures::Value;
use crate::measure::peers::{Peer, Peers};

/// A figure of each peer, with its name.
pub fn of_peers(
    peers: &Peers,
    figure: impl Fn(&Peer) -> Option<Value>,
) -> Vec<(&'static str, Option<Value>)> {
    vec![(RUST, figure(&peers.rust)), (PYTHON, figure(&peers.python)), (NODE, figure(&peers.node))]
}

/// The rows that the README shows.
pub const PLUGGED: &str = "cached token, component → component";
pub const FIRST: &str = "new instance → first token, IMDS";
pub const CERTIFICATE: &str = "new instance → first token, certificate (PKCS#12, RSA-2048)";
pub const WITH_CERTIFICATES: &str = "size, with certificates";
pub const WITHOUT_CERTIFICATES: &str = "size, without certificates";
pub const REQUESTS: &str = "requests for a token from IMDS";
pub const INSTRUCTIONS: &str = "instructions of a cached call";
pub const RESIDENT: &str = "resident memory of an instance";

/// The floors: components that do only what cannot be avoided.
pub const CLOCKS_FLOOR: &str = "floor: both clocks, a constant";
pub const CONSTANT_FLOOR: &str = "floor: a constant";
pub const GET_FLOOR: &str = "floor: one GET";

/// The Azure SDKs.
pub const NODE: &str = "@azure/identity (Node)";
pub const PYTHON: &str = "azure-identity (Python)";
pub const RUST: &str = "azure_identity (Rust, native)";
pub const RUST_WASM: &str = "azure_identity (Rust, as a component)";

/// The component itself under other conditions.
pub const FIVE: &str = "goal: 5 µs";
pub const ONE_CALLER: &str = "one caller";
pub const ONE_KEY: &str = "one token in the cache";
