//! Runs the `wasmtime serve` lines of the pages on credentials, with http-app as the app and the simulator as Azure.

use super::command_line::{Shell, ensure_success, get};
use anyhow::{Context, Result, ensure};
use azure_simulator::jwt;
use azure_simulator::settings::{
    CLIENT_ID, CLIENT_SECRET, CLUSTER_ISSUER, SERVICE_ACCOUNT, TENANT_ID, TOKEN_EXCHANGE_AUDIENCE,
};
use host_tests::background_program::BackgroundProgram;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

/// The pages, and the sources of the tokens that their lines return.
const PAGES: [(&str, &str); 6] = [
    (include_str!("../../../docs/credentials/client-secret.md"), "environment/client-secret"),
    (include_str!("../../../docs/credentials/client-certificate.md"), "environment/client-certificate"),
    (include_str!("../../../docs/credentials/environment.md"), "environment/client-secret"),
    (include_str!("../../../docs/credentials/workload-identity.md"), "workload-identity"),
    (include_str!("../../../docs/credentials/managed-identity.md"), "managed-identity/imds"),
    (include_str!("../../../docs/credentials/chain.md"), "managed-identity/imds"),
];

#[test]
fn each_line_of_the_pages_on_credentials_returns_a_token() -> Result<()> {
    let Some(shell) = Shell::open("http-app", env!("HTTP_APP_WASM"))? else { return Ok(()) };
    let plug = "wac plug target/examples/http-app.wasm --plug target/components/azure-identity.wasm -o composed.wasm";
    ensure_success(&shell.command(plug).output()?)?;
    write_files(&shell)?;
    for (page, source) in PAGES {
        let joined = page.replace("\\\n", " ");
        let lines: Vec<_> = joined.lines().filter(|line| line.starts_with("wasmtime serve ")).collect();
        ensure!(lines.len() == 1, "{source}: {lines:?}");
        let mut served = BackgroundProgram::start(&mut shell.command(&completed(&shell, lines[0])))?;
        let address = served.wait_for("http://")?;
        let (status, body) = get(address.trim_end_matches('/'), "/")?;
        let is_right = status == 200 && body.starts_with(&format!("{source}, until "));
        ensure!(is_right, "{}\n{status} {body}{}", lines[0], served.output());
    }
    Ok(())
}

/// The line with a value for each `…`, with the folders of the test, and with the simulator in place of Azure.
fn completed(shell: &Shell, line: &str) -> String {
    let client = if line.contains("ManagedIdentityCredential") { USER_ASSIGNED } else { CLIENT_ID };
    let azure = format!("http://{}", shell.simulator.address());
    line.replace("AZURE_TENANT_ID=…", &format!("AZURE_TENANT_ID={TENANT_ID}"))
        .replace("AZURE_CLIENT_ID=…", &format!("AZURE_CLIENT_ID={client}"))
        .replace("AZURE_CLIENT_SECRET=…", &format!("'AZURE_CLIENT_SECRET={CLIENT_SECRET}'"))
        .replace("--dir /", &format!("--dir {}::/", FILES))
        .replace("--addr 127.0.0.1:8080 ", "--addr 127.0.0.1:0 ")
        .replace(
            " composed.wasm",
            &format!(
                " --env AZURE_POD_IDENTITY_AUTHORITY_HOST={azure} --env AZURE_AUTHORITY_HOST={azure} composed.wasm"
            ),
        )
}

/// The user-assigned identity of the simulated machine.
const USER_ASSIGNED: &str = "11112222-bbbb-3333-cccc-4444dddd5555";

/// The folder of this machine that the component sees under the path of the page.
const FILES: &str = "files";

/// The files that the pages name.
fn write_files(shell: &Shell) -> Result<()> {
    let folder = shell.folder.path().join(FILES);
    fs::create_dir(&folder)?;
    fs::write(folder.join("certificate.pem"), include_str!("../../fixtures/certificates/pkcs8.pem"))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("a clock after 1970")?.as_secs();
    let token = jwt::sign(&serde_json::json!({
        "aud": TOKEN_EXCHANGE_AUDIENCE, "iss": CLUSTER_ISSUER, "sub": SERVICE_ACCOUNT,
        "iat": now, "nbf": now, "exp": now + 3600,
    }));
    Ok(fs::write(folder.join("azure-identity-token"), token)?)
}
