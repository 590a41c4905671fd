//! The bindings of the store, in the version that the host has. `azure-middleware-bindings` has the rest.

#![allow(missing_docs, reason = "the generated items are documented in the WIT")]
#![allow(unsafe_code, reason = "what `generate!` writes")]

#[cfg(not(feature = "keyvalue-draft2"))]
wit_bindgen::generate!({
    inline: "
        package azure:token-cache;
        world token-cache {
            import wasi:keyvalue/store@0.2.0-draft;
        }
    ",
    path: ["wit/0.2.0-draft"],
    generate_all,
});

#[cfg(feature = "keyvalue-draft2")]
wit_bindgen::generate!({
    inline: "
        package azure:token-cache;
        world token-cache {
            import wasi:keyvalue/store@0.2.0-draft2;
        }
    ",
    path: ["wit/0.2.0-draft2"],
    generate_all,
});
