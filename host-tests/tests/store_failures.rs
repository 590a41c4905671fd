//! The failures of a shared cache's store, on Redis and NATS: every failure × what the host can do without the store.
//! `UPDATE_EXPECT=1` rewrites the golden table; the rules must hold all the same.

#[path = "store_failures/failure.rs"]
mod failure;
#[path = "store_failures/fleet.rs"]
mod fleet;
#[allow(dead_code, reason = "the tests of the embedder use the rest")]
#[path = "embedder/machine.rs"]
mod machine;
#[allow(dead_code, unused_imports, unused_macros, reason = "the tests of the embedder use the rest")]
#[path = "embedder/stores/server.rs"]
mod server;
#[path = "store_failures/stored.rs"]
mod stored;
#[path = "store_failures/warnings.rs"]
mod warnings;

use anyhow::{Result, ensure};
use failure::Failure;
use fleet::{Cell, Situation, run};
use golden::expect_file;
use server::Server;
use std::path::Path;
use warnings::Warnings;

/// One runtime and one test, because the warnings of the whole process are counted.
#[tokio::test(flavor = "multi_thread")]
async fn no_failure_of_a_store_is_an_error_of_an_app_that_can_have_a_token() -> Result<()> {
    if Server::redis()?.is_none() || Server::nats()?.is_none() {
        return Ok(());
    }
    let warnings = Warnings::of_this_process()?;
    let mut table = HEAD.to_owned();
    let mut violations = Vec::new();
    for failure in Failure::ALL {
        for situation in Situation::ALL {
            let mut outcomes = Vec::new();
            for start in [Server::redis, Server::nats] {
                let Some(server) = start()? else { return Ok(()) };
                let cell = run(server, *failure, situation, &warnings).await?;
                violations.extend(violation(*failure, situation, &cell));
                outcomes.push(cell);
            }
            ensure!(outcomes[0] == outcomes[1], "{failure:?}, {situation:?}: {outcomes:?}");
            table += &format!("{:<26} {:<34} {}\n", failure.name(), situation.name(), outcomes[0]);
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
    expect_file![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store_failures/table.txt")]
        .assert_eq(&table);
    Ok(())
}

/// What must hold in every cell.
fn violation(failure: Failure, situation: Situation, cell: &Cell) -> Option<String> {
    let can_have_a_token = match situation {
        Situation::EntraUp | Situation::TokenHeldAndEntraDown => true,
        Situation::EntraDown => failure.leaves_the_record_readable(),
    };
    let what = if can_have_a_token && !cell.is_token() {
        "the app got no token"
    } else if cell.warnings > 1 {
        "more than one warning"
    } else if cell.requests > 1 {
        "more than one request"
    } else {
        return None;
    };
    Some(format!("{failure:?}, {situation:?}: {what}: {cell:?}"))
}

const HEAD: &str = "\
What an app got while the store of a shared cache was in trouble, the same on Redis and NATS. Written by
tests/store_failures.rs, which also checks rules for all rows. Another host had stored a token before the trouble began.
A failed call of the store takes as long as the deadline at most: 200 ms, unless `SharedCache::deadline` says otherwise.

store                      the host                           the app got            requests  warnings  failed calls of the store
";
