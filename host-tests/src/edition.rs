//! The editions of the component: one for each generation of WASI, with the same behaviour.

use clap::ValueEnum;

/// An edition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Edition {
    /// For WASI 0.2: one call after the other.
    #[default]
    #[value(name = "0.2")]
    Wasi02,
    /// For WASI 0.3: any number of calls at once.
    #[value(name = "0.3")]
    Wasi03,
}

impl Edition {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Wasi02, Self::Wasi03];

    /// Its name, e.g. `0.2`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wasi02 => "0.2",
            Self::Wasi03 => "0.3",
        }
    }

    /// The release build.
    pub fn component(self) -> &'static str {
        match self {
            Self::Wasi02 => env!("AZURE_IDENTITY_WASM"),
            Self::Wasi03 => env!("AZURE_IDENTITY_0_3_WASM"),
        }
    }

    /// The folder of its interfaces, relative to the workspace.
    pub fn wit(self) -> &'static str {
        match self {
            Self::Wasi02 => "wit",
            Self::Wasi03 => "wit-0.3",
        }
    }
}
