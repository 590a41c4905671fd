//! What more apps, credentials and scopes cost, as curves.

use crate::chart::{Chart, Curve};
use crate::figures::{Row, Section, Value};
use crate::measure::apps::{Apps, From};
use crate::measure::benchmark_host::BenchmarkHost;
use crate::measure::credentials::Credentials;
use crate::measure::many_scopes::{InComponent, InEmbedder};
use crate::measure::timing::first_decile;
use crate::measure::token_server::TokenServer;
use anyhow::Result;
use std::time::Duration;

/// Apps over one provider: cached calls a second on two cores, and the memory of each.
///
/// # Errors
/// When an app gets no token.
pub fn apps(server: &TokenServer) -> Result<(Section, Chart)> {
    let apps = Apps::compile(server)?;
    let (mut rows, mut provider, mut floor) = (Vec::new(), Vec::new(), Vec::new());
    let (mut memory, mut findings) = (None, Vec::new());
    for count in [1, 2, 10, 100, 1000, 10_000] {
        let measured = measured(&apps, From::Provider, count)
            .and_then(|ours| Ok((ours, measured(&apps, From::Constant, count)?)));
        let ((rate, of_each), (of_floor, of_each_floor)) = match measured {
            Ok(measured) => measured,
            // A machine may allow a process too few mappings.
            Err(error) if count > 1000 => {
                findings.push(format!("**{count} apps did not start on this machine:** {error:#}"));
                break;
            }
            Err(error) => return Err(error),
        };
        provider.push((count as f64, rate));
        floor.push((count as f64, of_floor));
        rows.push(Row {
            what: format!("apps alive: {count}"),
            ours: Value::Rate(rate as u64),
            others: vec![(CONSTANT, Some(Value::Rate(of_floor as u64)))],
            goals: vec![],
        });
        // Of few instances, what all share is the most.
        if count >= 1000 {
            memory = Some(of_each);
            let (what, ours) = (format!("resident memory of each of {count} apps"), Value::Bytes(of_each));
            let others = vec![(CONSTANT, Some(Value::Bytes(of_each_floor)))];
            rows.push(Row { what, ours, others, goals: vec![] });
        }
    }
    let curves = vec![
        Curve { name: "over one Provider", points: provider },
        Curve { name: "over a function that returns a constant", points: floor },
    ];
    let section = Section {
        title: "Many apps over one provider",
        how: "The embedder's crate: cached calls a second of apps that are all alive, each in a store of its own, in turn on two cores. \
              Every call is one of the host to an app, which calls `get-token` once. The floor is the same app over a function of \
              the host that returns a constant token.",
        findings: std::iter::once(bend_of_apps(&curves, memory)).chain(findings).collect(),
        rows,
        chart: Some(FILE),
        moved: None,
    };
    let (title, x, y) =
        ("cached calls a second through one Provider".to_owned(), "apps alive", "calls a second");
    Ok((section, Chart { title, x, y, curves }))
}

/// The calls a second of so many apps, and the memory of each.
fn measured(apps: &Apps, from: From, count: usize) -> Result<(f64, u64)> {
    let mut alive = apps.start(from, count)?;
    let of_a_call = time((0..ROUNDS).map(|_| alive.time_of_a_call(ROUND)))?;
    Ok((1.0 / of_a_call.as_secs_f64(), alive.memory))
}

/// Where the curve of apps bends, and whether the floor bends with it.
fn bend_of_apps(curves: &[Curve], memory: Option<u64>) -> String {
    let fell = |curve: &Curve| Some(1.0 - curve.at(10_000.0)? / curve.at(100.0)?);
    let share =
        |part: Option<f64>| part.map_or_else(|| "–".to_owned(), |part| format!("{:.0} %", part * 100.0));
    let rose = |curve: &Curve| Some(curve.at(2.0)? / curve.at(1.0)?);
    format!(
        "From one app to two the calls rise by {:.2}×, because an instance runs on one core at a time. From 100 apps to 10,000 they fall by \
         {}, over the constant by {}: each call then meets an instance whose {} KB are no longer in the caches of the processor. What the \
         fall of the floor does not explain is the provider's.",
        rose(&curves[0]).unwrap_or_default(),
        share(fell(&curves[0])),
        share(fell(&curves[1])),
        memory.unwrap_or_default() / 1000,
    )
}

