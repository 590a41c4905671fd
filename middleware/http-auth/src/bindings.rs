//! The bindings of the world: what the component imports, and what it exports.

#![allow(missing_docs, reason = "the generated items are documented in the WIT")]

#[cfg(not(feature = "async-provider"))]
wit_bindgen::generate!({
    path: ["../../wit", "../../wit/0.2", "wit/0.2"],
    world: "azure:http-auth/http-auth",
    generate_all,
});

#[cfg(feature = "async-provider")]
wit_bindgen::generate!({
    path: ["../../wit", "../../wit/0.3", "wit/0.3"],
    world: "azure:http-auth/http-auth",
    generate_all,
});
