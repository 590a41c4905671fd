//! `cargo components`: builds the release components and prints where they are and their sizes.
//! Fails when one has outgrown its budget.
//! `cargo components --examples` builds those of the examples instead.

use anyhow::{Result, bail};
use components::{ALL, Audience};

fn main() -> Result<()> {
    let (audiences, folder) = match std::env::args().nth(1).as_deref() {
        None => (&[Audience::Users, Audience::UsersOfAnotherEdition][..], "target/components"),
        Some("--examples") => (&[Audience::Readers][..], "target/examples"),
        Some(other) => bail!("unknown argument {other}; there is only --examples"),
    };
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
