//! A dump of the store holds nothing that says whose tokens it has.

use crate::fleet::{CACHES, Fleet, RING, VAULT, request};
use crate::real_stores::RealStore;
use anyhow::{Context, Result};
use azure_simulator::Settings;
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use azure_token_cache::record::Record;
use host_tests::bindings::{AccessToken, ErrorKind, TokenRequest};
use host_tests::clock::Clock;
use host_tests::key_value::Call;
use host_tests::secrets;

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_the_store_holds_no_token_and_no_name() -> Result<()> {
    for store in RealStore::start_all().await? {
        let fleet = Fleet::new(Clock::real(), CACHES[0], Some(store.store.clone()))?;
        let (token, _) = fleet.get_right_token().await?;
        share_a_failure(&store).await?;
        let wanted = wanted(&token);
        assert_eq!(found(&wanted, &store)?, Vec::<String>::new(), "{}", store.name);
        assert!(store.dump()?.len() > 500, "{}: the dump is not the whole", store.name);
        // Without encryption all of them are found, so the search is one.
        let record = serde_json::to_vec(&record(&token))?;
        let name = format!("orders.{TENANT_ID}.{CLIENT_ID}");
        let plain =
            [&record[..], format!("{VAULT} orders {TENANT_ID} {CLIENT_SECRET} {RING}").as_bytes()].concat();
        store.store.call(Call::Set(&name, &plain)).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let found = found(&wanted, &store)?;
        for (name, _) in &wanted {
            assert!(
                found.iter().any(|it| it.starts_with(name)),
                "{}: {name} is not found: {found:?}",
                store.name
            );
        }
    }
    Ok(())
}

/// Leaves the mark of a failure, whose message names the tenant.
async fn share_a_failure(store: &RealStore) -> Result<()> {
    let down: Settings = "faults = [{ service = 'entra', kind = 'refused' }]".parse()?;
    let fleet = Fleet::with_azure(Clock::real(), CACHES[0], Some(store.store.clone()), down)?;
    let request = TokenRequest { enable_cae: true, ..request() };
    let (first, _) = fleet.get_token(&request).await?;
    assert_eq!(first.expect_err("it is down").kind, ErrorKind::Transient);
    let (second, _) = fleet.get_token(&request).await?;
    let message = second.expect_err("it is down").message;
    assert!(message.starts_with("token-cache: another instance had this error a moment ago: "), "{message}");
    Ok(())
}

/// What must not be in the store, by name.
fn wanted(token: &AccessToken) -> Vec<(String, String)> {
    let mut wanted = vec![("the token", token.token.clone())];
    wanted.extend(token.token.split('.').map(|part| ("a part of the token", part.to_owned())));
    wanted.push(("the scope", VAULT.to_owned()));
    wanted.push(("the resource", "vault.azure.net".to_owned()));
    wanted.push(("the tenant", TENANT_ID.to_owned()));
    wanted.push(("the client id", CLIENT_ID.to_owned()));
    wanted.push(("the secret", CLIENT_SECRET.to_owned()));
    wanted.push(("the partition", "orders".to_owned()));
    wanted.push(("a key", RING[7..].split(' ').next().unwrap_or_default().to_owned()));
    wanted.push(("the source", token.source.clone()));
    wanted.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

fn found(wanted: &[(String, String)], store: &RealStore) -> Result<Vec<String>> {
    let dump = store.dump().context("the server answers")?;
    Ok(secrets::find(wanted, &[("the store".to_owned(), String::from_utf8_lossy(&dump).into_owned())]))
}

fn record(token: &AccessToken) -> Record {
    Record {
        token: token.token.clone(),
        token_type: token.token_type.clone(),
        expires_on: token.expires_on,
        refresh_on: token.refresh_on,
        source: token.source.clone(),
        details: Vec::new(),
        issued_on: 0,
        satisfied: None,
    }
}
