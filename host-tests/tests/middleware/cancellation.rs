//! Calls that an app of WASI 0.3 cancels while they wait in the layers below it.

use crate::composed::{VAULT, compose, machine};
use anyhow::Result;
use futures_util::future::try_join_all;
use host_tests::edition::Edition;
use host_tests::engine::{linker, store};
use std::time::Duration;
use wasmtime::component::TypedFunc;

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_affects_neither_the_others_nor_the_layers() -> Result<()> {
    let edition = Edition::Wasi03;
    let answers = r#"[{"token": {"delay-ms": 30000}}, {"token": {"delay-ms": 500}}, {"token": {}}]"#;
    let variables = [("AZURE_ALLOW_SCOPES", VAULT), ("AZURE_FAKE_ANSWERS", answers)];
    let (clock, _azure, environment) = machine(edition, &variables);
    let layers = [env!("IMPATIENT_WASM"), edition.log(), edition.allow_scopes(), edition.fake()];
    let (state, _disk, output) = environment.into_state()?;
    let mut store = store(state);
    let instance = linker()?.instantiate_async(&mut store, &compose(&layers)?).await?;
    let ask: TypedFunc<(String, Option<u64>), (String,)> = instance.get_typed_func(&mut store, "ask")?;
    let mut outcomes = Vec::new();
    for timeouts in [&[Some(100), None][..], &[None]] {
        let asked = store.run_concurrent(async |store| {
            let calls =
                timeouts.iter().map(|timeout| ask.call_concurrent(store, (VAULT.to_owned(), *timeout)));
            try_join_all(calls).await
        });
        outcomes.extend(asked.await??.into_iter().map(|(outcome,)| outcome));
    }
    assert_eq!(outcomes, ["gave up", "fake", "fake"]);
    assert_eq!(clock.elapsed(), Duration::from_millis(500));
    let output = String::from_utf8(output.contents().to_vec())?;
    let lines = output.lines().map(|line| line.contains(r#""outcome":"token""#));
    assert_eq!(lines.collect::<Vec<_>>(), [true, true], "the cancelled call has no line:\n{output}");
    Ok(())
}
