//! Stores whose servers fail, and work again.

use super::server::{Server, eventually, on_every_server};
use anyhow::{Context, Result};
use azure_identity_wasmtime::EntryKind::{Lease, Token};
use azure_identity_wasmtime::{NatsStore, SharedStore, StoreError};
use host_tests::nats_server::NatsServer;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

on_every_server! {
    a_store_works_again_after_its_server_was_frozen
    a_store_works_again_after_its_server_was_frozen_for_long
    a_store_works_again_after_its_server_was_killed
    a_store_is_made_while_its_server_is_down
    a_call_fails_soon_while_the_server_is_down
    a_store_works_on_after_its_server_was_flushed
    calls_that_are_dropped_leave_the_store_usable
    a_full_server_refuses_a_write_and_answers_a_read
}

async fn a_store_works_again_after_its_server_was_frozen(mut server: Server) -> Result<()> {
    let store = server.store()?;
    store.create(Token, "name", b"one", HOUR).await?.context("it is created")?;
    server.process().freeze()?;
    assert!(is_late(store.get(Token, "name")).await, "a frozen server answers");
    server.process().resume()?;
    let entry = eventually(async || store.get(Token, "name").await).await?;
    assert_eq!(entry.map(|entry| entry.value), Some(b"one".to_vec()));
    Ok(())
}

/// Longer than the store's own timeouts: it has replaced its connection, or tried to.
async fn a_store_works_again_after_its_server_was_frozen_for_long(mut server: Server) -> Result<()> {
    let store = server.store()?;
    store.create(Token, "name", b"one", HOUR).await?.context("it is created")?;
    server.process().freeze()?;
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(2500) {
        let outcome = timeout(DEADLINE, store.get(Token, "name")).await;
        assert!(!matches!(outcome, Ok(Ok(_))), "a frozen server answers: {outcome:?}");
        // An error comes at once.
        sleep(Duration::from_millis(20)).await;
    }
    server.process().resume()?;
    let entry = eventually(async || store.get(Token, "name").await).await?;
    assert_eq!(entry.map(|entry| entry.value), Some(b"one".to_vec()));
    Ok(())
}

async fn a_store_works_again_after_its_server_was_killed(mut server: Server) -> Result<()> {
    let store = server.store()?;
    store.create(Token, "name", b"one", HOUR).await?.context("it is created")?;
    server.process().kill();
    let error = failure_of(&*store).await;
    assert!(error.contains("127.0.0.1"), "{error}");
    server.process().restart()?;
    let entry = eventually(async || store.get(Token, "name").await).await?;
    // Redis has no persistence here.
    let expected = matches!(server, Server::Nats(_)).then(|| b"one".to_vec());
    assert_eq!(entry.map(|entry| entry.value), expected);
    // The server has not seen the scripts since it started.
    let version =
        eventually(async || store.create(Token, "second", b"one", HOUR).await).await?.context("created")?;
    assert!(store.remove(Token, "second", &version).await?);
    Ok(())
}

async fn a_store_is_made_while_its_server_is_down(mut server: Server) -> Result<()> {
    server.process().kill();
    let store = server.store()?;
    failure_of(&*store).await;
    server.process().restart()?;
    assert_eq!(eventually(async || store.get(Token, "name").await).await?, None);
    Ok(())
}

async fn a_call_fails_soon_while_the_server_is_down(mut server: Server) -> Result<()> {
    let store = server.store()?;
    store.create(Token, "name", b"one", HOUR).await?.context("it is created")?;
    server.process().kill();
    failure_of(&*store).await;
    let began = Instant::now();
    for _ in 0..100 {
        let outcome =
            timeout(DEADLINE, store.get(Token, "name")).await.context("the call waits for the server")?;
        assert!(outcome.is_err(), "a server that is down answers");
    }
    assert!(began.elapsed() < Duration::from_secs(2), "100 calls took {:?}", began.elapsed());
    Ok(())
}

async fn a_store_works_on_after_its_server_was_flushed(server: Server) -> Result<()> {
    let store = server.store()?;
    let version = store.create(Token, "name", b"one", HOUR).await?.context("it is created")?;
    server.flush()?;
    assert_eq!(store.get(Token, "name").await?, None);
    assert_eq!(store.replace(Token, "name", b"two", &version, HOUR).await?, None);
    assert!(store.create(Token, "name", b"two", HOUR).await?.is_some());
    Ok(())
}

async fn calls_that_are_dropped_leave_the_store_usable(server: Server) -> Result<()> {
    let store = server.store()?;
    for round in 0_u64..1000 {
        // Some before they are sent, some after.
        let time = Duration::from_micros(round % 50 * 20);
        let _ = timeout(time, store.create(Token, &format!("name-{round}"), &[1; 1000], HOUR)).await;
    }
    let version =
        eventually(async || store.create(Token, "name", b"one", HOUR).await).await?.context("created")?;
    assert!(store.remove(Token, "name", &version).await?);
    Ok(())
}

