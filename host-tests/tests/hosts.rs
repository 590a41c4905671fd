//! `docs/hosts.md`, `docs/hosts/` and the manifests of the examples: they grant what is needed and nothing else, and they
//! run on the hosts that can be had.

use anyhow::Result;
use azure_simulator::{Azure, Settings};
use host_tests::clock::Clock;
use host_tests::environment::TestEnvironment;
use host_tests::guest::Guest;
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

#[path = "hosts/allowlist.rs"]
mod allowlist;
#[path = "hosts/blob_service.rs"]
mod blob_service;
#[path = "hosts/developer.rs"]
mod developer;
#[path = "hosts/grants.rs"]
mod grants;
#[path = "hosts/keyvault_app.rs"]
mod keyvault_app;
#[path = "hosts/kubernetes.rs"]
mod kubernetes;
#[path = "hosts/local_development.rs"]
mod local_development;
#[path = "hosts/manifest_files.rs"]
mod manifest_files;
#[path = "hosts/platform_secret.rs"]
mod platform_secret;
#[path = "hosts/recipe.rs"]
mod recipe;
#[path = "hosts/serve.rs"]
mod serve;
#[path = "hosts/spin.rs"]
mod spin;
#[path = "hosts/wash.rs"]
mod wash;
#[path = "hosts/wash_dev.rs"]
mod wash_dev;

use allowlist::Allowlist;
use manifest_files::workspace;
use recipe::Recipe;

#[tokio::test(start_paused = true)]
async fn every_recipe_is_sufficient_and_minimal() -> Result<()> {
    for recipe in Recipe::all(&fs::read_to_string(workspace().join("docs/hosts.md"))?)? {
        let (source, used) = outcome(&recipe).await?;
        assert_eq!(used, recipe.hosts, "{}: the hosts that it calls", recipe.name);
        let expected = recipe.source();
        assert!(
            source.as_deref().is_ok_and(|source| source.starts_with(expected)),
            "{}: {source:?}",
            recipe.name
        );
        for (missing, reduced) in recipe.without_each() {
            let (source, _) = outcome(&reduced).await?;
            assert!(source.is_err(), "{} does not need {missing}: {source:?}", recipe.name);
        }
    }
    Ok(())
}

/// The source of the token or the error, and the hosts that were called.
async fn outcome(recipe: &Recipe) -> Result<(Result<String, String>, BTreeSet<String>)> {
    let clock = Clock::simulated();
    let settings: Settings = toml::from_str(recipe::AZURE)?;
    let allowlist = Arc::new(Allowlist::new(Azure::new(clock.clone(), settings), &recipe.hosts));
    let mut environment = TestEnvironment::new(clock, allowlist.clone());
    environment.env = recipe.environment();
    environment.files = None;
    let folders = recipe.folders()?;
    environment.folders =
        folders.iter().map(|(name, folder)| (folder.path().to_owned(), name.clone())).collect();
    let outcome = Guest::start(environment).await?.get_token(&recipe.build_request()).await?;
    Ok((outcome.map(|token| token.source).map_err(|error| error.message), allowlist.used()))
}
