//! The app, built against the interfaces of a later version, of which it uses no addition.

wit_bindgen::generate!({ path: "wit/later", world: "app", generate_all });
include!("../src/app.rs");

fn ask_for_more(_: &[&str]) -> Result<AccessToken, CredentialError> {
    unreachable!("this app uses no addition")
}
