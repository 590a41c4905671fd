//! The names of rows, floors and peers.

use crate::figures::Value;
use crate::measure::peers::{Peer, Peers};
use crate::measure::wasm_peers::WasmPeers;

/// What a figure is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What cannot be avoided, or the component itself under other conditions.
    Floor,
    /// What an app in wasm would use instead.
    Wasm,
    /// An SDK that runs natively, which no app in wasm can use.
    Native,
}

/// The role of an other by its name.
pub fn role(name: &str) -> Role {
    match name {
        BY_HAND | RUST_WASM | RUST_WASM_BETA => Role::Wasm,
        RUST | PYTHON | NODE => Role::Native,
        _ => Role::Floor,
    }
}

/// A figure of each native peer, with its name.
pub fn of_peers(
    peers: &Peers,
    figure: impl Fn(&Peer) -> Option<Value>,
) -> Vec<(&'static str, Option<Value>)> {
    vec![(RUST, figure(&peers.rust)), (PYTHON, figure(&peers.python)), (NODE, figure(&peers.node))]
}

/// A figure of each peer in wasm by the path of its component, with its name.
///
/// # Errors
/// Those of `figure`.
pub fn of_wasm<T>(
    peers: &WasmPeers,
    figure: impl Fn(&str) -> anyhow::Result<T>,
) -> anyhow::Result<Vec<(&'static str, Option<T>)>> {
    let all = [
        (BY_HAND, Some(&peers.by_hand)),
        (RUST_WASM, peers.official.as_ref()),
        (RUST_WASM_BETA, peers.beta.as_ref()),
    ];
    all.into_iter()
        .map(|(name, peer)| Ok((name, peer.map(|peer| figure(&peer.measured)).transpose()?)))
        .collect()
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
pub const CLOCK_FLOOR: &str = "one clock, a constant";
pub const CLOCKS_FLOOR: &str = "both clocks, a constant";
pub const CONSTANT_FLOOR: &str = "a constant";
pub const GET_FLOOR: &str = "one GET";
pub const PBKDF2_FLOOR: &str = "`pbkdf2` alone";
pub const RSA_FLOOR: &str = "`rsa` alone";
pub const RSA_OVERWRITING_FLOOR: &str = "`rsa` alone, which overwrites freed memory";
pub const TEXTS_FLOOR: &str = "as many constants";
pub const TEXT_FLOOR: &str = "one of the constants";

/// What an app in wasm would use instead.
pub const BY_HAND: &str = "by hand";
pub const RUST_WASM: &str = "azure_identity 1.0.0";
pub const RUST_WASM_BETA: &str = "azure_identity 1.1.0-beta.1";

/// The Azure SDKs, native.
pub const NODE: &str = "@azure/identity (Node)";
pub const PYTHON: &str = "azure-identity (Python)";
pub const RUST: &str = "azure_identity (Rust, native)";

/// The component itself under other conditions.
pub const DEFAULT_POOL: &str = "a pool that keeps no memory";
pub const FIVE: &str = "5 µs";
pub const FOR_SPEED: &str = "compiled for speed";
pub const ONE_CALLER: &str = "one caller";
pub const ONE_CONSTANT: &str = "a constant for one caller";
pub const ONE_KEY: &str = "one token in the cache";
