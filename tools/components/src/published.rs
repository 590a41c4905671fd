//! The published components and their names in registries.

use anyhow::{Context, Result};
use wasm_metadata::{AddMetadata, AddMetadataField, Authors, Description, Licenses, Source, Version};

/// A component as a package of a registry.
#[derive(Debug)]
pub struct Published {
    /// The component's name in [`crate::ALL`].
    pub component: &'static str,
    /// The package's name, without a version.
    pub package: &'static str,
    /// The package's version: major and minor number are the generation of WASI that the component builds on, as with
    /// `azure:identity`; the patch number is the project's.
    pub version: &'static str,
    /// A description in one line.
    pub description: &'static str,
}

/// Every component that is published.
pub const PUBLISHED: &[Published] = &[
    Published {
        component: "azure-identity",
        package: "azure:identity-provider",
        version: WASI_0_2,
        description: "Microsoft Entra access tokens for WebAssembly components",
    },
    Published {
        component: "azure-identity-0.3",
        package: "azure:identity-provider",
        version: WASI_0_3,
        description: "Microsoft Entra access tokens for WebAssembly components of WASI 0.3",
    },
    Published {
        component: "azure-identity-without-certificates",
        package: "azure:identity-provider-without-certificates",
        version: WASI_0_2,
        description: "Microsoft Entra access tokens for WebAssembly components, without client certificates",
    },
    Published {
        component: "http-auth",
        package: "azure:http-auth",
        version: WASI_0_3,
        description: "Authenticates a component's HTTP requests to Azure; the component never sees a token",
    },
    Published {
        component: "http-auth-0.2",
        // Both packages of `http-auth` are components of WASI 0.3; this one imports the provider of 0.2.
        package: "azure:http-auth-sync",
        version: WASI_0_3,
        description: "Authenticates a component's HTTP requests to Azure, over the provider of WASI 0.2",
    },
    Published {
        component: "allow-scopes",
        package: "azure:identity-allow-scopes",
        version: WASI_0_2,
        description: "Lets a component request Microsoft Entra access tokens for listed scopes and tenants only",
    },
    Published {
        component: "allow-scopes-0.3",
        package: "azure:identity-allow-scopes",
        version: WASI_0_3,
        description: "Lets a component of WASI 0.3 request Microsoft Entra access tokens for listed scopes and tenants only",
    },
    Published {
        component: "log",
        package: "azure:identity-log",
        version: WASI_0_2,
        description: "Logs a component's requests for Microsoft Entra access tokens, without secrets",
    },
    Published {
        component: "log-0.3",
        package: "azure:identity-log",
        version: WASI_0_3,
        description: "Logs the requests of a component of WASI 0.3 for Microsoft Entra access tokens, without secrets",
    },
    Published {
        component: "token-cache",
        package: "azure:identity-token-cache",
        version: WASI_0_2,
        description: "Keeps Microsoft Entra access tokens, encrypted, in a key-value store that the instances of an app share",
    },
    Published {
        component: "token-cache-spin",
        package: "azure:identity-token-cache-spin",
        version: WASI_0_2,
        description: "Keeps Microsoft Entra access tokens, encrypted, in a key-value store of Spin that the instances of an app share",
    },
    Published {
        component: "secret-environment",
        package: "azure:identity-secret-environment",
        version: WASI_0_2,
        description: "Gives a provider of Microsoft Entra access tokens variables from the secret store of its host, wasi:config",
    },
    Published {
        component: "secret-environment-spin",
        package: "azure:identity-secret-environment-spin",
        version: WASI_0_2,
        description: "Gives a provider of Microsoft Entra access tokens variables from the variables of Spin",
    },
    Published {
        component: "fake",
        package: "azure:identity-fake",
        version: WASI_0_2,
        description: "A provider for tests: the tokens and errors that its environment describes",
    },
    Published {
        component: "fake-0.3",
        package: "azure:identity-fake",
        version: WASI_0_3,
        description: "A provider for tests of components of WASI 0.3: the tokens and errors that its environment describes",
    },
];

/// The authors of all packages; the same as in `wkg.toml`, for the packages of the interfaces.
pub const AUTHORS: &str = "The authors of azure-identity for WebAssembly components";

/// The licence of all packages, as an SPDX expression.
pub const LICENCE: &str = env!("CARGO_PKG_LICENSE");

/// The URL of the source repository: `repository` in the workspace's manifest; `None` while the manifest has none.
pub const SOURCE: Option<&str> = {
    let url = env!("CARGO_PKG_REPOSITORY");
    if url.is_empty() { None } else { Some(url) }
};

impl Published {
    /// The package of the component with this name; `None`: it is not published.
    pub fn of(component: &str) -> Option<&'static Published> {
        PUBLISHED.iter().find(|published| published.component == component)
    }

    /// Writes name, version, description, authors, licence and source into the component's metadata, which
    /// `wasm-tools metadata show` prints and registries read.
    pub(crate) fn describe(&self, component: &[u8]) -> Result<Vec<u8>> {
        let mut metadata = AddMetadata::default();
        metadata.name = AddMetadataField::Set(self.component.to_owned());
        metadata.version = AddMetadataField::Set(Version::new(self.version));
        metadata.description = AddMetadataField::Set(Description::new(self.description));
        metadata.authors = AddMetadataField::Set(Authors::new(AUTHORS));
        metadata.licenses = AddMetadataField::Set(Licenses::new(LICENCE)?);
        if let Some(repository) = SOURCE {
            metadata.source = AddMetadataField::Set(Source::new(repository)?);
        }
        metadata.to_wasm(component).with_context(|| format!("{} takes no metadata", self.component))
    }
}

const WASI_0_2: &str = concat!("0.2.", env!("CARGO_PKG_VERSION_PATCH"));
const WASI_0_3: &str = concat!("0.3.", env!("CARGO_PKG_VERSION_PATCH"));
