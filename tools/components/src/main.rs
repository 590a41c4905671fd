//! `cargo components`: builds the release components and prints where they are and their sizes.
//! Fails when one has outgrown its budget.
//! `cargo components --examples` builds those of the examples instead.
//! `cargo components --inside NAME` prints how much of a component's code comes from which crate.
//! `cargo components --push REGISTRY` builds the release components and pushes them into an OCI registry.

use anyhow::{Context, Result, bail};
use components::{ALL, Audience};
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => build(USERS, "target/components"),
        ["--examples"] => build(&[Audience::Readers], "target/examples"),
        ["--inside", name] => {
            let component = ALL.iter().find(|component| component.name == name);
            for (part, bytes) in components::inside(component.context("there is no such component")?)? {
                println!("{bytes:>7} {part}");
            }
            Ok(())
        }
        ["--push", registry] => {
            build(USERS, "target/components")?;
            let folder = components::workspace().join("target/components");
            for reference in components::push(&wkg(), registry, &folder)? {
                println!("pushed {reference}");
            }
            Ok(())
        }
        _ => {
            bail!("unknown arguments {arguments:?}; there are --examples, --inside NAME and --push REGISTRY")
        }
    }
}

const USERS: &[Audience] = &[Audience::Users, Audience::UsersOfAnotherEdition];

fn build(audiences: &[Audience], folder: &str) -> Result<()> {
    let mut too_large = Vec::new();
    for component in ALL.iter().filter(|component| audiences.contains(&component.audience)) {
        let built = components::build([component], &components::workspace().join(folder))?;
        let bytes = std::fs::metadata(&built[0])?.len();
        println!("{folder}/{}.wasm  {:.1} KB ({bytes} bytes)", component.name, bytes as f64 / 1000.0);
        if let Some(budget) = component.budget.filter(|budget| bytes >= *budget) {
            too_large.push(format!("{} is not under its {budget} bytes", component.name));
        }
    }
    if !too_large.is_empty() {
        bail!("{}; CONTRIBUTING.md says what keeps a component small", too_large.join(", and "));
    }
    Ok(())
}

/// The one that `.ci/tools` installed, or the one on the path.
fn wkg() -> PathBuf {
    let ours = components::workspace().join("target/tools/bin/wkg");
    if ours.is_file() { ours } else { Path::new("wkg").to_owned() }
}
