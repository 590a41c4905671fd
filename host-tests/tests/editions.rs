//! The editions for WASI 0.2 and 0.3: they behave identically, except that the latter processes calls concurrently.

use anyhow::{Context, Result};
use azure_simulator::Azure;
use azure_simulator::settings::Settings;
use bytes::Bytes;
use futures_util::future::try_join_all;
use host_tests::app::plug;
use host_tests::bindings::TokenRequest;
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::engine::{engine, linker, store};
use host_tests::environment::{State, TestEnvironment};
use host_tests::guest::Guest;
use host_tests::journal::Journal;
use host_tests::network::{Network, Outcome};
use http::Request;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::{Accessor, Component, TypedFunc};
use wit_parser::{FunctionKind, Resolve};

/// The interfaces with their comments, as `wit-parser` reads them, and the names of the async functions.
fn wit(edition: Edition) -> Result<(String, Vec<String>)> {
    let mut resolve = Resolve::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(edition.wit());
    let (seam, _) = resolve.push_dir(&folder)?;
    let (credentials, _) = resolve.push_dir(folder.join("credentials"))?;
    let mut text = String::new();
    for package in [seam, credentials] {
        let mut printer = wit_component::WitPrinter::default();
        printer.print(&resolve, package, &[])?;
        text.push_str(&printer.output.to_string());
    }
    let functions = [seam, credentials].into_iter().flat_map(|it| resolve.packages[it].interfaces.values());
    let functions = functions.flat_map(|interface| &resolve.interfaces[*interface].functions);
    let is_async = |kind: &FunctionKind| {
        matches!(
            kind,
            FunctionKind::AsyncFreestanding | FunctionKind::AsyncMethod(_) | FunctionKind::AsyncStatic(_)
        )
    };
    let asynchronous =
        functions.filter(|(_, function)| is_async(&function.kind)).map(|(name, _)| name.clone());
    Ok((text, asynchronous.collect()))
}

#[test]
fn their_interfaces_differ_in_async_functions_only() -> Result<()> {
    let ((older, none), (newer, asynchronous)) = (wit(Edition::Wasi02)?, wit(Edition::Wasi03)?);
    assert_eq!(none, Vec::<String>::new());
    assert_eq!(
        asynchronous,
        [
            "get-token",
            "[method]credential.get-token",
            "[method]sign-in-builder.begin-device-code",
            "[method]authorization-code-flow.redeem",
            "[method]device-code-flow.poll",
            "[method]device-code-flow.wait",
        ]
    );
    let newer = newer.replace(": async func(", ": func(").replace("0.3.0", "0.2.0");
    let diff = similar::TextDiff::from_lines(older.as_str(), newer.as_str()).unified_diff().to_string();
    assert_eq!(diff, "");
    assert!(older.contains("/// Returns a token for a request."), "the comments were not compared:\n{older}");
    Ok(())
}

#[test]
fn the_edition_for_0_3_is_less_than_35_percent_larger() -> Result<()> {
    let size = |edition: Edition| Ok::<_, std::io::Error>(std::fs::metadata(edition.component())?.len());
    let (older, newer) = (size(Edition::Wasi02)?, size(Edition::Wasi03)?);
    assert!(newer * 100 < older * 135, "{newer} bytes are {:.3} times {older}", newer as f64 / older as f64);
    Ok(())
}

/// The simulated Azure behind a slow network, which never responds to requests for `hanging`.
struct Slow(Azure);

impl Network for Slow {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(async move {
            if request.uri().to_string().contains("hanging") {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(LATENCY).await;
            self.0.send(request).await
        })
    }
}

/// A simulated VM.
struct Machine {
    clock: Clock,
    journal: Arc<Journal>,
}

impl Machine {
    fn new() -> (Self, TestEnvironment) {
        let clock = Clock::simulated();
        let numbered = (0..20).map(|number| format!("r{number}"));
        let names = ["vault", "cached", "new"].map(ToOwned::to_owned).into_iter().chain(numbered);
        let resources = names.map(|name| format!("https://{name}.azure.net")).collect();
        let azure = Azure::new(clock.clone(), Settings { resources, ..Settings::default() });
        let journal = Arc::new(Journal::new(clock.clone(), Arc::new(Slow(azure))));
        let mut environment = TestEnvironment::new(clock.clone(), journal.clone());
        environment.edition = Edition::Wasi03;
        (Self { clock, journal }, environment)
    }

    async fn with_guest() -> Result<(Self, Guest)> {
        let (machine, environment) = Self::new();
        let guest = Guest::start(environment).await?;
        Ok((machine, guest))
    }

    fn requests(&self) -> usize {
        self.journal.sent().len()
    }
}

