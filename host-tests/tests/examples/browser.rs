//! Pages in a real browser: the simulator's own, and its sign-in page before `examples/login`.

use anyhow::{Context, Result, ensure};
use azure_simulator::settings::{PUBLIC_CLIENT_ID, Presence, TENANT_ID, USERNAME};
use azure_simulator::{Azure, Settings, Simulator, server};
use golden::expect_file;
use host_tests::app::App;
use host_tests::clock::Clock;
use host_tests::environment::TestEnvironment;
use host_tests::external_tools;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

#[test]
fn the_simulators_page_shows_requests_and_switches_faults() -> Result<()> {
    if !has_browser()? {
        return Ok(());
    }
    let simulator = Simulator::start(Settings::default())?;
    let printed = browse("console.mjs", &[&format!("http://{}", simulator.address())])?;
    expect_file!["browser/page.txt"].assert_eq(&printed);
    Ok(())
}

#[tokio::test]
async fn a_browser_consents_at_the_sign_in_page() -> Result<()> {
    if !has_browser()? {
        return Ok(());
    }
    let (success, screen, page) = sign_in("accept").await?;
    assert!(success && screen.contains(USERNAME), "{screen}");
    ensure!(page.starts_with("Sign in to the simulated Azure\n200\nYou are signed in."), "{page}");
    Ok(())
}

#[tokio::test]
async fn a_browser_declines_at_the_sign_in_page() -> Result<()> {
    if !has_browser()? {
        return Ok(());
    }
    let (success, screen, page) = sign_in("decline").await?;
    assert!(!success && screen.contains("the sign-in ended with access_denied: AADSTS65004"), "{screen}");
    ensure!(page.starts_with("Sign in to the simulated Azure\n200\nThe sign-in failed."), "{page}");
    Ok(())
}

#[tokio::test]
async fn a_browser_with_a_wrong_state_is_refused_and_the_app_keeps_waiting() -> Result<()> {
    if !has_browser()? {
        return Ok(());
    }
    let (success, screen, page) = sign_in("wrong-state").await?;
    assert!(success && screen.contains(USERNAME), "{screen}");
    ensure!(page.starts_with("Sign in to the simulated Azure\n400\n200\nYou are signed in."), "{page}");
    Ok(())
}

/// Runs the app while a browser acts on the page of the address that it prints. Returns whether it succeeded, its output, and
/// what the browser saw.
async fn sign_in(action: &'static str) -> Result<(bool, String, String)> {
    let clock = Clock::simulated();
    let settings = Settings { imds: Presence::Refused, ..Settings::default() };
    let azure = Azure::new(clock.clone(), settings);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(server::serve(listener, azure.clone(), Duration::ZERO, std::future::pending()));
    let mut environment = TestEnvironment::new(clock, Arc::new(azure));
    environment.may_listen = true;
    environment.arguments = vec![TENANT_ID.to_owned(), PUBLIC_CLIENT_ID.to_owned()];
    let (seen, page) = std::sync::mpsc::channel();
    let run = App::with_provider(env!("LOGIN_WASM"))?;
    let run = run.run_watched(environment, |screen| async move {
        let url = printed_address(&screen).await;
        let url = url.replace("https://login.microsoftonline.com", &format!("http://{address}"));
        let browsed = tokio::task::spawn_blocking(move || browse("login.mjs", &[&url, action])).await??;
        Ok(seen.send(browsed)?)
    });
    let (success, screen) = run.await?;
    Ok((success, screen, page.try_recv().context("the browser saw nothing")?))
}

/// Waits until the app has printed the address.
async fn printed_address(screen: &MemoryOutputPipe) -> String {
    loop {
        let text = String::from_utf8_lossy(&screen.contents()).into_owned();
        if let Some(line) = text.lines().find(|line| line.starts_with("https://")) {
            return line.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn has_browser() -> Result<bool> {
    Ok(external_tools::node()?.is_some() && external_tools::chromium()?.is_some())
}

/// Runs a script that uses a browser, and returns what it prints.
fn browse(script: &str, arguments: &[&str]) -> Result<String> {
    let folder = TempDir::new()?;
    for (name, text) in SCRIPTS {
        std::fs::write(folder.path().join(name), text)?;
    }
    symlink(external_tools::node_modules().canonicalize()?, folder.path().join("node_modules"))?;
    let mut node = Command::new("node");
    node.arg(script).args(arguments).current_dir(folder.path()).env("HOME", folder.path());
    node.envs(external_tools::chromium()?.map(|path| ("CHROMIUM", path)));
    let output = node.output()?;
    ensure!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// The scripts and what they share.
const SCRIPTS: &[(&str, &str)] = &[
    ("open.mjs", include_str!("browser/open.mjs")),
    ("console.mjs", include_str!("browser/console.mjs")),
    ("login.mjs", include_str!("browser/login.mjs")),
];
