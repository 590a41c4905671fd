//! Attacks of a hostile app, and of hostile services: each row of `attacks/*.toml` is one, with what becomes of it.
//!
//! Each is tried with the component http-auth between the app and the network, in both editions, and with the hooks of
//! `azure-identity-wasmtime`, from an app of WASI 0.2 and from one of WASI 0.3.
//!
//! Besides the verdict of its row, each run is held to the same rules: no token arrives at a server for a resource that the
//! row's rules do not name together, the app receives and keeps no part of a token, and the log has no secret and nothing
//! of a request but its server. The host forbids no header, so that nothing rests on the host's list of headers.

use crate::way::Way;
use anyhow::{Result, ensure};

use row::{Attack, Kind};
use std::collections::BTreeSet;
use verdict::Met;

#[path = "attacks/app.rs"]
mod app;
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

over_each_way! {
    #[tokio::test(start_paused = true)]
    every_attack_is_met_as_its_row_says,
    wasmtime_refuses_what_http_auth_requires_a_host_to_refuse
}

over! {
    through_hooks_from_0_2: Way::Hooks(Edition::Wasi02);
    #[tokio::test(start_paused = true)]
    every_attack_is_met_as_its_row_says,
    wasmtime_refuses_what_http_auth_requires_a_host_to_refuse
}

mod on_a_connection {
    use super::*;

    over_each_way! {
        #[tokio::test(flavor = "multi_thread")]
        every_attack_is_met_on_a_connection_as_its_row_says,
        wasmtime_writes_and_reads_as_http_auth_requires_of_a_host
    }

    over! {
        through_hooks_from_0_2: Way::Hooks(Edition::Wasi02);
        #[tokio::test(flavor = "multi_thread")]
        every_attack_is_met_on_a_connection_as_its_row_says,
        wasmtime_writes_and_reads_as_http_auth_requires_of_a_host
    }
}

async fn every_attack_is_met_as_its_row_says(way: Way) -> Result<()> {
    all_are_met(way, &attacks()?).await
}

/// No row of this file reaches http-auth, so they fail when the host changes.
async fn wasmtime_refuses_what_http_auth_requires_a_host_to_refuse(way: Way) -> Result<()> {
    all_are_met(way, &Kind::parse(include_str!("host.toml"))?.attacks).await
}

async fn every_attack_is_met_on_a_connection_as_its_row_says(way: Way) -> Result<()> {
    all_are_met_on_a_connection(way, include_str!("attacks/wire.toml")).await
}

/// As [`wasmtime_refuses_what_http_auth_requires_a_host_to_refuse`].
async fn wasmtime_writes_and_reads_as_http_auth_requires_of_a_host(way: Way) -> Result<()> {
    all_are_met_on_a_connection(way, include_str!("host_connection.toml")).await
}

async fn all_are_met_on_a_connection(way: Way, rows: &str) -> Result<()> {
    let wire = wire::Wire::open().await?;
    let mut tally = Tally::default();
    for attack in wire.rows(rows)? {
        tally.count(&attack, wire.run(way, &attack).await);
    }
    tally.check(way)
}

async fn all_are_met(way: Way, attacks: &[Attack]) -> Result<()> {
    let mut tally = Tally::default();
    for attack in attacks {
        tally.count(attack, run::run(way, attack).await);
    }
    tally.check(way)
}

/// How the rows of a file were met.
#[derive(Default)]
struct Tally {
    failed: usize,
    by_wasmtime: Vec<String>,
}

impl Tally {
    /// Counts a row. If it is not met, prints a line, which `tools/mutants` reads.
    fn count(&mut self, attack: &Attack, outcome: Result<Met>) {
        match outcome {
            Ok(Met::AsItSays) => {}
            Ok(Met::ByWasmtime) => self.by_wasmtime.push(attack.id.clone()),
            Err(why) => {
                println!("attack {}: {}", attack.id, format!("{why:#}").replace('\n', " | "));
                self.failed += 1;
            }
        }
    }

    /// Only the rows without a path or an authority are no URI, and are refused before hooks see them.
    fn check(self, way: Way) -> Result<()> {
        ensure!(self.failed == 0, "{} attacks are not met as their rows say", self.failed);
        let is_no_uri = |id: &String| id.ends_with("no-path") || id.ends_with("no-authority");
        ensure!(
            self.by_wasmtime.iter().all(is_no_uri),
            "{way:?}: refused by wasmtime: {:?}",
            self.by_wasmtime
        );
        Ok(())
    }
}

/// All rows.
fn attacks() -> Result<Vec<Attack>> {
    let kinds = KINDS.iter().map(|text| Kind::parse(text)).collect::<Result<Vec<_>>>()?;
    let attacks: Vec<_> = kinds.into_iter().flat_map(|kind| kind.attacks).collect();
    let ids: BTreeSet<_> = attacks.iter().map(|attack| &attack.id).collect();
    ensure!(ids.len() == attacks.len(), "two attacks have the same id");
    Ok(attacks)
}