fn build_request(resource: &str) -> TokenRequest {
    let scopes = vec![format!("https://{resource}.azure.net/.default")];
    TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false, options: Vec::new() }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_for_one_token_share_one_request() -> Result<()> {
    let (machine, mut guest) = Machine::with_guest().await?;
    let tokens = guest.get_tokens((0..1000).map(|_| build_request("vault"))).await?;
    let tokens = tokens.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert!(tokens.iter().all(|token| token.token == tokens[0].token));
    assert_eq!((tokens.len(), machine.requests(), machine.clock.elapsed()), (1000, 1, LATENCY));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_for_twenty_tokens_share_twenty_requests() -> Result<()> {
    let (machine, mut guest) = Machine::with_guest().await?;
    let tokens = guest.get_tokens((0..1000).map(|call| build_request(&format!("r{}", call % 20)))).await?;
    assert!(tokens.iter().all(Result::is_ok));
    assert_eq!((machine.requests(), machine.clock.elapsed()), (20, LATENCY));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn no_call_waits_for_a_hanging_request_for_another_token() -> Result<()> {
    let (machine, mut guest) = Machine::with_guest().await?;
    guest.get_token(&build_request("cached")).await??;
    let (began, clock) = (machine.clock.elapsed(), machine.clock.clone());
    let (functions, store) = guest.credentials();
    let get_token = functions.get_token(store)?;
    let call = async |store: &Accessor<State>, resource: &str| {
        let (token,) = get_token.call_concurrent(store, (build_request(resource),)).await?;
        Ok::<_, anyhow::Error>((token.is_ok(), clock.elapsed() - began))
    };
    let times = guest.run_concurrent(async |store| {
        let hanging = call(store, "hanging");
        let others = async {
            // The hanging call starts before the others.
            tokio::time::sleep(Duration::from_millis(50)).await;
            let cached = call(store, "cached").await?;
            let new = call(store, "new").await?;
            let cached_again = call(store, "cached").await?;
            Ok::<_, anyhow::Error>([cached, new, cached_again])
        };
        let (hanging, others) = tokio::join!(hanging, others);
        Ok((hanging?, others?))
    });
    let (hanging, others) = times.await?;
    let begun = Duration::from_millis(50);
    assert_eq!(others, [(true, begun), (true, begun + LATENCY), (true, begun + LATENCY)]);
    assert!(!hanging.0 && hanging.1 >= Duration::from_secs(10), "{hanging:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_due_token_is_renewed_in_the_background() -> Result<()> {
    let (machine, mut guest) = Machine::with_guest().await?;
    let first = guest.get_token(&build_request("vault")).await??;
    let due = first.refresh_on.context("a token that is valid for a day has refresh-on")?;
    guest.pass(Duration::from_secs(due - machine.clock.now())).await?;
    let before = machine.clock.elapsed();
    for _ in 0..3 {
        assert_eq!(guest.get_token(&build_request("vault")).await??.token, first.token);
    }
    assert_eq!(machine.clock.elapsed(), before, "no call waited");
    guest.pass(LATENCY * 2).await?;
    let second = guest.get_token(&build_request("vault")).await??;
    assert_eq!(machine.requests(), 2);
    assert!(second.expires_on > first.expires_on, "{} {}", second.expires_on, first.expires_on);
    Ok(())
}

/// Runs an app whose only function is `ask`, composed with the provider, in one instance. The calls are made in stages,
/// one second apart. Returns their outcomes, by stage.
async fn impatient(stages: &[&[(&str, Option<u64>)]]) -> Result<(Machine, Vec<Vec<String>>)> {
    let (machine, environment) = Machine::new();
    let composed = plug(Path::new(env!("IMPATIENT_WASM")), Path::new(Edition::Wasi03.component()))?;
    let component = Component::from_binary(engine(), &composed)?;
    let (state, _disk, _output) = environment.into_state()?;
    let mut store = store(state);
    let instance = linker()?.instantiate_async(&mut store, &component).await?;
    let ask: TypedFunc<(String, Option<u64>), (String,)> = instance.get_typed_func(&mut store, "ask")?;
    let mut all = Vec::new();
    for stage in stages {
        let outcomes = store.run_concurrent(async |store| {
            let calls = stage.iter().map(|(resource, timeout)| {
                let scope = build_request(resource).scopes.remove(0);
                ask.call_concurrent(store, (scope, *timeout))
            });
            let outcomes = try_join_all(calls).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            outcomes
        });
        all.push(outcomes.await??.into_iter().map(|(outcome,)| outcome).collect());
    }
    Ok((machine, all))
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_does_not_affect_the_others() -> Result<()> {
    let calls = [("vault", Some(100)), ("vault", None), ("vault", Some(200))];
    let (machine, outcomes) = impatient(&[&calls]).await?;
    assert_eq!(outcomes, [["gave up", "managed-identity/imds", "gave up"]]);
    assert_eq!(machine.requests(), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_request_that_every_caller_gave_up_serves_the_next_call() -> Result<()> {
    let (machine, outcomes) = impatient(&[&[("vault", Some(100))], &[("vault", Some(0))]]).await?;
    assert_eq!(outcomes, [["gave up"], ["managed-identity/imds"]]);
    assert_eq!(machine.requests(), 1);
    Ok(())
}

const LATENCY: Duration = Duration::from_millis(300);