/// Credentials in one instance: the time of a cached call, and the memory of each.
///
/// # Errors
/// When a credential returns no token.
pub fn credentials(host: &BenchmarkHost, server: &TokenServer) -> Result<(Section, Chart)> {
    let (mut rows, mut points) = (Vec::new(), Vec::new());
    for count in [1, 10, 100, 1000] {
        let mut credentials = Credentials::create(host, server, count)?;
        let cached = time((0..SAMPLES).map(|_| credentials.cached(1000)))?;
        points.push((count as f64, cached.as_secs_f64()));
        let row = |what: String, ours| Row { what, ours, others: vec![], goals: vec![] };
        rows.push(row(format!("cached call, credentials in the instance: {count}"), Value::Time(cached)));
        if count == 1000 {
            rows.push(row(
                "linear memory of each of them".to_owned(),
                Value::Bytes(credentials.linear_memory),
            ));
            rows.push(row(
                "resident memory of each of them".to_owned(),
                Value::Bytes(credentials.resident_memory),
            ));
        }
    }
    let curves = vec![Curve { name: "host → component", points }];
    let grown = curves[0].at(1000.0).zip(curves[0].at(1.0)).map_or(0.0, |(many, one)| many / one);
    let section = Section {
        title: "Many credentials in one instance",
        how: "Credentials that an app created in one instance of the component, each of another application and with a token of its own; the \
              calls go to each in turn.",
        findings: vec![format!(
            "A call with 1,000 credentials takes {grown:.2}× of one with a single credential. A credential has a cache of its own, so \
             that none is searched for another's token; what grows is the memory that the calls pass through."
        )],
        rows,
        chart: Some(FILE),
        moved: None,
    };
    let (title, x, y) =
        ("a cached call with many credentials in one instance".to_owned(), "credentials", "seconds");
    Ok((section, Chart { title, x, y, curves }))
}

/// Scopes in one cache: the time of a call for each in turn.
///
/// # Errors
/// When there is no token.
pub fn scopes(host: &BenchmarkHost, server: &TokenServer) -> Result<(Section, Chart)> {
    let (mut component, mut embedder, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for count in [1, 10, 100, 1000, 10_000] {
        let mut in_component = InComponent::fill(host, server, count)?;
        let mut in_embedder = InEmbedder::fill(server, count)?;
        let (mut ours, mut host_cached) = (Vec::new(), Vec::new());
        for _ in 0..SAMPLES {
            ours.push(in_component.call(CALLS));
            host_cached.push(in_embedder.call(CALLS));
        }
        server.take();
        in_component.call(CALLS)?;
        let requests = server.take().0;
        let (ours, host_cached) = (time(ours.into_iter())?, time(host_cached.into_iter())?);
        component.push((count as f64, ours.as_secs_f64()));
        embedder.push((count as f64, host_cached.as_secs_f64()));
        rows.push(Row {
            what: format!("scopes in turn: {count}, of 1,000 calls {requests} not cached"),
            ours: Value::Time(ours),
            others: vec![(EMBEDDER, Some(Value::Time(host_cached)))],
            goals: vec![],
        });
    }
    let curves = vec![
        Curve { name: "one instance of the component", points: component },
        Curve { name: "the Provider of the embedder's crate", points: embedder },
    ];
    let section = Section {
        title: "Many scopes in one cache",
        how: "Calls of the host for the scopes in turn; each has a token of 1,500 bytes. The Provider has room for all (`cache_capacity`).",
        findings: vec![
            "The component keeps 1,024 tokens for each credential. More scopes in turn than that find theirs evicted, so that calls \
             become requests: the curve bends there and nowhere before. A host with more scopes uses the Provider, whose capacity is \
             an option."
                .to_owned(),
        ],
        rows,
        chart: Some(FILE),
        moved: None,
    };
    let (title, x, y) = ("a call for scopes in turn".to_owned(), "scopes", "seconds");
    Ok((section, Chart { title, x, y, curves }))
}

fn time(times: impl Iterator<Item = Result<Duration>>) -> Result<Duration> {
    let times = times.collect::<Result<Vec<_>>>()?;
    Ok(first_decile(times))
}

/// The chart of these sections, beside the page.
pub const FILE: &str = "performance-scale.svg";
const CONSTANT: &str = "over a constant";
const EMBEDDER: &str = "the Provider of the embedder's crate";
const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(100);
const CALLS: u32 = 1000;
const SAMPLES: usize = 101;
