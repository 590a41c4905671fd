//! What a component imports that uses this crate. Only what it calls becomes an import.
#![allow(missing_docs, reason = "generated; the WIT files have the documentation")]

// The names of these worlds are those of sections of the compiled object, which the linker joins if two are equal. The version
// of the package is therefore that of the crate: an app may depend on two versions of it.

#[allow(clippy::all, clippy::pedantic, reason = "generated")]
pub mod wasi_0_2 {
    wit_bindgen::generate!({
        path: "wit/0.2",
        inline: "
            package azure:identity-guest@0.2.0;
            world wasi02 {
                import azure:identity/token-credential@0.2.0;
            }
        ",
        world: "azure:identity-guest/wasi02",
        generate_all,
    });
}

#[cfg(feature = "wasi-0-3")]
#[allow(clippy::all, clippy::pedantic, reason = "generated")]
pub mod wasi_0_3 {
    wit_bindgen::generate!({
        path: "wit/0.3",
        inline: "
            package azure:identity-guest@0.2.0;
            world wasi03 {
                import azure:identity/token-credential@0.3.0;
            }
        ",
        world: "azure:identity-guest/wasi03",
        generate_all,
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_worlds_have_the_version_of_the_crate() {
        let (bindings, _) =
            include_str!("bindings.rs").split_once("#[cfg(test)]").expect("the tests are last");
        let name = concat!("package azure:identity-guest@", env!("CARGO_PKG_VERSION"), ";");
        assert_eq!(bindings.matches(name).count(), bindings.matches("generate!").count());
    }
}
