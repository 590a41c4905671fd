//! A hostile app beside a hundred good ones, in real time. The test prints its figures; `hosts/wasmtime/README.md` has a run.

#[path = "load/apps.rs"]
mod apps;
#[path = "load/flood.rs"]
mod flood;
#[allow(dead_code, reason = "the tests of the embedder use the rest")]
#[path = "embedder/machine.rs"]
mod machine;
#[path = "load/report.rs"]
mod report;

use anyhow::Result;
use apps::{App, Apps};
use azure_identity_wasmtime::{TenantKey, TokenRequest};
use azure_simulator::settings::DEFAULT_RESOURCES;
use flood::Flood;
use futures_util::future::join_all;
use host_tests::clock::WALL_CLOCK_READ_IN;
use machine::Machine;
use report::{Report, Round};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
/// Further rounds on a machine that other processes keep busy.
const MAX_ROUNDS: usize = 20;
const ROUND: Duration = Duration::from_secs(1);
const GOOD_APPS: usize = 100;
/// The pause of a good app between two calls. All of them together use a small part of a core.
const PAUSE: Duration = Duration::from_millis(10);
/// When a token is due, after half of its life.
const DUE_SECONDS: i64 = 43_200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_app_slows_no_cached_call_of_the_others_and_stops_no_renewal() -> Result<()> {
    let machine = Machine::start().await?;
    machine.delay("storage", Duration::from_millis(200));
    let apps = Arc::new(Apps::new(&machine.provider)?);
    let scopes = DEFAULT_RESOURCES.iter().filter(|resource| !resource.contains("storage")).take(10);
    let scopes: Arc<[String]> = scopes.map(|resource| format!("{resource}/.default")).collect();

    let mut report = Report { upstream: cold_start(&machine, &apps, &scopes).await, ..Report::default() };
    while report.alone.len() < ROUNDS || !report.meets_bound() && report.alone.len() < MAX_ROUNDS {
        report.alone.push(round(&machine, &apps, &scopes).await);
        let flood = Flood::start(&apps);
        report.beside.push(round(&machine, &apps, &scopes).await);
        report.attempted += flood.stop().await;
    }
    report.flooded = ROUND * u32::try_from(report.beside.len())?;
    report.metrics = machine.provider.metrics();
    println!("{report}");
    report.check();
    Ok(())
}

/// The number of requests to Azure for the first tokens of a thousand instances, for ten scopes.
async fn cold_start(machine: &Machine, apps: &Arc<Apps>, scopes: &Arc<[String]>) -> usize {
    let instances = (0..1000).map(|i| {
        let (apps, scope) = (Arc::clone(apps), scopes[i % scopes.len()].clone());
        tokio::spawn(async move { apps.start(tenant(i)).await.ask(TokenRequest::new(scope)).await })
    });
    for outcome in join_all(instances).await {
        outcome.expect("no panic").expect("a token");
    }
    machine.sent().len()
}

/// The good apps call for a while, after all tokens became due.
async fn round(machine: &Machine, apps: &Arc<Apps>, scopes: &Arc<[String]>) -> Round {
    let old = tokens(machine, scopes).await;
    machine.clock.jump(DUE_SECONDS);
    tokio::time::sleep(WALL_CLOCK_READ_IN).await;
    let until = Instant::now() + ROUND;
    let running = (0..GOOD_APPS).map(|i| {
        let (apps, scope) = (Arc::clone(apps), scopes[i % scopes.len()].clone());
        tokio::spawn(async move { call_until(until, apps.start(tenant(i)).await, &scope).await })
    });
    let times = join_all(running).await.into_iter().flat_map(|times| times.expect("no panic")).collect();
    let new = tokens(machine, scopes).await;
    Round::new(times, new.difference(&old).count())
}

/// The durations of an app's calls.
async fn call_until(until: Instant, mut app: App, scope: &str) -> Vec<Duration> {
    let mut times = Vec::new();
    while Instant::now() < until {
        tokio::time::sleep(PAUSE).await;
        app.resume();
        let request = TokenRequest::new(scope);
        let began = Instant::now();
        let outcome = app.ask(request).await;
        times.push(began.elapsed());
        outcome.expect("a token");
    }
    times
}

/// The tokens that are cached.
async fn tokens(machine: &Machine, scopes: &[String]) -> BTreeSet<String> {
    let tokens = scopes.iter().map(|scope| machine.provider.get_token(TokenRequest::new(scope)));
    join_all(tokens).await.into_iter().map(|token| token.expect("a token").secret().to_owned()).collect()
}

fn tenant(app: usize) -> TenantKey {
    TenantKey::new(format!("good-{}", app % GOOD_APPS))
}
