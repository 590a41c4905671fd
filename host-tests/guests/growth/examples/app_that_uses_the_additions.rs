//! The app, built against the interfaces of a later version, whose additions it uses.

wit_bindgen::generate!({ path: "wit/later", world: "app", generate_all });
include!("../src/app.rs");

use azure::identity_credentials::credentials::OidcRequest;

/// `github-actions`, the URL of the request, a path, and the options of the request as keys and values.
fn ask_for_more(words: &[&str]) -> Result<AccessToken, CredentialError> {
    let ["github-actions", url, path, options @ ..] = words else { unreachable!("{words:?}") };
    let builder = CredentialBuilder::github_actions(&application("tenant", "client"), &OidcRequest::new(url));
    builder.set_fmi_path(path);
    builder.create()?.get_token(&request(options))
}
