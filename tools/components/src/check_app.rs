//! The check of an app that is to be composed with `http-auth` and `token-cache`.

use anyhow::{Result, bail};
use wasmparser::{Parser, Payload};

/// An import with which an app reaches what `token-cache` has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The name of the interface, as the app imports it.
    pub import: String,
    /// What the app can do with it.
    pub reason: &'static str,
}

/// The imports of an app with which it would reach the tokens that `http-auth` keeps from it; empty: there is none.
///
/// The components of a composition share what the host gives to it. `http-auth` hands out no token, but an app that reads the
/// keys of `token-cache` and opens its store decrypts every token of the partition. An import counts whether the app calls it
/// or not.
///
/// # Errors
/// When the bytes are not a component.
pub fn check_app(component: &[u8]) -> Result<Vec<Refusal>> {
    let imports = imports(component)?;
    let refusal = |import: String| {
        let found = REFUSED.iter().find(|(prefix, _)| import.starts_with(prefix));
        found.map(|(_, reason)| Refusal { import, reason })
    };
    Ok(imports.into_iter().filter_map(refusal).collect())
}

/// The names of a component's own imports, without those of the components inside.
fn imports(component: &[u8]) -> Result<Vec<String>> {
    if !Parser::is_component(component) {
        bail!("it is not a component");
    }
    let (mut depth, mut imports) = (0_usize, Vec::new());
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(imports)
}

/// Beginnings of the names of interfaces, and what an app can do with them.
const REFUSED: &[(&str, &str)] = &[
    ("wasi:cli/environment@", ENVIRONMENT),
    ("wasi:filesystem/", FILES),
    ("wasi:keyvalue/", STORE),
    ("wasmcloud:keyvalue/", STORE),
    ("spin:key-value/", STORE),
    ("fermyon:spin/key-value", STORE),
];
const ENVIRONMENT: &str = "the components of a composition share the environment, so the app reads AZURE_TOKEN_CACHE_KEYS and the provider's secrets";
const FILES: &str = "the components of a composition share the preopened folders, so the app reads token files and certificates";
const STORE: &str =
    "the app opens the store of token-cache, so it lists, deletes and copies the entries of all instances";

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        Component, ComponentImportSection, ComponentSection, ComponentSectionId, ComponentTypeRef,
        ComponentTypeSection, InstanceType, RawSection,
    };

    /// A component with these imports.
    fn importing(names: &[&str]) -> Vec<u8> {
        let (mut types, mut imports) = (ComponentTypeSection::new(), ComponentImportSection::new());
        types.instance(&InstanceType::new());
        for name in names {
            imports.import(*name, ComponentTypeRef::Instance(0));
        }
        let mut component = Component::new();
        component.section(&types).section(&imports);
        component.finish()
    }

    #[test]
    fn each_import_that_reaches_keys_or_store_is_refused_with_a_reason() {
        for (import, reason) in [
            ("wasi:cli/environment@0.2.4", ENVIRONMENT),
            ("wasi:cli/environment@0.3.0", ENVIRONMENT),
            ("wasi:filesystem/preopens@0.2.4", FILES),
            ("wasi:filesystem/types@0.3.0", FILES),
            ("wasi:keyvalue/store@0.2.0-draft", STORE),
            ("wasi:keyvalue/batch@0.2.0-draft2", STORE),
            ("wasmcloud:keyvalue/store@0.2.0", STORE),
            ("fermyon:spin/key-value@2.0.0", STORE),
        ] {
            let app = importing(&["wasi:clocks/wall-clock@0.2.4", import, "wasi:http/client@0.3.0"]);
            assert_eq!(check_app(&app).unwrap(), [Refusal { import: import.to_owned(), reason }]);
        }
    }

    #[test]
    fn an_app_without_them_passes_and_what_is_inside_does_not_count() {
        let inside = importing(&["wasi:cli/environment@0.2.4"]);
        let mut app = importing(&["wasi:http/client@0.3.0", "wasi:cli/stderr@0.3.0"]);
        let section = RawSection { id: ComponentSectionId::Component.into(), data: &inside };
        section.append_to_component(&mut app);
        assert_eq!(check_app(&app).unwrap(), []);
        assert!(check_app(b"\0asm\x01\0\0\0").is_err(), "a module is not a component");
    }
}
