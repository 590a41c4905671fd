//! An app in JavaScript, which is one of WASI 0.2, behind the hooks of an embedder.

use crate::hooks::auth;
use crate::project::Project;
use crate::trace;
use anyhow::{Result, ensure};
use azure_simulator::{Azure, Settings};
use host_tests::clock::Clock;
use host_tests::engine::{engine, linker, store};
use host_tests::environment::TestEnvironment;
use host_tests::external_tools;
use host_tests::network::NetworkHooks;
use host_tests::secrets;
use std::sync::Arc;
use wasmtime::component::Component;
use wasmtime_wasi::p2::bindings::Command;

const SECRET: &str = "https://contoso.vault.azure.net/secrets/greeting?api-version=7.6";
const VAULT: &str =
    "key-vaults = [{ name = 'contoso', secrets = [{ name = 'greeting', value = 'hi there' }] }]";

#[tokio::test(start_paused = true)]
async fn an_app_in_javascript_reads_a_secret_and_holds_no_token() -> Result<()> {
    let Some(_) = external_tools::node()? else { return Ok(()) };
    let app = Component::from_file(engine(), build()?)?;
    let clock = Clock::simulated();
    let azure = Azure::new(clock.clone(), toml::from_str::<Settings>(VAULT)?);
    let network = Arc::new(azure.clone());
    let mut environment = TestEnvironment::new(clock, network.clone());
    environment.env = [("AZURE_HTTP_AUTH_RULES".to_owned(), "use key-vault".to_owned())].into();
    trace::begin();
    let auth = auth(&environment).await?.map_err(anyhow::Error::msg)?;
    environment.hooks = Some(Box::new(auth.hooks_over(NetworkHooks(network))));
    environment.env.clear();
    environment.arguments = vec![SECRET.to_owned()];

    let (state, _disk, output) = environment.into_state()?;
    let mut store = store(state);
    let command = Command::instantiate_async(&mut store, &app, &linker()?).await?;
    let succeeded = command.wasi_cli_run().call_run(&mut store).await?.is_ok();
    let printed = String::from_utf8_lossy(&output.contents()).into_owned();
    assert_eq!((succeeded, printed.as_str()), (true, "200 hi there\nTypeError\n"), "{}", trace::log());
    assert!(trace::log().starts_with("http-auth: https://elsewhere.example is refused"), "{}", trace::log());
    let seen = [("what it printed".to_owned(), printed), ("the trace".to_owned(), trace::all())];
    // What the app prints is the vault's secret, and no other one.
    let others = azure.secrets().into_iter().filter(|(_, secret)| secret != "hi there").collect::<Vec<_>>();
    assert_eq!(secrets::find(&others, &seen), Vec::<String>::new());
    Ok(())
}

/// The path of the component.
fn build() -> Result<std::path::PathBuf> {
    let mut project = Project::named("javascript-fetch", "host-node")?;
    project.put("app.js", include_str!("javascript/app.js"))?;
    project.put("app.wit", include_str!("javascript/app.wit"))?;
    project.put("fetch/deps/cli.wit", include_str!("javascript/cli.wit"))?;
    project.put("build.mjs", include_str!("javascript/build.mjs"))?;
    let built = project.shell("cmp -s app.js built.js || { node build.mjs && cp app.js built.js; }")?;
    ensure!(built.success, "{}", built.printed);
    Ok(project.file("app.wasm"))
}
