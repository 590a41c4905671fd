//! The name of the interface.

/// The interface that apps import from a [`Provider`](crate::Provider).
pub const INTERFACE: &str = "azure:identity/token-credential@0.2.0";
