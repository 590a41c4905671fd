//! `cargo components`: builds the project's components.

use anyhow::{Context, Result, bail};
use clap::{Args, Parser};
use components::{ALL, Audience, Component};
use std::path::{Path, PathBuf};

/// Builds the release components into target/components and prints their sizes; fails when one is over its limit.
#[derive(Parser)]
#[command(name = "cargo components", bin_name = "cargo components")]
struct Arguments {
    #[command(flatten)]
    action: Action,
}

#[derive(Args)]
#[group(multiple = false)]
struct Action {
    /// Builds the components of the examples into target/examples instead.
    #[arg(long)]
    examples: bool,
    /// Builds one component into target/components.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Prints how many bytes of a component's code come from which crate.
    #[arg(long, value_name = "NAME")]
    inside: Option<String>,
    /// Checks whether an app may be composed with http-auth and token-cache: fails when it imports what reaches their keys
    /// or their store.
    #[arg(long, value_name = "APP")]
    check_app: Option<PathBuf>,
    /// Builds the release components and pushes them into an OCI registry.
    #[arg(long, value_name = "REGISTRY")]
    push: Option<String>,
}

fn main() -> Result<()> {
    let Action { examples, only, inside, push, check_app } = Arguments::parse().action;
    if let Some(app) = check_app {
        return check(&app);
    }
    if let Some(name) = only {
        components::build([find(&name)?], &components::workspace().join("target/components"))?;
        return Ok(());
    }
    if let Some(name) = inside {
        return print_crates(&name);
    }
    if examples {
        return build(&[Audience::Readers], "target/examples");
    }
    build(USERS, "target/components")?;
    push.map_or(Ok(()), |registry| publish(&registry))
}

fn print_crates(name: &str) -> Result<()> {
    for (part, bytes) in components::inside(find(name)?)? {
        println!("{bytes:>7} {part}");
    }
    Ok(())
}

fn check(app: &Path) -> Result<()> {
    let refusals = components::check_app(&std::fs::read(app)?)?;
    if refusals.is_empty() {
        println!("{} imports neither environment, files nor a key-value store", app.display());
        return Ok(());
    }
    for refusal in &refusals {
        println!("{}: {}", refusal.import, refusal.reason);
    }
    bail!(
        "{} must not be composed with http-auth and token-cache; build it without these imports, or run it under a host \
         that has the cache itself (azure-identity-wasmtime)",
        app.display()
    )
}

fn find(name: &str) -> Result<&'static Component> {
    ALL.iter().find(|component| component.name == name).context("there is no such component")
}

fn publish(registry: &str) -> Result<()> {
    let folder = components::workspace().join("target/components");
    for reference in components::push(&wkg(), registry, &folder)? {
        println!("pushed {reference}");
    }
    Ok(())
}

const USERS: &[Audience] = &[Audience::Users, Audience::UsersOfAnotherEdition, Audience::Packages];

fn build(audiences: &[Audience], folder: &str) -> Result<()> {
    let mut too_large = Vec::new();
    for component in ALL.iter().filter(|component| audiences.contains(&component.audience)) {
        let built = components::build([component], &components::workspace().join(folder))?;
        let bytes = std::fs::metadata(&built[0])?.len();
        println!("{folder}/{}.wasm  {:.1} KB ({bytes} bytes)", component.name, bytes as f64 / 1000.0);
        // The limits are for what is published, which the optimiser has made smaller.
        let budget = component.budget.filter(|_| components::optimize::optimizer().is_some());
        if let Some(budget) = budget.filter(|budget| bytes >= *budget) {
            too_large.push(format!("{} is not under its {budget} bytes", component.name));
        }
    }
    if !too_large.is_empty() {
        bail!("{}; CONTRIBUTING.md explains what keeps a component small", too_large.join(", and "));
    }
    Ok(())
}

/// The program that `.ci/tools` installed, or the one on the path.
fn wkg() -> PathBuf {
    let ours = components::workspace().join("target/tools/bin/wkg");
    if ours.is_file() { ours } else { Path::new("wkg").to_owned() }
}
