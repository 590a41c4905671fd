//! Removes debug names from a component.

use anyhow::{Context, Result};
use wasm_encoder::RawSection;
use wasmparser::{Parser, Payload};

/// The component without its section `component-name`.
///
/// `wit-component` always writes this section, which has 11 KB and which only debuggers read. It is copied section by
/// section, as `wasm-tools strip` does it.
pub fn without_names(component: &[u8]) -> Result<Vec<u8>> {
    let mut stripped = wasm_encoder::Component::new();
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        match payload {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            _ => {}
        }
        // Sections of nested modules and components are copied with the section that contains them.
        if depth == 1
            && !is_names(&payload)
            && let Some((id, range)) = payload.as_section()
        {
            let data = component.get(range).context("a section ends behind the component")?;
            stripped.section(&RawSection { id, data });
        }
    }
    Ok(stripped.finish())
}

fn is_names(payload: &Payload) -> bool {
    matches!(payload, Payload::CustomSection(section) if section.name() == "component-name")
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{ComponentBuilder, CustomSection, Module};

    #[test]
    fn names_are_removed_and_every_other_section_stays() -> Result<()> {
        assert_eq!(without_names(&component(true))?, component(false));
        Ok(())
    }

    #[test]
    fn bytes_that_are_no_component_are_refused() {
        assert!(without_names(b"no component").is_err());
        let component = component(true);
        assert!(without_names(&component[..component.len() - 1]).is_err());
    }

    /// A component with a module and a custom section, and with debug names if asked for.
    fn component(has_names: bool) -> Vec<u8> {
        let mut module = Module::new();
        module.section(&CustomSection { name: "component-name".into(), data: (&[1, 2]).into() });
        let mut component = ComponentBuilder::default();
        component.core_module(Some("a module").filter(|_| has_names), &module);
        component.custom_section(&CustomSection { name: "producers".into(), data: (&[0]).into() });
        if has_names {
            component.append_names();
        }
        component.finish()
    }
}
