//! The program, run with the simulated Azure on loopback.

use anyhow::{Context, Result};
use azure_simulator::{Settings, Simulator};
use host_tests::guest::PROVIDER;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

/// The program, while it serves.
struct Host {
    process: Child,
    output: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Host {
    async fn start(azure: &Simulator) -> Result<Self> {
        let mut program = Command::new(env!("CARGO_BIN_EXE_host-rust"));
        program.args([PROVIDER, host_tests::guest::HTTP_APP, "--listen", "127.0.0.1:0"]);
        program.env_clear().env("AZURE_POD_IDENTITY_AUTHORITY_HOST", format!("http://{}", azure.address()));
        let mut process = program.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
        let mut output = BufReader::new(process.stdout.take().context("it has an output")?).lines();
        let line = output.next_line().await?.context("it has ended")?;
        let address = line.strip_prefix("listening on http://").context("its address")?.to_owned();
        Ok(Self { process, output, address })
    }

    /// The status and the body of the response to a GET.
    async fn get(&self, path: &str) -> Result<(u16, String)> {
        let mut connection = TcpStream::connect(&self.address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address);
        connection.write_all(request.as_bytes()).await?;
        let mut response = String::new();
        connection.read_to_string(&mut response).await?;
        let (head, body) = response.split_once("\r\n\r\n").context("a response")?;
        let status = head.split(' ').nth(1).context("a status")?.parse()?;
        Ok((status, body.to_owned()))
    }
}

#[tokio::test]
async fn each_tenant_gets_what_its_policy_allows_and_the_metrics_count_it() -> Result<()> {
    let azure = Simulator::start(Settings::default())?;
    let host = Host::start(&azure).await?;
    let (status, body) = host.get("/contoso/").await?;
    assert!(status == 200 && body.contains("managed-identity/imds, until "), "{status} {body}");
    let (status, body) = host.get("/fabrikam/").await?;
    assert!(
        status == 503 && body.contains("the policy of this app does not allow the scope"),
        "{status} {body}"
    );
    assert_eq!(host.get("/tailspin/").await?.0, 404);
    assert_eq!(host.get("/health").await?, (200, String::new()));
    let (_, metrics) = host.get("/metrics").await?;
    for (name, value) in [("cached", "1"), ("called", "2"), ("refused_by_policy", "1")] {
        let is_counted = metrics.lines().any(|line| {
            line.starts_with("azure_identity_requests_total{") && line.contains(name) && line.ends_with(value)
        });
        assert!(is_counted, "{name} is not {value} in:\n{metrics}");
    }
    assert!(!metrics.contains("eyJ"), "the metrics contain a token:\n{metrics}");
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn it_ends_gracefully_when_it_is_terminated() -> Result<()> {
    let azure = Simulator::start(Settings::default())?;
    let mut host = Host::start(&azure).await?;
    let id = host.process.id().context("it runs")?;
    assert!(Command::new("kill").args(["-TERM", &id.to_string()]).status().await?.success());
    assert_eq!(host.output.next_line().await?.as_deref(), Some("shut down, 0 calls cancelled"));
    assert!(host.process.wait().await?.success());
    Ok(())
}

#[tokio::test]
async fn a_missing_provider_is_named() -> Result<()> {
    let program =
        Command::new(env!("CARGO_BIN_EXE_host-rust")).args(["/nowhere.wasm", "app.wasm"]).output().await?;
    let screen = String::from_utf8_lossy(&program.stderr).into_owned();
    assert!(!program.status.success() && screen.contains("/nowhere.wasm: cannot be read: "), "{screen}");
    Ok(())
}
