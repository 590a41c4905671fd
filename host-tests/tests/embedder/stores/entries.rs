//! What every store does with its entries.

use super::server::{Server, on_every_server};
use anyhow::{Context, Result};
use azure_identity_wasmtime::EntryKind::{Lease, Token};
use azure_identity_wasmtime::{SharedStore, StoredEntry, Version};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::sleep;

on_every_server! {
    an_entry_is_created_once
    an_entry_is_replaced_in_its_version_alone
    an_entry_is_removed_in_its_version_alone
    a_removed_entry_is_created_again
    a_lease_expires_unless_it_is_extended
    a_token_outlives_a_lease
    a_token_and_a_lease_of_one_name_are_two_entries
    any_value_up_to_64_kb_is_kept
    one_of_a_hundred_creators_and_one_of_a_hundred_writers_wins
    a_version_of_another_store_is_none_of_an_entry
}

async fn an_entry_is_created_once(server: Server) -> Result<()> {
    let store = server.store()?;
    assert_eq!(store.get(Token, "name").await?, None);
    let version = store.create(Token, "name", b"one", HOUR).await?.context("it is created")?;
    assert_eq!(store.create(Token, "name", b"two", HOUR).await?, None);
    assert_eq!(store.get(Token, "name").await?, Some(StoredEntry::new(b"one".into(), version)));
    Ok(())
}

async fn an_entry_is_replaced_in_its_version_alone(server: Server) -> Result<()> {
    let store = server.store()?;
    let first = store.create(Token, "name", b"one", HOUR).await?.context("it is created")?;
    assert_eq!(store.replace(Token, "another", b"two", &first, HOUR).await?, None);
    assert_eq!(store.get(Token, "another").await?, None);
    let second = store.replace(Token, "name", b"two", &first, HOUR).await?.context("it is replaced")?;
    assert_eq!(store.replace(Token, "name", b"three", &first, HOUR).await?, None);
    assert_eq!(store.get(Token, "name").await?, Some(StoredEntry::new(b"two".into(), second)));
    Ok(())
}

async fn an_entry_is_removed_in_its_version_alone(server: Server) -> Result<()> {
    let store = server.store()?;
    let first = store.create(Token, "name", b"one", HOUR).await?.context("it is created")?;
    let second = store.replace(Token, "name", b"two", &first, HOUR).await?.context("it is replaced")?;
    assert!(!store.remove(Token, "name", &first).await?);
    assert!(store.remove(Token, "name", &second).await?);
    assert_eq!(store.get(Token, "name").await?, None);
    assert!(!store.remove(Token, "name", &second).await?);
    assert_eq!(store.replace(Token, "name", b"three", &second, HOUR).await?, None);
    assert_eq!(store.get(Token, "name").await?, None);
    Ok(())
}

async fn a_removed_entry_is_created_again(server: Server) -> Result<()> {
    let store = server.store()?;
    for value in [b"one", b"two"] {
        let version = store.create(Lease, "name", value, LEASE).await?.context("it is created")?;
        assert_eq!(store.create(Lease, "name", b"other", LEASE).await?, None);
        assert!(store.remove(Lease, "name", &version).await?);
    }
    Ok(())
}

async fn a_lease_expires_unless_it_is_extended(server: Server) -> Result<()> {
    let store = server.store()?;
    let mut extended = store.create(Lease, "extended", b"0", LEASE).await?.context("it is created")?;
    let began = Instant::now();
    store.create(Lease, "name", b"one", LEASE).await?.context("it is created")?;
    let mut lasted = Duration::ZERO;
    while store.get(Lease, "name").await?.is_some() {
        assert!(began.elapsed() < LEASE * 2, "the lease does not expire");
        lasted = began.elapsed();
        if lasted > LEASE / 2 {
            let value = lasted.as_millis().to_string();
            let replaced = store.replace(Lease, "extended", value.as_bytes(), &extended, LEASE).await?;
            extended = replaced.context("it has not expired")?;
        }
        sleep(Duration::from_millis(20)).await;
    }
    assert!(lasted > LEASE - Duration::from_millis(300), "it lasted {lasted:?}");
    assert!(store.get(Lease, "extended").await?.is_some());
    assert!(store.create(Lease, "name", b"two", LEASE).await?.is_some(), "an expired lease is not free");
    Ok(())
}

