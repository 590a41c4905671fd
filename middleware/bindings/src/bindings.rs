//! The bindings that `generate!` writes.

#![allow(missing_docs, reason = "the generated items are documented in the WIT")]
#![allow(unsafe_code, reason = "what `generate!` and `export!` write")]

// The interfaces of WASI 0.2 are those of the crate `wasi`.
#[cfg(not(feature = "wasi-0-3"))]
wit_bindgen::generate!({
    path: "../../wit/0.2",
    world: "azure:identity/middleware",
    default_bindings_module: "azure_middleware_bindings::bindings",
    pub_export_macro: true,
    generate_all,
});

#[cfg(feature = "wasi-0-3")]
wit_bindgen::generate!({
    inline: "
        package azure:middleware;
        world middleware {
            include azure:identity/middleware@0.3.0;
            import wasi:cli/environment@0.3.0;
            import wasi:cli/stderr@0.3.0;
            import wasi:clocks/monotonic-clock@0.3.0;
            import wasi:clocks/system-clock@0.3.0;
        }
    ",
    path: ["../../wit", "../../wit/0.3"],
    default_bindings_module: "azure_middleware_bindings::bindings",
    pub_export_macro: true,
    generate_all,
});
