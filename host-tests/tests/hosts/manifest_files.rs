//! The manifests of the examples, and what they name.

use anyhow::{Context, Result, ensure};
use components::{ALL, Target};
use std::fs;
use std::path::{Path, PathBuf};
use wit_parser::Resolve;

/// The Spin manifest of an example.
pub fn spin(example: &str) -> Result<toml::Table> {
    Ok(fs::read_to_string(folder(example).join("spin.toml"))?.parse()?)
}

/// The wasmCloud manifest of an example.
pub fn wasmcloud(example: &str) -> Result<serde_json::Value> {
    Ok(serde_yaml_ng::from_str(&fs::read_to_string(folder(example).join("wasmcloud.yaml"))?)?)
}

/// A component of a wasmCloud manifest.
pub fn component(manifest: &mut serde_json::Value, number: usize) -> &mut serde_json::Value {
    &mut manifest["spec"]["template"]["spec"]["components"][number]
}

/// The output path of `cargo components`, relative to the example's folder.
pub fn built(example: &str, name: &str) -> Result<PathBuf> {
    let component = ALL.iter().find(|it| it.name == name).context("there is no such component")?;
    let output = if component.target == Target::Bare { "components" } else { "examples" };
    Ok(folder(example).join(format!("../../target/{output}/{name}.wasm")))
}

/// The name of an interface with its version.
pub fn interface(generation: &str, name: &str) -> Result<String> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(workspace().join("wit").join(generation))?;
    ensure!(resolve.packages[package].interfaces.contains_key(name), "there is no interface {name}");
    Ok(resolve.packages[package].name.interface_id(name))
}

/// The text of a value of a Spin manifest.
pub fn text(value: &toml::Value) -> Result<&str> {
    value.as_str().context("a string is expected")
}

/// The texts of a list in a Spin manifest, with the defaults of the manifest's variables in the places of `{{ variable }}`.
pub fn list(manifest: &toml::Table, value: &toml::Value) -> Result<Vec<String>> {
    let values = value.as_array().context("a list is expected")?;
    values.iter().map(|value| default_of(manifest, text(value)?)).collect()
}

fn default_of(manifest: &toml::Table, text: &str) -> Result<String> {
    let Some(variable) = text.strip_prefix("{{ ").and_then(|it| it.strip_suffix(" }}")) else {
        return Ok(text.to_owned());
    };
    let default = manifest["variables"].get(variable).and_then(|it| it.get("default")?.as_str());
    Ok(default.with_context(|| format!("{variable} has no default"))?.to_owned())
}

/// The block behind the comment `<!-- tested: name -->` of a page.
pub fn block(page: &str, name: &str, language: &str) -> Result<String> {
    let text = fs::read_to_string(workspace().join(page))?;
    let start = format!("<!-- tested: {name} -->\n```{language}\n");
    let block = text.split(&start).nth(1).and_then(|rest| rest.split("```").next());
    Ok(block.with_context(|| format!("{page} has no {name}"))?.to_owned())
}

/// The folder of an example.
pub fn folder(example: &str) -> PathBuf {
    workspace().join("examples").join(example)
}

/// The root of the repository.
pub fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
