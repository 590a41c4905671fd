//! The examples that have no line about identity.

use crate::scene::{Scene, audience};
use anyhow::Result;
use bytes::Bytes;
use host_tests::app::over_http_auth;
use host_tests::azure::key_vault::settings::SECRET;
use host_tests::engine::engine;
use host_tests::network::Answer;
use http::{Request, Response};
use wasmtime::component::Component;

#[tokio::test(start_paused = true)]
async fn http_auth_secret_shows_a_secret_of_the_vault() -> Result<()> {
    let app = Component::from_binary(engine(), &over_http_auth(env!("HTTP_AUTH_SECRET_WASM"))?)?;
    let vault = "https://contoso.vault.azure.net/secrets/greeting?api-version=7.6";
    let mut scene = Scene::with_app(&app, &[("SECRET_URL", vault)], "", |_| crate::scene::ok()).await?;
    let answer = scene.app.get("/secret").await??;
    assert_eq!((answer.status().as_u16(), answer.body()), (200, &Bytes::from(SECRET)));
    assert_eq!(scene.azure.unexpected(), Vec::<String>::new());
    scene.assert_silent();
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn http_auth_blobs_lists_the_blobs_of_a_container() -> Result<()> {
    let app = Component::from_binary(engine(), &over_http_auth(env!("HTTP_AUTH_BLOBS_WASM"))?)?;
    let container = [("CONTAINER_URL", "https://my.blob.core.windows.net/reports")];
    let mut scene = Scene::with_app(&app, &container, "", list_blobs).await?;
    let answer = scene.app.get("/blobs").await??;
    assert_eq!((answer.status().as_u16(), answer.body()), (200, &Bytes::from("2026.pdf\n2027.pdf")));
    scene.assert_silent();
    Ok(())
}

/// "List Blobs", and what it refuses.
fn list_blobs(request: &Request<Bytes>) -> Answer {
    let is_for_storage = audience(request).is_ok_and(|(audience, _)| audience == "https://storage.azure.com");
    let takes_tokens = request.headers().get("x-ms-version").is_some_and(|it| it >= "2017-11-09");
    let status = match (is_for_storage, takes_tokens) {
        (false, _) => 401,
        (_, false) => 403,
        _ if request.uri() != "https://my.blob.core.windows.net/reports?restype=container&comp=list" => 400,
        _ => 200,
    };
    let blobs = "<Blobs><Blob><Name>2026.pdf</Name></Blob><Blob><Name>2027.pdf</Name></Blob></Blobs>";
    let body = format!("<?xml version=\"1.0\"?><EnumerationResults>{blobs}</EnumerationResults>");
    Answer::Response(Response::builder().status(status).body(body.into()).expect("a response"))
}
