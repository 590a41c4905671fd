//! The measurements that the report, the benchmarks and the budgets share.
//!
//! | module | contents |
//! |---|---|
//! | [`benchmark_host`] | a wasmtime host configured for speed |
//! | [`concurrent`] | cached calls of the edition for WASI 0.3, with many callers at once |
//! | [`cost`] | costs that do not depend on the machine: instructions, memory, requests |
//! | [`peers`] | the Azure SDKs, native |
//! | [`timing`] | times |
//! | [`token_server`] | a server on loopback that responds with a token |

pub mod benchmark_host;
pub mod concurrent;
pub mod cost;
pub mod peers;
pub mod timing;
pub mod token_server;
