//! `examples/login` with a simulated browser. The sockets are real, therefore the clock is real as well.

use super::machine;
use anyhow::{Context, Result, ensure};
use azure_simulator::settings::{PUBLIC_CLIENT_ID, Presence, TENANT_ID, USERNAME};
use host_tests::app::App;
use host_tests::environment::TestEnvironment;
use host_tests::network::{Network, Outcome};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

/// Runs the app while `browse` receives the address that it prints. Returns whether it succeeded, and its output.
async fn login<F>(browse: impl FnOnce(Browser, Url) -> F) -> Result<(bool, String)>
where
    F: Future<Output = Result<()>>,
{
    let app = App::with_provider(env!("LOGIN_WASM"))?;
    let mut environment: TestEnvironment = machine(Presence::Refused);
    environment.may_listen = true;
    environment.arguments = vec![TENANT_ID.to_owned(), PUBLIC_CLIENT_ID.to_owned()];
    let azure = environment.network.clone().context("the simulated Azure")?;
    let run = app.run_watched(environment, |screen| async move {
        let browsing = async {
            let address = printed_address(&screen).await?;
            browse(Browser { azure }, address).await
        };
        let outcome = tokio::time::timeout(Duration::from_secs(50), browsing).await;
        let output = || String::from_utf8_lossy(&screen.contents()).into_owned();
        outcome.with_context(|| format!("the browser times out; the output is:\n{}", output()))?
    });
    run.await
}

/// Waits until the app has printed the address.
async fn printed_address(screen: &MemoryOutputPipe) -> Result<Url> {
    loop {
        let text = String::from_utf8_lossy(&screen.contents()).into_owned();
        if let Some(line) = text.lines().find(|line| line.starts_with("https://")) {
            return Ok(Url::parse(line)?);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

struct Browser {
    azure: Arc<dyn Network>,
}

impl Browser {
    /// Opens the sign-in page, and returns the address of the redirect.
    async fn open(&self, address: &Url) -> Result<Url> {
        let request = http::Request::get(address.as_str()).body(bytes::Bytes::new())?;
        let Outcome::Response(response) = self.azure.send(request).await else {
            anyhow::bail!("the page cannot be opened");
        };
        let location = response.headers().get("location").context("the response is no redirect")?;
        Ok(Url::parse(location.to_str()?)?)
    }

    /// Follows a redirect to this machine. Returns the status and the page.
    async fn follow(&self, address: &Url) -> Result<(u16, String)> {
        let target = &address[url::Position::BeforePath..url::Position::AfterQuery];
        self.send(address, &format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await
    }

    async fn send(&self, address: &Url, request: &str) -> Result<(u16, String)> {
        let mut stream = connect(address).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut response = String::new();
        stream.read_to_string(&mut response).await?;
        let status = response.split(' ').nth(1).context("no response")?.parse()?;
        let (head, page) = response.split_once("\r\n\r\n").context("the response has no body")?;
        ensure!(head.contains("\r\ncache-control: no-store\r\n"), "{head}");
        Ok((status, page.to_owned()))
    }
}

async fn connect(address: &Url) -> Result<TcpStream> {
    ensure!(address.host_str() == Some("localhost"), "the redirect leads to {address}");
    let port = address.port().context("the redirect has no port")?;
    Ok(TcpStream::connect(("127.0.0.1", port)).await?)
}

/// The redirect with these parameters; the state is kept unless it is among them.
fn with(redirect: &Url, parameters: &[(&str, &str)]) -> Url {
    let state = redirect.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
    let mut other = redirect.clone();
    other.query_pairs_mut().clear().extend_pairs(parameters);
    if !parameters.iter().any(|(name, _)| *name == "state") {
        other.query_pairs_mut().append_pair("state", &state.unwrap_or_default());
    }
    other
}

#[tokio::test]
async fn login_reports_who_signed_in() -> Result<()> {
    let (success, screen) = login(|browser, address| async move {
        let redirect = browser.open(&address).await?;
        let mut icon = redirect.clone();
        icon.set_path("/favicon.ico");
        assert_eq!(browser.follow(&icon).await?.0, 404);
        let (status, page) = browser.follow(&redirect).await?;
        assert_eq!(status, 200);
        assert!(page.contains("You are signed in."), "{page}");
        Ok(())
    })
    .await?;
    assert!(success, "{screen}");
    for part in [USERNAME, TENANT_ID, "https://vault.azure.net"] {
        assert!(screen.contains(part), "{part:?} is not in:\n{screen}");
    }
    assert!(!screen.contains("eyJ"), "the output contains the token:\n{screen}");
    Ok(())
}

#[tokio::test]
async fn login_reports_that_the_user_declined() -> Result<()> {
    let (success, screen) = login(|browser, address| async move {
        let redirect = browser.open(&address).await?;
        let declined =
            with(&redirect, &[("error", "access_denied"), ("error_description", "AADSTS65004: <b>")]);
        let (status, page) = browser.follow(&declined).await?;
        assert_eq!(status, 200);
        assert!(page.contains("The sign-in failed.") && !page.contains("<b>"), "{page}");
        Ok(())
    })
    .await?;
    assert!(!success, "{screen}");
    assert!(
        screen.ends_with(
            "\nlogin: authorization-code: the sign-in ended with access_denied: AADSTS65004: <b>\n"
        ),
        "{screen}"
    );
    Ok(())
}

#[tokio::test]
async fn login_ignores_requests_of_others_and_keeps_waiting() -> Result<()> {
    let (success, screen) = login(|browser, address| async move {
        let redirect = browser.open(&address).await?;
        // Browsers open a spare connection without sending on it; it stays open throughout.
        let _silent = connect(&redirect).await?;
        for foreign in [
            with(&redirect, &[("code", "forged"), ("state", "another")]),
            with(&redirect, &[("error", "access_denied"), ("state", "another")]),
            with(&redirect, &[("code", "forged"), ("state", "")]),
            with(&redirect, &[("code", "one"), ("code", "two")]),
            with(&redirect, &[]),
        ] {
            assert_eq!(browser.follow(&foreign).await?.0, 400, "{foreign}");
        }
        assert_eq!(browser.send(&redirect, "POST / HTTP/1.1\r\n\r\n").await?.0, 400);
        assert_eq!(browser.send(&redirect, "nonsense\r\n\r\n").await?.0, 400);
        let endless = format!("GET /?{} HTTP/1.1\r\n", "x".repeat(64 * 1024));
        assert!(browser.send(&redirect, &endless).await.is_err(), "the listener closes the connection");
        assert_eq!(browser.follow(&redirect).await?.0, 200);
        Ok(())
    })
    .await?;
    assert!(success, "{screen}");
    Ok(())
}

#[tokio::test]
async fn login_reports_the_error_of_the_code() -> Result<()> {
    let (success, screen) = login(|browser, address| async move {
        let redirect = browser.open(&address).await?;
        let (status, page) = browser.follow(&with(&redirect, &[("code", "forged")])).await?;
        assert_eq!(status, 200);
        assert!(page.contains("The sign-in failed."), "{page}");
        Ok(())
    })
    .await?;
    assert!(!success, "{screen}");
    assert!(screen.contains("\nlogin: authorization-code: 400 invalid_grant: AADSTS70000"), "{screen}");
    Ok(())
}
