//! `http-auth` over the middlewares: the app sends plain requests, and the layers below decide on the tokens.

use crate::composed::VAULT;
use crate::scenario::{Scenario, audience, ok};
use anyhow::Result;
use host_tests::app::over_http_auth_and;
use host_tests::async_app::ErrorCode;
use host_tests::edition::Edition;
use host_tests::engine::engine;
use wasmtime::component::Component;

in_each_edition! {
    #[tokio::test(start_paused = true)]
    an_app_over_http_auth_over_allow_scopes_reaches_the_services_of_listed_scopes_only
}

async fn scenario(edition: Edition, below: &[&str], variables: &[(&str, &str)]) -> Result<Scenario> {
    let app = over_http_auth_and(env!("HTTP_CLIENT_WASM"), edition, below)?;
    let variables = [&[RULES], variables].concat();
    Scenario::with_app(&Component::from_binary(engine(), &app)?, &variables, "", |_| ok()).await
}

async fn an_app_over_http_auth_over_allow_scopes_reaches_the_services_of_listed_scopes_only(
    edition: Edition,
) -> Result<()> {
    let below = [edition.allow_scopes(), edition.component()];
    let mut scenario = scenario(edition, &below, &[("AZURE_ALLOW_SCOPES", VAULT)]).await?;
    scenario.send("GET", "https://one.example/a", &[]).await??;
    let [request] = <[_; 1]>::try_from(scenario.seen()).expect("one request");
    assert_eq!(audience(&request)?.0, "https://vault.azure.net");
    let error =
        scenario.send("GET", "https://two.example/a", &[]).await?.expect_err("the scope is not listed");
    let message = "the scope https://storage.azure.com/.default is not allowed";
    assert!(matches!(&error, ErrorCode::InternalError(Some(it)) if it.contains(message)), "{error:?}");
    assert!(scenario.app.output().contains(message), "{}", scenario.app.output());
    assert_eq!((scenario.seen().len(), scenario.token_requests()), (0, 1));
    Ok(())
}

const RULES: (&str, &str) = (
    "AZURE_HTTP_AUTH_RULES",
    "https://one.example scope=https://vault.azure.net/.default; https://two.example scope=https://storage.azure.com/.default",
);
