//! An app gets a right token from every state of the store that was tried.

use crate::fleet::{CACHES, Fleet, RING, request};
use crate::real_stores::RealStore;
use crate::troubled_store::{Trouble, TroubledStore};
use anyhow::{Context, Result};
use azure_simulator::Settings;
use azure_simulator::settings::CLIENT_ID;
use golden::expect_file;
use host_tests::bindings::ErrorKind;
use host_tests::clock::Clock;
use host_tests::key_value::StoreError;
use host_tests::memory_store::MemoryStore;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// What is wrong with a store, or with an entry of it.
enum Failure {
    /// Between the component and the store.
    Store(Trouble),
    /// In the entry of the token, after another one wrote it.
    Entry(fn(Vec<u8>) -> Vec<u8>),
    /// The entry was written by an instance with these variables, or moved from it.
    Foreign(&'static [(&'static str, &'static str)]),
    /// In the server.
    Server(fn(&mut RealStore) -> Result<()>),
}

/// The failures, by name.
fn failures() -> Vec<(&'static str, Failure)> {
    use Failure::{Entry, Foreign, Server, Store};
    let at = |function, error| Store(Trouble::At(function, error));
    let broken = || StoreError::Other("broken\r\n\u{1b}[31m".to_owned());
    vec![
        ("each call takes 300 ms", Store(Trouble::Slow(Duration::from_millis(300)))),
        ("there is no such store", at("open", StoreError::NoSuchStore)),
        ("the store is not granted", at("open", StoreError::AccessDenied)),
        ("open fails", at("open", broken())),
        ("get fails", at("get", broken())),
        ("set fails", at("set", broken())),
        ("delete fails", at("delete", broken())),
        ("an entry is empty", Entry(|_| Vec::new())),
        ("an entry is garbage", Entry(|_| b"garbage".to_vec())),
        ("an entry is plain text", Entry(|_| PLAIN.to_vec())),
        ("an entry has another version", Entry(|it| changed(it, 0))),
        ("an entry names another key", Entry(|it| changed(it, 2))),
        ("a bit of an entry is flipped", Entry(|it| changed(it, 100))),
        ("an entry is truncated", Entry(|it| it[..it.len() - 1].to_vec())),
        ("an entry has another key of the same id", Foreign(&[("AZURE_TOKEN_CACHE_KEYS", OTHER_RING)])),
        ("an entry is of another partition", Foreign(&[("AZURE_TOKEN_CACHE_PARTITION", "other")])),
        (
            "the store is full",
            Server(|store| {
                store.flush()?;
                store.fill()
            }),
        ),
        ("the store is emptied", Server(|store| store.flush())),
        ("the server is frozen", Server(RealStore::freeze)),
        (
            "the server is gone",
            Server(|store| {
                store.kill();
                Ok(())
            }),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_failure_of_a_store_is_an_error_to_an_app() -> Result<()> {
    let mut tables = Vec::new();
    for (number, cache) in CACHES.iter().enumerate() {
        let mut table = String::from(HEADER);
        for (name, failure) in failures() {
            let mut stores = RealStore::start_all().await?;
            if stores.len() < 2 {
                return Ok(());
            }
            let store = stores.swap_remove(number);
            writeln!(table, "{name} | {}", outcome(store, failure, cache).await.context(name)?)?;
        }
        tables.push(table);
    }
    let [redis, nats] = <[String; 2]>::try_from(tables).expect("two stores");
    similar_asserts(&redis, &nats);
    expect_file!["failures.txt"].assert_eq(&redis);
    Ok(())
}

/// The number of token requests of the first two fresh instances after the failure began, and the warning of the first.
async fn outcome(mut store: RealStore, failure: Failure, cache: &str) -> Result<String> {
    let troubled = TroubledStore::new(store.store.clone());
    let fleet = Fleet::new(Clock::real(), cache, Some(troubled.clone()))?;
    let is_cold = matches!(failure, Failure::Store(_));
    if !is_cold {
        fleet.get_right_token().await?;
    }
    match failure {
        Failure::Store(trouble) => troubled.begin(trouble),
        Failure::Entry(change) => {
            let (name, content) = troubled.record().context("a record")?;
            troubled.plant(&name, &change(content)).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        }
        Failure::Foreign(variables) => {
            let (name, _) = troubled.record().context("a record")?;
            troubled.plant(&name, b"").await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
            fleet.with(variables).get_right_token().await?;
            let (_, content) = troubled.record().context("a record")?;
            troubled.plant(&name, &content).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        }
        Failure::Server(act) => act(&mut store)?,
    }
    let before = fleet.token_requests();
    let (_, warnings) = fleet.get_right_token().await?;
    let first = fleet.token_requests() - before;
    fleet.get_right_token().await?;
    let second = fleet.token_requests() - before - first;
    assert!(warnings.lines().count() <= 1, "{warnings}");
    // What a store says differs; what is between the brackets is the store's.
    let shown = regex::Regex::new(r"(get|set|delete) of 'default': .*\), so")?
        .replace(&warnings, "…), so")
        .into_owned();
    Ok(format!("{first} | {second} | {}", shown.trim_end()))
}

#[tokio::test(start_paused = true)]
async fn a_missing_or_malformed_setting_is_an_error_that_names_it() -> Result<()> {
    let fleet = Fleet::new(Clock::simulated(), CACHES[0], Some(Arc::new(MemoryStore::default())))?;
    for (variables, message) in [
        (
            [("AZURE_TOKEN_CACHE_KEYS", "")],
            "token-cache: AZURE_TOKEN_CACHE_KEYS is not set; set it to two keys",
        ),
        (
            [("AZURE_TOKEN_CACHE_KEYS", "a=b")],
            "token-cache: AZURE_TOKEN_CACHE_KEYS is malformed: the key of the entry a",
        ),
        (
            [("AZURE_TOKEN_CACHE_PARTITION", "")],
            "token-cache: AZURE_TOKEN_CACHE_PARTITION is not set; set it to a name",
        ),
        (
            [("AZURE_TOKEN_CACHE_PARTITION", "a b")],
            "token-cache: AZURE_TOKEN_CACHE_PARTITION is malformed: a partition",
        ),
        (
            [("AZURE_TOKEN_CACHE_IDENTITY", "any")],
            "token-cache: AZURE_TOKEN_CACHE_IDENTITY is malformed: the identity",
        ),
    ] {
        let (outcome, _) = fleet.with(&variables).get_token(&request()).await?;
        let error = outcome.expect_err(message);
        assert!(error.message.starts_with(message), "{}", error.message);
        assert_eq!((error.kind, fleet.token_requests()), (ErrorKind::InvalidArgument, 0));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_system_assigned_identity_is_not_stored_unless_the_partition_says_so() -> Result<()> {
    let fleet = Fleet::new(Clock::simulated(), CACHES[0], Some(Arc::new(MemoryStore::default())))?;
    let machine = [("AZURE_CLIENT_SECRET", ""), ("AZURE_TENANT_ID", ""), ("AZURE_CLIENT_ID", "")];
    let system = fleet.with(&machine);
    for (identity, requests, warning) in [
        (
            "",
            2,
            "token-cache: tokens are neither read from the store nor stored; set AZURE_TOKEN_CACHE_IDENTITY",
        ),
        (CLIENT_ID, 2, "token-cache: a token is not stored: the token "),
        ("unverified", 1, ""),
    ] {
        let fleet = system.with(&[("AZURE_TOKEN_CACHE_IDENTITY", identity)]);
        let before = fleet.azure.journal().len();
        for _ in 0..2 {
            let (outcome, warnings) = fleet.get_token(&request()).await?;
            assert_eq!(outcome.context("a token")?.source, "managed-identity/imds");
            assert!(
                warnings.starts_with(warning) && (warning.is_empty() == warnings.is_empty()),
                "{warnings}"
            );
        }
        assert_eq!(fleet.azure.journal().len() - before, requests, "{identity}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_stored_token_is_returned_while_microsoft_entra_is_down() -> Result<()> {
    let store = Arc::new(MemoryStore::default());
    let fleet = Fleet::new(Clock::simulated(), CACHES[0], Some(store.clone()))?;
    let (token, _) = fleet.get_right_token().await?;
    let down: Settings = "faults = [{ service = 'entra', kind = 'refused' }]".parse()?;
    let down = Fleet::with_azure(fleet.clock.clone(), CACHES[0], Some(store), down)?;
    // Until its last minute, in which its renewal is tried; one failure stops the attempts for 30 seconds.
    for _ in 0..11 {
        let left = token.expires_on - down.clock.now();
        down.clock.advance(Duration::from_secs(left / 2)).await;
        let (found, _) = down.get_right_token().await?;
        assert_eq!(found.token, token.token);
    }
    Ok(())
}

fn changed(mut entry: Vec<u8>, at: usize) -> Vec<u8> {
    entry[at] ^= 1;
    entry
}

fn similar_asserts(redis: &str, nats: &str) {
    let difference = similar::TextDiff::from_lines(redis, nats).unified_diff().to_string();
    assert!(difference.is_empty(), "Redis and NATS differ:\n{difference}");
}

const HEADER: &str =
    "what is wrong | token requests of the first instance | of the second | warning of the first\n";
const PLAIN: &[u8] = br#"{"token":"planted","token_type":"Bearer","expires_on":9999999999,"refresh_on":null,"source":"x","details":[],"issued_on":1,"satisfied":null}"#;
const OTHER_RING: &str =
    "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";

#[test]
fn the_other_ring_differs_in_the_key_of_records_alone() {
    assert_eq!(RING.split_once(' ').map(|it| it.0), OTHER_RING.split_once(' ').map(|it| it.0));
}
