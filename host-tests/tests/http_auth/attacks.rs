//! Attacks of a hostile app, and of hostile services: each row of `attacks/*.toml` is one, with what becomes of it.
//!
//! Besides the verdict of its row, each run is held to the same rules: no token arrives at a server for a resource that the
//! row's rules do not name together, the app receives and keeps no part of a token, and the log has no secret and nothing
//! of a request but its server. The host forbids no header, so that nothing rests on the host's list of headers.

use crate::scenario::http_client;
use anyhow::{Result, ensure};
use host_tests::edition::Edition;
use row::{Attack, Kind};
use std::collections::BTreeSet;

#[path = "attacks/hostile_service.rs"]
mod hostile_service;
#[path = "attacks/named.rs"]
mod named;
#[path = "attacks/row.rs"]
mod row;
#[path = "attacks/run.rs"]
mod run;
#[path = "attacks/verdict.rs"]
mod verdict;
#[path = "attacks/wire.rs"]
mod wire;

/// The files of the suite.
const KINDS: &[&str] = &[
    include_str!("attacks/header.toml"),
    include_str!("attacks/log.toml"),
    include_str!("attacks/method.toml"),
    include_str!("attacks/path.toml"),
    include_str!("attacks/response.toml"),
    include_str!("attacks/rules.toml"),
    include_str!("attacks/server.toml"),
    include_str!("attacks/target.toml"),
];

over_each_edition! {
    #[tokio::test(start_paused = true)]
    every_attack_is_met_as_its_row_says,
    wasmtime_refuses_what_http_auth_requires_a_host_to_refuse
}

mod on_a_connection {
    use super::*;

    over_each_edition! {
        #[tokio::test(flavor = "multi_thread")]
        every_attack_is_met_on_a_connection_as_its_row_says,
        wasmtime_writes_and_reads_as_http_auth_requires_of_a_host
    }
}

async fn every_attack_is_met_as_its_row_says(edition: Edition) -> Result<()> {
    all_are_met(edition, &attacks()?).await
}

/// No row of this file reaches http-auth, so they fail when the host changes.
async fn wasmtime_refuses_what_http_auth_requires_a_host_to_refuse(edition: Edition) -> Result<()> {
    all_are_met(edition, &Kind::parse(include_str!("host.toml"))?.attacks).await
}

async fn every_attack_is_met_on_a_connection_as_its_row_says(edition: Edition) -> Result<()> {
    all_are_met_on_a_connection(edition, include_str!("attacks/wire.toml")).await
}

/// As [`wasmtime_refuses_what_http_auth_requires_a_host_to_refuse`].
async fn wasmtime_writes_and_reads_as_http_auth_requires_of_a_host(edition: Edition) -> Result<()> {
    all_are_met_on_a_connection(edition, include_str!("host_connection.toml")).await
}

async fn all_are_met_on_a_connection(edition: Edition, rows: &str) -> Result<()> {
    let wire = wire::Wire::open().await?;
    let mut failed = 0;
    for attack in wire.rows(rows)? {
        let outcome = wire.run(http_client(edition), &attack).await;
        failed += usize::from(!is_met(&attack, outcome));
    }
    none_of(failed)
}

async fn all_are_met(edition: Edition, attacks: &[Attack]) -> Result<()> {
    let mut failed = 0;
    for attack in attacks {
        let outcome = run::run(http_client(edition), attack).await;
        failed += usize::from(!is_met(attack, outcome));
    }
    none_of(failed)
}

/// Whether a row holds. If not, prints a line, which `tools/mutants` reads.
fn is_met(attack: &Attack, outcome: Result<()>) -> bool {
    let Err(why) = outcome else { return true };
    println!("attack {}: {}", attack.id, format!("{why:#}").replace('\n', " | "));
    false
}

fn none_of(failed: usize) -> Result<()> {
    ensure!(failed == 0, "{failed} attacks are not met as their rows say");
    Ok(())
}

/// All rows.
fn attacks() -> Result<Vec<Attack>> {
    let kinds = KINDS.iter().map(|text| Kind::parse(text)).collect::<Result<Vec<_>>>()?;
    let attacks: Vec<_> = kinds.into_iter().flat_map(|kind| kind.attacks).collect();
    let ids: BTreeSet<_> = attacks.iter().map(|attack| &attack.id).collect();
    ensure!(ids.len() == attacks.len(), "two attacks have the same id");
    Ok(attacks)
}
