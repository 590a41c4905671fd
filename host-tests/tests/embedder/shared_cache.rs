//! Hosts that share tokens, each with a provider, an Azure and apps of its own, over a real Redis and a real NATS.

use crate::machine::{Machine, STORAGE, VAULT};
use crate::stores::server::Server;
use anyhow::Result;
use azure_identity_wasmtime::{
    Identity, KeyRing, LoadError, Partition, Provider, ProviderBuilder, RedisStore, SharedCache, TokenRequest,
};
use azure_simulator::Settings;
use std::time::Duration;

/// The user-assigned identity of the simulated machines.
const CLIENT: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
const KEYS: &str =
    "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

#[tokio::test]
async fn a_host_gets_the_token_of_another_host_without_a_request() -> Result<()> {
    for server in servers()? {
        let (one, other) = (host(&server).await?, host(&server).await?);
        assert_eq!(one.token(VAULT).await, other.token(VAULT).await);
        assert_eq!((one.sent().len(), other.sent().len()), (1, 0));
        let metrics = other.provider.metrics();
        assert_eq!((metrics.shared_hits, metrics.shared_misses, metrics.shared_failures), (1, 0, 0));
        other.token(VAULT).await;
        assert_eq!(other.provider.metrics().shared_hits, 1, "the second time from its own cache");
    }
    Ok(())
}

#[tokio::test]
async fn a_host_of_another_identity_or_partition_or_with_other_keys_gets_a_token_of_its_own() -> Result<()> {
    for server in servers()? {
        let one = host(&server).await?;
        one.token(VAULT).await;
        let unverified = shared_cache(&server, "orders", KEYS)?.identity(Identity::Unverified);
        let partition = shared_cache(&server, "billing", KEYS)?;
        let keys = shared_cache(&server, "orders", &KEYS.replace("a=Ag", "a=Bg"))?;
        // Every setting that selects the identity counts as it is written.
        for (client, shared) in
            [(CLIENT.to_uppercase().as_str(), unverified), (CLIENT, partition), (CLIENT, keys)]
        {
            let other = host_of(client, shared).await?;
            other.token(VAULT).await;
            assert_eq!(other.sent().len(), 1);
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_invalidated_token_is_replaced_for_hosts_that_start_later() -> Result<()> {
    for server in servers()? {
        let one = host(&server).await?;
        let old = one.token(VAULT).await;
        assert!(one.provider.invalidate(&TokenRequest::new(VAULT)));
        // The simulated IMDS returns another token in another second.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let new = one.token(VAULT).await;
        assert_ne!(new, old);
        assert_eq!(host(&server).await?.token(VAULT).await, new);
    }
    Ok(())
}

#[tokio::test]
async fn a_store_holds_nothing_that_could_be_read() -> Result<()> {
    for server in servers()? {
        let host = host(&server).await?;
        let secrets = [host.token(VAULT).await, host.token(STORAGE).await];
        let tenant = "contoso.com";
        let with_tenant = TokenRequest { tenant_id: Some(tenant.to_owned()), ..TokenRequest::new(VAULT) };
        let _ = host.ask(with_tenant).await;
        let words: Vec<&str> = secrets
            .iter()
            .map(String::as_str)
            .chain([VAULT, STORAGE, "vault", CLIENT, tenant, "imds", "orders"])
            .collect();
        let found = |dump: &[u8]| -> Vec<String> {
            let contains = |word: &&&str| memchr::memmem::find(dump, word.as_bytes()).is_some();
            words.iter().filter(contains).map(|word| (*word).to_owned()).collect()
        };
        assert_eq!(found(&dump(&server)?), Vec::<String>::new());
        // The same search finds all of them when they are not encrypted.
        put(&server, words.join(" ").as_bytes())?;
        assert_eq!(found(&dump(&server)?), words);
    }
    Ok(())
}

#[tokio::test]
async fn a_shared_cache_without_an_identity_is_refused() -> Result<()> {
    let store = RedisStore::builder("redis://127.0.0.1:1").build()?;
    let component = std::fs::read(host_tests::guest::PROVIDER)?;
    let shared = SharedCache::new(store, Partition::parse("orders")?, KeyRing::parse(KEYS)?);
    let refused = Provider::builder().shared_cache(shared).load_bytes(&component).await;
    let LoadError::Configuration { option, what, .. } = refused.expect_err("no identity") else {
        panic!("another error")
    };
    assert_eq!(
        (option, what.as_str()),
        (
            "shared_cache",
            "whose tokens are shared is not known; set AZURE_CLIENT_ID, or call `SharedCache::identity`"
        )
    );
    Ok(())
}

/// A server of each kind that is installed.
fn servers() -> Result<Vec<Server>> {
    Ok(Server::redis()?.into_iter().chain(Server::nats()?).collect())
}

/// A machine with the user-assigned identity that shares its tokens.
async fn host(server: &Server) -> Result<Machine> {
    host_of(CLIENT, shared_cache(server, "orders", KEYS)?).await
}

async fn host_of(client: &str, shared: SharedCache) -> Result<Machine> {
    let configure = |builder: ProviderBuilder| {
        let builder = builder.env("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential");
        builder.env("AZURE_CLIENT_ID", client).shared_cache(shared)
    };
    Machine::start_with(Settings::default(), configure).await
}

fn shared_cache(server: &Server, partition: &str, keys: &str) -> Result<SharedCache> {
    let shared = SharedCache::new(server.store()?, Partition::parse(partition)?, KeyRing::parse(keys)?);
    // On a machine with two busy cores.
    Ok(shared.deadline(Duration::from_secs(5)))
}

fn dump(server: &Server) -> Result<Vec<u8>> {
    match server {
        Server::Redis(server) => server.dump(),
        Server::Nats(server) => server.dump(),
    }
}

/// Writes a value as it is, as a cache without encryption would.
fn put(server: &Server, value: &[u8]) -> Result<()> {
    match server {
        Server::Redis(server) => server.set(b"plain", value),
        Server::Nats(server) => server.put("azure-token-cache", "plain", value),
    }
}
