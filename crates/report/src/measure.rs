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
