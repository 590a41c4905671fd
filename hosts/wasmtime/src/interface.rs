//! The names of the interfaces.

/// The interface of WASI 0.2 that apps import from a provider.
pub const INTERFACE: &str = "azure:identity/token-credential@0.2.0";

/// The interface of WASI 0.3 that apps import from a provider. Its types are those of [`INTERFACE`], its function is
/// asynchronous.
pub const INTERFACE_0_3: &str = "azure:identity/token-credential@0.3.0";
