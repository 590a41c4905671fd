//! The editions of the component: one for each generation of WASI, with the same behaviour, and one without
//! certificates.

use crate::on_demand;
use clap::ValueEnum;

/// An edition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Edition {
    /// For WASI 0.2, which processes one call after the other.
    #[default]
    #[value(name = "0.2")]
    Wasi02,
    /// For WASI 0.3, which processes calls concurrently.
    #[value(name = "0.3")]
    Wasi03,
    /// For WASI 0.2, without certificates.
    #[value(name = "0.2-without-certificates")]
    WithoutCertificates,
}

impl Edition {
    /// All editions.
    pub const ALL: [Self; 3] = [Self::Wasi02, Self::Wasi03, Self::WithoutCertificates];
    /// The editions with all features.
    pub const WHOLE: [Self; 2] = [Self::Wasi02, Self::Wasi03];

    /// Whether it supports certificates.
    pub fn has_certificates(self) -> bool {
        self != Self::WithoutCertificates
    }

    /// Its name, e.g. `0.2`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wasi02 => "0.2",
            Self::Wasi03 => "0.3",
            Self::WithoutCertificates => "0.2-without-certificates",
        }
    }

    /// The version of its interfaces.
    pub fn package_version(self) -> &'static str {
        match self {
            Self::Wasi02 | Self::WithoutCertificates => "0.2.0",
            Self::Wasi03 => "0.3.0",
        }
    }

    /// The path of the release build.
    pub fn component(self) -> &'static str {
        match self {
            Self::Wasi02 => or_of("AZURE_IDENTITY_COMPONENT", env!("AZURE_IDENTITY_WASM")),
            Self::Wasi03 => std::env::var("AZURE_IDENTITY_0_3_COMPONENT").map_or_else(
                |_| on_demand::component("azure-identity-0.3", option_env!("AZURE_IDENTITY_0_3_WASM")),
                |path| path.leak(),
            ),
            Self::WithoutCertificates => on_demand::component(
                "azure-identity-without-certificates",
                option_env!("AZURE_IDENTITY_WITHOUT_CERTIFICATES_WASM"),
            ),
        }
    }

    /// The path of the release build of the middleware for the same generation of WASI.
    #[cfg(feature = "tests")]
    pub fn http_auth(self) -> &'static str {
        match self {
            Self::Wasi02 | Self::WithoutCertificates => {
                or_of("HTTP_AUTH_0_2_COMPONENT", env!("HTTP_AUTH_0_2_WASM"))
            }
            Self::Wasi03 => or_of("HTTP_AUTH_COMPONENT", env!("HTTP_AUTH_WASM")),
        }
    }

    /// The path of the release build of `allow-scopes`.
    #[cfg(feature = "tests")]
    pub fn allow_scopes(self) -> &'static str {
        match self {
            Self::Wasi02 | Self::WithoutCertificates => env!("ALLOW_SCOPES_WASM"),
            Self::Wasi03 => env!("ALLOW_SCOPES_0_3_WASM"),
        }
    }

    /// The path of the release build of `log`.
    #[cfg(feature = "tests")]
    pub fn log(self) -> &'static str {
        match self {
            Self::Wasi02 | Self::WithoutCertificates => env!("LOG_WASM"),
            Self::Wasi03 => env!("LOG_0_3_WASM"),
        }
    }

    /// The paths of the release builds of `token-cache`, which has an edition for each draft of `wasi:keyvalue`; empty: the
    /// edition has none.
    #[cfg(feature = "tests")]
    pub fn token_caches(self) -> &'static [&'static str] {
        match self {
            Self::Wasi02 | Self::WithoutCertificates => {
                &[env!("TOKEN_CACHE_WASM"), env!("TOKEN_CACHE_SPIN_WASM")]
            }
            Self::Wasi03 => &[],
        }
    }

    /// The path of the release build of `fake`.
    #[cfg(feature = "tests")]
    pub fn fake(self) -> &'static str {
        match self {
            Self::Wasi02 | Self::WithoutCertificates => env!("FAKE_WASM"),
            Self::Wasi03 => env!("FAKE_0_3_WASM"),
        }
    }

    /// The folder of its interfaces, relative to the workspace.
    pub fn wit(self) -> &'static str {
        match self {
            Self::Wasi02 | Self::WithoutCertificates => "wit/0.2",
            Self::Wasi03 => "wit/0.3",
        }
    }
}

/// The path of a component: the one in the variable, or the build that the tests were compiled with. `tools/mutants` runs
/// compiled tests with components that it changes.
fn or_of(variable: &str, built: &'static str) -> &'static str {
    std::env::var(variable).map_or(built, |path| path.leak())
}
