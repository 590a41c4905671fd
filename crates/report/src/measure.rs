//! The measurements that the report, the benchmarks and the budgets share.
//!
//! | module | contents |
//! |---|---|
//! | [`apps`] | many apps over one provider of the embedder's crate |
//! | [`benchmark_host`] | a wasmtime host configured for speed |
//! | [`concurrent`] | cached calls of the edition for WASI 0.3, with many callers at once |
//! | [`cost`] | costs that do not depend on the machine: instructions, memory, requests |
//! | [`credentials`] | many credentials in one instance |
//! | [`crypto`] | what a token by certificate consists of |
//! | [`many_scopes`] | many tokens in one cache |
//! | [`middleware`] | requests of an app through http-auth, step by step |
//! | [`peers`] | the Azure SDKs, native |
//! | [`steady`] | whether the machine was steady |
//! | [`timing`] | times |
//! | [`token_server`] | a server on loopback that responds with a token |
//! | [`wasm_peers`] | what an app in wasm would use instead |

pub mod apps;
pub mod benchmark_host;
pub mod concurrent;
pub mod cost;
pub mod credentials;
pub mod crypto;
pub mod many_scopes;
pub mod middleware;
pub mod peers;
pub mod steady;
pub mod timing;
pub mod token_server;
pub mod wasm_peers;
