//! The components that are floors of the figures, and the app that calls providers.

/// A provider of WASI 0.2 that returns a constant token.
pub const FIXED_TOKEN: &str = env!("FIXED_TOKEN_WASM");
/// A provider of WASI 0.3 that returns a constant token from an `async` function.
pub const FIXED_TOKEN_0_3: &str = env!("CONSTANT_WASM");
/// A provider that sends one GET request and reads nothing of the response.
pub const ONE_GET: &str = env!("ONE_GET_WASM");
/// An app that only calls `get-token`.
pub const CALLER: &str = env!("CALLER_WASM");
