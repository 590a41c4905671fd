//! `cargo components`: builds the release components and prints where they are and their sizes.
//! `cargo components --examples` builds those of the examples instead.

use anyhow::{Result, bail};
use components::{ALL, Audience};

fn main() -> Result<()> {
    let (audience, folder) = match std::env::args().nth(1).as_deref() {
        None => (Audience::Users, "target/components"),
        Some("--examples") => (Audience::Readers, "target/examples"),
        Some(other) => bail!("unknown argument {other}; there is only --examples"),
    };
    for component in ALL.iter().filter(|component| component.audience == audience) {
        let built =
            components::build(std::slice::from_ref(component), &components::workspace().join(folder))?;
        let bytes = std::fs::metadata(&built[0])?.len();
        println!("{folder}/{}.wasm  {:.1} KB ({bytes} bytes)", component.name, bytes as f64 / 1000.0);
    }
    Ok(())
}