async fn a_full_server_refuses_a_write_and_answers_a_read(server: Server) -> Result<()> {
    match &server {
        Server::Redis(redis) => drop(redis.command(&["CONFIG", "SET", "maxmemory", "1"])?),
        Server::Nats(nats) => {
            create_bucket(nats, &json!({ "max_bytes": 100, "max_age": 86_400_000_000_000_u64 }))?
        }
    }
    let store = server.store()?;
    let error = store.create(Token, "name", &[1; 1000], HOUR).await.expect_err("it is full").to_string();
    assert!(["OOM", "maximum bytes exceeded"].iter().any(|reason| error.contains(reason)), "{error}");
    assert_eq!(store.get(Token, "name").await?, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_bucket_of_nats_is_created_again() -> Result<()> {
    let Some(nats) = NatsServer::start()? else { return Ok(()) };
    let store = NatsStore::builder(nats.url()).build()?;
    let version = store.create(Token, "name", b"one", HOUR).await?.context("it is created")?;
    nats.delete_buckets()?;
    assert_eq!(eventually(async || store.get(Token, "name").await).await?, None);
    nats.delete_buckets()?;
    assert_eq!(store.replace(Token, "name", b"two", &version, HOUR).await?, None);
    nats.delete_buckets()?;
    assert!(store.create(Token, "name", b"two", HOUR).await?.is_some());
    Ok(())
}

/// A server with a slow disk: the embedder's deadline decides how long a call waits, and not the client's timeout.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_waits_longer_than_a_second_for_nats() -> Result<()> {
    let Some(mut nats) = NatsServer::start()? else { return Ok(()) };
    let store = NatsStore::builder(nats.url()).bucket("tokens").create_buckets(false).build()?;
    store.get(Token, "name").await.expect_err("it is connected, and there is no bucket");
    create_bucket_named(&nats, "tokens")?;
    nats.process().freeze()?;
    let created = tokio::spawn(async move { store.create(Token, "name", b"one", HOUR).await });
    sleep(Duration::from_millis(1500)).await;
    nats.process().resume()?;
    assert!(created.await??.is_some());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_nats_that_keeps_leases_for_too_long_is_refused() -> Result<()> {
    let Some(nats) = NatsServer::start()? else { return Ok(()) };
    nats.request(
        "STREAM.CREATE.KV_azure-token-cache-leases",
        &bucket("azure-token-cache-leases", &json!({})),
    )?;
    let store = NatsStore::builder(nats.url()).build()?;
    let error = store.create(Lease, "name", b"one", HOUR).await.expect_err("it is refused").to_string();
    let expected = "the bucket azure-token-cache-leases has a maximum age of 0ns instead of 1.5s";
    assert!(error.ends_with(expected), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_bucket_of_nats_is_an_error_where_the_operator_creates_it() -> Result<()> {
    let Some(nats) = NatsServer::start()? else { return Ok(()) };
    let store = NatsStore::builder(nats.url()).bucket("tokens").create_buckets(false).build()?;
    let error = store.get(Token, "name").await.expect_err("it is missing").to_string();
    assert!(error.contains("the bucket tokens: "), "{error}");
    assert_eq!(nats.streams()?, [""; 0]);
    Ok(())
}

fn create_bucket_named(nats: &NatsServer, name: &str) -> Result<()> {
    let settings = bucket(name, &json!({ "max_age": 86_400_000_000_000_u64 }));
    nats.request(&format!("STREAM.CREATE.KV_{name}"), &settings).map(drop)
}

/// Creates the bucket of tokens.
fn create_bucket(nats: &NatsServer, settings: &serde_json::Value) -> Result<()> {
    nats.request("STREAM.CREATE.KV_azure-token-cache", &bucket("azure-token-cache", settings)).map(drop)
}

/// A bucket of key-value, as clients create it.
fn bucket(name: &str, settings: &serde_json::Value) -> serde_json::Value {
    let mut stream = json!({
        "name": format!("KV_{name}"), "subjects": [format!("$KV.{name}.>")], "max_msgs_per_subject": 1,
        "discard": "new", "allow_rollup_hdrs": true, "deny_delete": true, "allow_direct": true, "storage": "file",
    });
    for (key, value) in settings.as_object().into_iter().flatten() {
        stream[key] = value.clone();
    }
    stream
}

/// The error of a store whose server is down, once the store has noticed.
async fn failure_of(store: &dyn SharedStore) -> String {
    let began = Instant::now();
    loop {
        match timeout(DEADLINE, store.get(Token, "name")).await {
            Ok(Err(error)) => return error.to_string(),
            outcome => assert!(began.elapsed() < Duration::from_secs(3), "no error: {outcome:?}"),
        }
    }
}

/// Whether a call has no outcome within the caller's deadline.
async fn is_late<T>(call: impl Future<Output = Result<T, StoreError>>) -> bool {
    timeout(DEADLINE, call).await.is_err()
}

const HOUR: Duration = Duration::from_secs(3600);
const DEADLINE: Duration = Duration::from_millis(200);
