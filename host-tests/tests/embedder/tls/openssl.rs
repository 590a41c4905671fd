//! The same rules with a TLS server that is not of this project: `openssl s_server`.

use super::certificates::{ServerCertificate, Validity};
use super::service_fabric::{cluster, on_node, token};
use anyhow::{Context, Result};
use host_tests::background_program::BackgroundProgram;
use host_tests::external_tools;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn openssl_with_the_certificate_is_trusted_and_with_another_one_refused() -> Result<()> {
    let Some(openssl) = external_tools::openssl()? else { return Ok(()) };
    let certificate = ServerCertificate::self_signed("another.name", Validity::Expired);
    for version in ["-tls1_2", "-tls1_3"] {
        let folder = TempDir::new()?;
        fs::write(folder.path().join("cert.pem"), certificate.certificate_pem())?;
        fs::write(folder.path().join("key.pem"), certificate.key_pem())?;
        write_response(&folder, &certificate).await?;
        let mut command = Command::new(&openssl);
        command.arg("s_server").current_dir(&folder).args(["-accept", "127.0.0.1:0", "-HTTP", version]);
        command.args(["-cert", "cert.pem", "-key", "key.pem"]);
        let mut server = BackgroundProgram::start(&mut command)?;
        let url = format!("https://{}", server.wait_for("ACCEPT ")?.trim());

        let source = token(on_node(&url, &certificate.thumbprint())).await?;
        assert_eq!(source, "managed-identity/service-fabric", "{version}");
        let other = ServerCertificate::self_signed("another.name", Validity::Now);
        let error = token(on_node(&url, &other.thumbprint())).await.expect_err("it is refused");
        assert!(error.message.contains(&other.thumbprint()), "{error}");
        assert!(error.message.contains(&certificate.thumbprint()), "{error}");
    }
    Ok(())
}

/// Writes the response of the token service to the file that `s_server` looks for: the path of the request.
async fn write_response(folder: &TempDir, certificate: &ServerCertificate) -> Result<()> {
    let simulated = cluster(certificate).await;
    token(on_node(&simulated.url(), &certificate.thumbprint())).await?;
    let request = simulated.requests().pop().context("a request")?;
    let file = folder.path().join(request.strip_prefix("GET /").context("the request is a GET")?);
    fs::create_dir_all(file.parent().context("a folder")?)?;
    let body = r#"{"token_type":"Bearer","access_token":"SF-1","expires_on":4102444800,"resource":"https://vault.azure.net"}"#;
    let length = body.len();
    let head =
        format!("HTTP/1.0 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    Ok(fs::write(file, head + body)?)
}
