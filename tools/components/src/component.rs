//! What a component is built from.

/// One component and the crate it comes from.
#[derive(Debug)]
pub struct Component {
    /// The file's name without `.wasm`.
    pub name: &'static str,
    /// The crate's folder, relative to the workspace.
    pub folder: &'static str,
    /// The crate's package name.
    pub package: &'static str,
    /// The crate's features, in place of the default ones; `None`: the default ones.
    pub features: Option<&'static str>,
    /// The platform that the crate is compiled for.
    pub target: Target,
    /// Its readers or users.
    pub audience: Audience,
    /// The number of bytes that its file must stay under; `None`: no limit.
    pub budget: Option<u64>,
}

/// The platform that a component is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `wasm32-unknown-unknown`, wrapped by `wit-component`: the project's own components.
    Bare,
    /// `wasm32-wasip2` with its standard library, as most applications are built: the examples. Applications that
    /// use interfaces of WASI 0.3 are built for it too, because no stable target for WASI 0.3 exists yet.
    Wasi,
}

/// The readers or users of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Readers of the examples.
    Readers,
    /// Users of the project.
    Users,
    /// Readers of the report, who see beside a component what it is when it is compiled for speed.
    Comparison,
    /// The packages for other languages, which contain it.
    Packages,
    /// The project's tests.
    Tests,
    /// Users of the edition without certificates.
    UsersOfAnotherEdition,
}

impl Component {
    /// The profile of cargo that it is compiled with.
    pub fn profile(&self) -> &'static str {
        if self.audience == Audience::Comparison { "component-for-speed" } else { "component" }
    }
}

impl Target {
    /// The name that rustc has for it.
    pub fn triple(self) -> &'static str {
        match self {
            Self::Bare => "wasm32-unknown-unknown",
            Self::Wasi => "wasm32-wasip2",
        }
    }

    /// The flags of rustc besides those of cargo's profile.
    pub(crate) fn flags(self) -> &'static [&'static str] {
        // SHA-256 as a loop: unrolled it is 7 KB more. AES with a loop over its rounds: 4 KB less, and only certificate
        // files are decrypted.
        const COMPACT_SHA: &str = "--cfg=sha2_backend_soft=\"compact\"";
        const COMPACT_AES: &str = "--cfg=aes_backend_soft=\"compact\"";
        // Limbs of 32 bits for RSA. With those of 64, the default, each product is a call of a function (`__multi3`), because
        // WebAssembly multiplies 64 bits at most: a signature takes 29 % longer, and the code is 4 KB larger.
        const LIMBS: &str = "--cfg=cpubits=\"32\"";
        match self {
            // Without `--compress-relocations` the linker writes five bytes for every address and every function
            // index, of which two or three would do: 20 KB. A stack of 512 KiB, of which less than a tenth is used,
            // makes addresses shorter than the default stack of 1 MiB: 1 KB.
            Self::Bare => &[
                COMPACT_SHA,
                COMPACT_AES,
                LIMBS,
                "-Clink-arg=--compress-relocations",
                "-Clink-arg=-zstack-size=524288",
            ],
            Self::Wasi => &[COMPACT_SHA, COMPACT_AES],
        }
    }
}
