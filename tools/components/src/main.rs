//! `cargo components`: builds the release components and prints where they are and their sizes.

use anyhow::Result;

fn main() -> Result<()> {
    let out = components::workspace().join("target/components");
    for component in components::ALL.iter().filter(|component| component.released) {
        let paths = components::build([component], &out)?;
        for path in paths {
            let bytes = std::fs::metadata(&path)?.len();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            println!("target/components/{name}  {:.1} KB ({bytes} bytes)", bytes as f64 / 1000.0);
        }
    }
    Ok(())
}