async fn a_token_outlives_a_lease(server: Server) -> Result<()> {
    let store = server.store()?;
    store.create(Token, "name", b"token", HOUR).await?;
    store.create(Lease, "name", b"lease", LEASE).await?;
    while store.get(Lease, "name").await?.is_some() {
        sleep(Duration::from_millis(20)).await;
    }
    assert!(store.get(Token, "name").await?.is_some());
    Ok(())
}

async fn a_token_and_a_lease_of_one_name_are_two_entries(server: Server) -> Result<()> {
    let store = server.store()?;
    store.create(Token, "name", b"token", HOUR).await?.context("the token is created")?;
    let lease = store.create(Lease, "name", b"lease", LEASE).await?.context("the lease is created")?;
    assert!(store.remove(Lease, "name", &lease).await?);
    assert_eq!(store.get(Token, "name").await?.map(|entry| entry.value), Some(b"token".to_vec()));
    Ok(())
}

async fn any_value_up_to_64_kb_is_kept(server: Server) -> Result<()> {
    let store = server.store()?;
    let every_byte: Vec<u8> = (0..=255).collect();
    let values = [Vec::new(), b"\r\n\0'\"$1".to_vec(), every_byte.clone(), every_byte.repeat(256)];
    let mut version = store.create(Token, "name", b"first", HOUR).await?.context("it is created")?;
    for value in values {
        version = store.replace(Token, "name", &value, &version, HOUR).await?.context("it is replaced")?;
        let entry = store.get(Token, "name").await?.context("it exists")?;
        assert!(entry == StoredEntry::new(value.clone(), version.clone()), "{} bytes", value.len());
    }
    assert!(store.remove(Token, "name", &version).await?);
    Ok(())
}

async fn one_of_a_hundred_creators_and_one_of_a_hundred_writers_wins(server: Server) -> Result<()> {
    // Ten hosts, with a connection each.
    let stores: Vec<_> = (0..10).map(|_| server.store()).collect::<Result<_>>()?;
    for round in 0..5 {
        let name = format!("name-{round}");
        let winners = winners(&stores, &name, "creator", |store, name, value| async move {
            store.create(Token, &name, &value, HOUR).await
        });
        let winners = winners.await?;
        assert_eq!(winners.len(), 1, "{winners:?} created the entry");
        let first = winners[0].1.clone();
        let winners = self::winners(&stores, &name, "writer", move |store, name, value| {
            let first = first.clone();
            async move { store.replace(Token, &name, &value, &first, HOUR).await }
        });
        let winners = winners.await?;
        assert_eq!(winners.len(), 1, "{winners:?} replaced the entry");
        let (value, version) = winners[0].clone();
        assert_eq!(stores[0].get(Token, &name).await?, Some(StoredEntry::new(value, version)));
    }
    Ok(())
}

/// The values and versions of the calls that wrote something, of ten calls on each store at once.
async fn winners<F>(
    stores: &[Arc<dyn SharedStore>],
    name: &str,
    what: &str,
    write: impl Fn(Arc<dyn SharedStore>, String, Vec<u8>) -> F,
) -> Result<Vec<(Vec<u8>, Version)>>
where
    F: Future<Output = Result<Option<Version>, azure_identity_wasmtime::StoreError>> + Send + 'static,
{
    let mut calls = JoinSet::new();
    for (number, store) in stores.iter().cycle().take(stores.len() * 10).enumerate() {
        let value = format!("{what} {number}").into_bytes();
        let call = write(Arc::clone(store), name.to_owned(), value.clone());
        calls.spawn(async move { call.await.map(|version| version.map(|version| (value, version))) });
    }
    let outcomes = calls.join_all().await.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(outcomes.into_iter().flatten().collect())
}

async fn a_version_of_another_store_is_none_of_an_entry(server: Server) -> Result<()> {
    let store = server.store()?;
    store.create(Token, "name", b"one", HOUR).await?.context("it is created")?;
    for other in [&b""[..], b"two", &[0; 8], &[0; 9]] {
        let other = Version::new(other);
        assert_eq!(store.replace(Token, "name", b"two", &other, HOUR).await?, None);
        assert_eq!(store.replace(Token, "another", b"two", &other, HOUR).await?, None);
        assert!(!store.remove(Token, "name", &other).await?);
    }
    assert_eq!(store.get(Token, "name").await?.map(|entry| entry.value), Some(b"one".to_vec()));
    Ok(())
}

const HOUR: Duration = Duration::from_secs(3600);

/// The time of the bucket of leases on NATS; Redis has one for each entry.
const LEASE: Duration = Duration::from_millis(1500);
