//! How many requests reach Microsoft Entra.

use crate::fleet::{CACHES, Fleet, http_app};
use crate::real_stores::RealStore;
use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use host_tests::app::App;
use host_tests::clock::Clock;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_requests_to_fresh_instances_of_an_app_send_one_token_request() -> Result<()> {
    for store in RealStore::start_all().await? {
        for cache in CACHES {
            store.flush()?;
            let fleet = Fleet::new(Clock::real(), cache, Some(store.store.clone()))?;
            let app = http_app(Some(cache))?;
            for _ in 0..100 {
                handle(&app, &fleet).await?;
            }
            assert_eq!(fleet.token_requests(), 1, "{} {cache}", store.name);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_at_once_to_an_empty_store_send_one_or_two_token_requests() -> Result<()> {
    for store in RealStore::start_all().await? {
        for cache in CACHES {
            let app = http_app(Some(cache))?;
            for _ in 0..3 {
                store.flush()?;
                let fleet = Fleet::new(Clock::real(), cache, Some(store.store.clone()))?;
                try_join_all((0..50).map(|_| handle(&app, &fleet))).await?;
                let requests = fleet.token_requests();
                assert!((1..=2).contains(&requests), "{} {cache}: {requests}", store.name);
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_cache_each_fresh_instance_sends_a_token_request() -> Result<()> {
    let fleet = Fleet::new(Clock::real(), CACHES[0], None)?;
    let app = http_app(None)?;
    try_join_all((0..10).map(|_| handle(&app, &fleet))).await?;
    assert_eq!(fleet.token_requests(), 10);
    Ok(())
}

/// One request to a fresh instance.
async fn handle(app: &App, fleet: &Fleet) -> Result<()> {
    let response = app.handle(fleet.environment(), "/").await?;
    let body = String::from_utf8_lossy(response.body()).into_owned();
    ensure!(response.status() == 200 && body.starts_with("environment"), "{body}");
    Ok(())
}
