//! Measuring: what the figures of `report`, of the benchmarks and of the budgets come from.
//!
//! | module | what it has |
//! |---|---|
//! | [`answering`] | a server on loopback that answers every request with the same token, and counts |
//! | [`concurrent`] | the edition for WASI 0.3, with many callers at once |
//! | [`cost`] | what does not depend on the machine: instructions, memory, requests |
//! | [`lab`] | wasmtime as somebody sets it up who cares for speed |
//! | [`peers`] | the Azure SDKs, native, doing the same |
//! | [`timing`] | how long it takes |

pub mod answering;
pub mod concurrent;
pub mod cost;
pub mod lab;
pub mod peers;
pub mod timing;

/// The component that hands out a constant token: the floor under a cached call.
pub const FIXED_TOKEN: &str = env!("FIXED_TOKEN_WASM");
/// The same for the edition for WASI 0.3, through an `async` function.
pub const FIXED_TOKEN_0_3: &str = env!("CONSTANT_WASM");
/// The component that sends one GET: the floor under a first token.
pub const ONE_GET: &str = env!("ONE_GET_WASM");
/// The app that does nothing but ask for tokens.
pub const CALLER: &str = env!("CALLER_WASM");
/// As long as a real token: so many bytes has each that is handed out while something is measured.
pub const TOKEN_LENGTH: usize = 1500;
/// How many tokens are in the cache while growth is measured.
pub const TOKENS: [usize; 4] = [1, 10, 100, 1000];
