//! The bindings of the environment that is exported, and of the store in the version that the host has.

#![allow(missing_docs, reason = "the generated items are documented in the WIT")]
#![allow(unsafe_code, reason = "what `generate!` writes")]

#[cfg(not(feature = "spin"))]
wit_bindgen::generate!({ path: "wit", world: "secret-environment", pub_export_macro: true, generate_all });

#[cfg(feature = "spin")]
wit_bindgen::generate!({ path: "wit", world: "secret-environment-spin", pub_export_macro: true, generate_all });
