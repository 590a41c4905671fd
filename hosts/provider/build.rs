//! Says what is missing where the source is compiled without the components.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=components");
    if !Path::new("components/provenance.json").is_file() {
        println!(
            "cargo::error=the folder `components` is missing, because the repository has no components; depend on the \
             published crate, or make its package with `cargo run -p release -- all`"
        );
    }
}
