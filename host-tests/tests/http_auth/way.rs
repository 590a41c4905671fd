//! How http-auth stands between an app and the network.

use host_tests::edition::Edition;

/// How http-auth stands between an app and the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As a component that is composed with an app of WASI 0.3 and with this edition of the provider.
    Composed(Edition),
    /// As the hooks of an embedder, for an app of this generation of WASI.
    Hooks(Edition),
}
