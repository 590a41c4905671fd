#![doc = include_str!("../README.md")]
#![no_std]

/// The provider for apps of WASI 0.2, `azure-identity.wasm`.
#[cfg(feature = "wasi-0-2")]
pub const AZURE_IDENTITY: &[u8] = include_bytes!("../components/azure-identity.wasm");

/// The SHA-256 of [`AZURE_IDENTITY`], in hexadecimal, as `SHA256SUMS` of the release has it.
#[cfg(feature = "wasi-0-2")]
pub const AZURE_IDENTITY_SHA256: &str = include_str!("../components/azure-identity.wasm.sha256");

/// The provider for apps of WASI 0.3, `azure-identity-0.3.wasm`.
#[cfg(feature = "wasi-0-3")]
pub const AZURE_IDENTITY_0_3: &[u8] = include_bytes!("../components/azure-identity-0.3.wasm");

/// The SHA-256 of [`AZURE_IDENTITY_0_3`], in hexadecimal.
#[cfg(feature = "wasi-0-3")]
pub const AZURE_IDENTITY_0_3_SHA256: &str = include_str!("../components/azure-identity-0.3.wasm.sha256");

/// The provider for apps of WASI 0.2 without client certificates, `azure-identity-without-certificates.wasm`.
#[cfg(feature = "without-certificates")]
pub const AZURE_IDENTITY_WITHOUT_CERTIFICATES: &[u8] =
    include_bytes!("../components/azure-identity-without-certificates.wasm");

/// The SHA-256 of [`AZURE_IDENTITY_WITHOUT_CERTIFICATES`], in hexadecimal.
#[cfg(feature = "without-certificates")]
pub const AZURE_IDENTITY_WITHOUT_CERTIFICATES_SHA256: &str =
    include_str!("../components/azure-identity-without-certificates.wasm.sha256");

/// The version of the project that the components are of.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where the components come from, as JSON: the `commit` of the source, `rustc`'s version, and the digests of all
/// `components`. A build of that commit with that compiler, and with the tools that `.ci/tools` installs, gives the same bytes.
pub const PROVENANCE: &str = include_str!("../components/provenance.json");

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    #[test]
    fn every_component_has_its_digest() {
        for (component, digest) in [
            #[cfg(feature = "wasi-0-2")]
            (super::AZURE_IDENTITY, super::AZURE_IDENTITY_SHA256),
            #[cfg(feature = "wasi-0-3")]
            (super::AZURE_IDENTITY_0_3, super::AZURE_IDENTITY_0_3_SHA256),
            #[cfg(feature = "without-certificates")]
            (super::AZURE_IDENTITY_WITHOUT_CERTIFICATES, super::AZURE_IDENTITY_WITHOUT_CERTIFICATES_SHA256),
        ] {
            let bytes = (0..64)
                .step_by(2)
                .map(|at| u8::from_str_radix(&digest[at..at + 2], 16).expect("it is hexadecimal"));
            assert!(bytes.eq(Sha256::digest(component)), "{digest}");
            assert!(digest.len() == 64 && super::PROVENANCE.contains(digest), "{}", super::PROVENANCE);
        }
    }
}
