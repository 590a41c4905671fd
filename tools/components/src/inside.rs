//! The size of each crate's code in a component.

use crate::build::{artifacts, compilation};
use crate::component::Component;
use anyhow::{Context, Result, ensure};
use std::collections::{BTreeMap, HashMap};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// The bytes of each crate's functions, the largest first, and then the bytes of constants. A generic function counts
/// for the crate that defines it.
///
/// # Errors
/// When the component does not compile.
pub fn inside(component: &Component) -> Result<Vec<(String, u64)>> {
    let mut cargo = compilation(component)?;
    // The profile strips names, which the attribution needs.
    let built =
        cargo.env("CARGO_PROFILE_COMPONENT_STRIP", "debuginfo").status().context("cargo did not start")?;
    ensure!(built.success(), "{} did not compile", component.package);
    let path = artifacts(component).join(format!("{}.wasm", component.package.replace('-', "_")));
    let module = Module::parse(&std::fs::read(path)?)?;
    let mut crates = BTreeMap::<String, u64>::new();
    for (index, bytes) in (module.imports..).zip(&module.functions) {
        let name = module.names.get(&index).map_or("", String::as_str);
        *crates.entry(crate_of(name, component)).or_default() += bytes;
    }
    let mut crates: Vec<_> = crates.into_iter().collect();
    crates.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    crates.push(("constants".to_owned(), module.constants));
    Ok(crates)
}

/// The parts of a core module that are counted.
#[derive(Default)]
struct Module {
    imports: u32,
    /// The bytes of each function that is not imported.
    functions: Vec<u64>,
    names: HashMap<u32, String>,
    constants: u64,
}

impl Module {
    fn parse(bytes: &[u8]) -> Result<Self> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        module.imports += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => module.functions.push(body.range().len() as u64),
                Payload::DataSection(data) => module.constants = data.range().len() as u64,
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        module.read(names)?;
                    }
                }
                _ => {}
            }
        }
        Ok(module)
    }

    fn read(&mut self, names: wasmparser::NameSectionReader<'_>) -> Result<()> {
        for name in names {
            if let Name::Function(functions) = name? {
                for function in functions {
                    let function = function?;
                    let name = format!("{:#}", rustc_demangle::demangle(function.name));
                    self.names.insert(function.index, name);
                }
            }
        }
        Ok(())
    }
}

/// The crate that defines a function: the first path in its name. A function without a path is an export, which the
/// bindings define, or a compiler builtin such as `memcpy`.
fn crate_of(name: &str, component: &Component) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let path = name.find("::").map(|end| name[..end].rsplit(|c| !is_part(c)).next().unwrap_or_default());
    match path.filter(|first| !first.is_empty()) {
        Some(first) => first.to_owned(),
        None if name.contains('#') || name.starts_with("cabi_") => component.package.replace('-', "_"),
        None => "compiler_builtins".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_belongs_to_the_first_crate_in_its_name() {
        let component = &crate::list::ALL[0];
        for (name, expected) in [
            ("dlmalloc::dlmalloc::Dlmalloc<A>::malloc", "dlmalloc"),
            ("<alloc::string::String as core::clone::Clone>::clone", "alloc"),
            ("<T as alloc::slice::ToVec>::to_vec", "alloc"),
            ("core::ptr::drop_in_place<azure_identity_component::token::Secret>", "core"),
            ("azure:identity/token-credential@0.2.0#get-token", "azure_identity_component"),
            ("memcmp", "compiler_builtins"),
        ] {
            assert_eq!(crate_of(name, component), expected, "{name}");
        }
    }
}
