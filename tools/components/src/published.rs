//! What is published: the components that people use, under their names in registries.

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
    /// What it is, in one line.
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
        // It is of WASI 0.3 itself, as every `http-auth`.
        package: "azure:http-auth-sync",
        version: WASI_0_3,
        description: "Authenticates a component's HTTP requests to Azure, over the provider of WASI 0.2",
    },
];

/// Who made all of it. The packages of the interfaces (`wkg.toml`) say the same.
pub const AUTHORS: &str = "The authors of azure-identity for WebAssembly components";

/// The licence of all of it, as an SPDX expression.
pub const LICENCE: &str = env!("CARGO_PKG_LICENSE");

/// Where all of it is developed: `repository` in the workspace's manifest; `None` until that names one.
pub const SOURCE: Option<&str> = {
    let url = env!("CARGO_PKG_REPOSITORY");
    if url.is_empty() { None } else { Some(url) }
};

impl Published {
    /// What is published of the component of this name; `None`: it is not.
    pub fn of(component: &str) -> Option<&'static Published> {
        PUBLISHED.iter().find(|published| published.component == component)
    }

    /// The component with what it is written into it, where `wasm-tools metadata show` and registries look.
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
