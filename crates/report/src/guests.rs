//! The components that are floors and peers of the figures, and the app that calls providers.

use host_tests::on_demand;

/// A provider of WASI 0.2 that returns a constant token.
pub const FIXED_TOKEN: &str = env!("FIXED_TOKEN_WASM");
/// A provider of WASI 0.3 that returns a constant token from an `async` function.
pub const FIXED_TOKEN_0_3: &str = env!("CONSTANT_WASM");
/// A provider that sends one GET request and reads nothing of the response.
pub const ONE_GET: &str = env!("ONE_GET_WASM");
/// An app that only calls `get-token`.
pub const CALLER: &str = env!("CALLER_WASM");
/// An app that gets its tokens itself, in 60 lines.
pub const BY_HAND: &str = env!("BY_HAND_WASM");
/// An app that sends the requests that its own are commands for.
pub const HTTP_CLIENT: &str = env!("HTTP_CLIENT_WASM");
/// A component between an app and the network that forwards each request unchanged.
pub const PASS_THROUGH: &str = env!("PASS_THROUGH_WASM");
/// One that sets a header on each request.
pub const SETS_A_HEADER: &str = env!("SETS_A_HEADER_WASM");
/// The middleware http-auth.
pub const HTTP_AUTH: &str = env!("HTTP_AUTH_WASM");
/// The crates `rsa` and `pbkdf2` alone.
pub const CRYPTO_ALONE: &str = env!("CRYPTO_ALONE_WASM");

/// The component itself, compiled for speed as a whole. It is compiled when it is used, because nothing but a report uses it.
pub fn for_speed() -> &'static str {
    on_demand::component("azure-identity-for-speed", None)
}
