//! Who may use a store: passwords, permissions and TLS.

use super::nkey::NKey;
use super::server::Server;
use crate::tls::certificates::{Authority, Validity};
use anyhow::{Context, Result};
use azure_identity_wasmtime::EntryKind::{Lease, Token};
use azure_identity_wasmtime::{NatsStore, RedisStore, SharedStore, StoreError};
use host_tests::nats_server::NatsServer;
use host_tests::redis_server::RedisServer;
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_redis_needs_its_password_and_few_permissions() -> Result<()> {
    let Some(redis) = RedisServer::start()? else { return Ok(()) };
    let commands = ["+get", "+set", "+del", "+eval", "+evalsha"];
    let user = ["ACL", "SETUSER", "tokens", "on", ">s3cret", "~azure-token-cache:*"];
    redis.command(&[&user, &commands[..]].concat())?;
    let url = |password: &str| format!("redis://tokens:{password}@127.0.0.1:{}", redis.port());
    uses_every_function(&RedisStore::builder(url("s3cret")).build()?).await?;

    let error = failure(&RedisStore::builder(url("wr0ng")).build()?).await;
    assert!(error.contains("authentication failed"), "{error}");
    assert!(error.starts_with(&format!("redis://127.0.0.1:{}/0: ", redis.port())), "{error}");
    assert!(!error.contains("wr0ng"), "{error}");

    let error = failure(&RedisStore::builder(url("s3cret")).key_prefix("other:").build()?).await;
    assert!(error.contains("NOPERM") && !error.contains("s3cret"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_nats_needs_its_password() -> Result<()> {
    let Some(nats) = NatsServer::start_with(&["--user", "tokens", "--pass", "s3cret"])? else {
        return Ok(());
    };
    let builder = || NatsStore::builder(nats.url());
    uses_every_function(&builder().user_and_password("tokens", "s3cret").build()?).await?;

    let error = failure(&builder().user_and_password("tokens", "wr0ng").build()?).await;
    assert!(error.contains("authorization violation"), "{error}");
    assert!(error.starts_with(&format!("nats://127.0.0.1:{}: ", nats.port())), "{error}");
    assert!(!error.contains("wr0ng"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_nats_is_known_by_its_nkey() -> Result<()> {
    let folder = TempDir::new()?;
    let config = folder.path().join("nats.conf");
    let NKey { public, seed } = NKey::generate();
    fs::write(&config, format!("authorization {{ users: [ {{ nkey: {public} }} ] }}"))?;
    let Some(nats) = NatsServer::start_with(&["--config", &config.display().to_string()])? else {
        return Ok(());
    };
    uses_every_function(&NatsStore::builder(nats.url()).nkey(seed).build()?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_nats_needs_few_permissions() -> Result<()> {
    let mut subjects = Vec::new();
    for bucket in ["azure-token-cache", "azure-token-cache-leases"] {
        subjects.push(format!("$KV.{bucket}.>"));
        subjects.push(format!("$JS.API.DIRECT.GET.KV_{bucket}.>"));
        subjects.extend(["INFO", "CREATE"].map(|action| format!("$JS.API.STREAM.{action}.KV_{bucket}")));
    }
    let permissions = json!({ "publish": subjects, "subscribe": ["_INBOX.>"] });
    let user = json!({ "user": "tokens", "password": "s3cret", "permissions": permissions });
    let folder = TempDir::new()?;
    let config = folder.path().join("nats.conf");
    fs::write(&config, format!("authorization: {}", json!({ "users": [user] })))?;
    let Some(nats) = NatsServer::start_with(&["--config", &config.display().to_string()])? else {
        return Ok(());
    };
    let builder = || NatsStore::builder(nats.url()).user_and_password("tokens", "s3cret");
    uses_every_function(&builder().build()?).await?;
    let other = builder().bucket("other").build()?;
    let read = tokio::time::timeout(Duration::from_millis(200), other.get(Token, "name")).await;
    assert!(!matches!(read, Ok(Ok(_))), "another bucket was read: {read:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_redis_refuses_a_write_and_answers_a_read() -> Result<()> {
    let Some(redis) = RedisServer::start()? else { return Ok(()) };
    let Some(replica) = RedisServer::start()? else { return Ok(()) };
    let store = RedisStore::builder(replica.url()).build()?;
    let version = store.create(Token, "name", b"one", HOUR).await?.context("it is created")?;
    // A replica answers with what it has until it has reached its primary, which does not exist.
    replica.command(&["REPLICAOF", "127.0.0.1", "1"])?;
    drop(redis);
    let create = store.create(Token, "second", b"one", HOUR).await.expect_err("it is refused");
    let replace = store.replace(Token, "name", b"two", &version, HOUR).await.expect_err("it is refused");
    for error in [create, replace] {
        assert!(error.to_string().contains("READONLY"), "{error}");
    }
    assert!(store.get(Token, "name").await?.is_some());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_verified_where_the_url_says_tls() -> Result<()> {
    let (authority, other) = (Authority::new("store-ca"), Authority::new("other-ca"));
    let (_folder, certificate, key) = issue(&authority, "127.0.0.1")?;
    let Some(redis) = RedisServer::start_with_tls(&certificate, &key)? else { return Ok(()) };
    let [certificate, key] = [certificate, key].map(|file| file.display().to_string());
    let arguments = ["--tls", "--tlscert", &certificate, "--tlskey", &key];
    let Some(nats) = NatsServer::start_with(&arguments)? else { return Ok(()) };

    let redis = |ca: &Authority| {
        let builder = RedisStore::builder(format!("rediss://127.0.0.1:{}", redis.port()));
        builder.root_certificates(ca.pem()).build()
    };
    uses_every_function(&redis(&authority)?).await?;
    let error = failure(&redis(&other)?).await;
    assert!(error.contains("TLS: invalid peer certificate: UnknownIssuer"), "{error}");

    let nats = |ca: &Authority| {
        let builder = NatsStore::builder(format!("tls://127.0.0.1:{}", nats.port()));
        builder.root_certificates(ca.pem()).build()
    };
    uses_every_function(&nats(&authority)?).await?;
    let error = failure(&nats(&other)?).await;
    assert!(error.contains("no connection"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_never_left_out_where_the_url_says_it() -> Result<()> {
    let Some(redis) = RedisServer::start()? else { return Ok(()) };
    let Some(nats) = NatsServer::start()? else { return Ok(()) };
    let redis = RedisStore::builder(format!("rediss://tokens:s3cret@127.0.0.1:{}", redis.port())).build()?;
    assert!(failure(&redis).await.contains("no connection within a second"));
    let nats = NatsStore::builder(format!("tls://127.0.0.1:{}", nats.port())).build()?;
    assert!(failure(&nats).await.contains("no connection"));
    Ok(())
}

/// Without a runtime, as in a host that makes its parts before it starts one.
#[test]
fn a_store_is_made_outside_of_a_runtime() -> Result<()> {
    let servers = [Server::redis()?, Server::nats()?];
    for server in servers.into_iter().flatten() {
        let store = server.store()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async { uses_every_function(&*store).await })?;
    }
    Ok(())
}

/// Writes a certificate and its key to files.
fn issue(authority: &Authority, name: &str) -> Result<(TempDir, PathBuf, PathBuf)> {
    let issued = authority.issue(name, Validity::Now);
    let folder = TempDir::new()?;
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    fs::write(&certificate, issued.certificate_pem())?;
    fs::write(&key, issued.key_pem())?;
    Ok((folder, certificate, key))
}

async fn uses_every_function(store: &dyn SharedStore) -> Result<()> {
    for kind in [Token, Lease] {
        let version = store.create(kind, "name", b"one", HOUR).await?.context("it is created")?;
        let version = store.replace(kind, "name", b"two", &version, HOUR).await?.context("it is replaced")?;
        assert_eq!(store.get(kind, "name").await?.map(|entry| entry.value), Some(b"two".to_vec()));
        assert!(store.remove(kind, "name", &version).await?);
    }
    Ok(())
}

/// The error of a store that may not be used.
async fn failure(store: &dyn SharedStore) -> String {
    let read: Result<_, StoreError> = store.get(Token, "name").await;
    read.expect_err("it may not be used").to_string()
}

const HOUR: Duration = Duration::from_secs(3600);
