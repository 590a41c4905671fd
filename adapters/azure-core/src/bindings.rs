//! What this crate imports.
#![allow(missing_docs, reason = "generated; the WIT files have the documentation")]

wit_bindgen::generate!({
    path: "wit",
    inline: "
        package azure:core-wasi;
        world adapter {
            import azure:identity/token-credential@0.2.0;
        }
    ",
    world: "azure:core-wasi/adapter",
    generate_all,
});
