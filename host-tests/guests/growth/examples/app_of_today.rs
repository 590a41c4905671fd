//! The app, built against the interfaces of today.

wit_bindgen::generate!({ path: "wit/today", world: "app", generate_all });
include!("../src/app.rs");

fn ask_for_more(_: &[&str]) -> Result<AccessToken, CredentialError> {
    unreachable!("the interfaces of today have no more")
}
