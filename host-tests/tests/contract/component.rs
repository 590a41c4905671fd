//! The component: its imports, its size, and the edition without certificates.

use anyhow::{Result, bail};
use azure_simulator::Azure;
use azure_simulator::settings::{CLIENT_ID, Settings};
use golden::expect_file;
use host_tests::arguments::{Certificate, Client};
use host_tests::bindings::{ErrorKind, TokenRequest};
use host_tests::clock::Clock;
use host_tests::edition::Edition;
use host_tests::environment::TestEnvironment;
use host_tests::external_tools::wasm_opt;
use host_tests::guest::Guest;
use std::fs;
use std::sync::Arc;

#[test]
fn the_component_imports_the_listed_interfaces_only() -> Result<()> {
    for (edition, list) in [(Edition::Wasi02, "imports.txt"), (Edition::Wasi03, "imports-0.3.txt")] {
        let decoded = wit_component::decode(&fs::read(edition.component())?)?;
        let world = &decoded.resolve().worlds[decoded.resolve().select_world(&[decoded.package()], None)?];
        let imports = world.imports.keys().map(|key| decoded.resolve().name_world_key(key));
        let imports: String = imports.map(|name| name + "\n").collect();
        expect_file![list].assert_eq(&imports);
    }
    Ok(())
}

#[test]
fn every_edition_stays_under_its_budget() -> Result<()> {
    // The limits are for what is published, which the optimiser has made smaller.
    if wasm_opt()?.is_none() {
        return Ok(());
    }
    for component in components::ALL {
        let Some(budget) = component.budget else { continue };
        let path = match component.name {
            "azure-identity" => Edition::Wasi02.component(),
            "azure-identity-without-certificates" => Edition::WithoutCertificates.component(),
            other => bail!("the budget of {other} is not tested"),
        };
        let bytes = fs::metadata(path)?.len();
        assert!(
            bytes < budget,
            "{} has {bytes} bytes, not under {budget}; see CONTRIBUTING.md",
            component.name
        );
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_edition_without_certificates_reports_that_it_supports_none() -> Result<()> {
    let clock = Clock::simulated();
    let azure = Arc::new(Azure::new(clock.clone(), Settings::default()));
    let mut environment = TestEnvironment::new(clock, azure);
    for (name, value) in [
        ("AZURE_TENANT_ID", "contoso.com"),
        ("AZURE_CLIENT_ID", CLIENT_ID),
        ("AZURE_CLIENT_CERTIFICATE_PATH", "/c.pem"),
    ] {
        environment.env.insert(name.to_owned(), value.to_owned());
    }
    environment.files.get_or_insert_default().insert("/c.pem".to_owned(), b"a certificate".to_vec());
    environment.edition = Edition::WithoutCertificates;
    let mut guest = Guest::start(environment).await?;
    let scopes = vec!["https://vault.azure.net/.default".to_owned()];
    let request =
        TokenRequest { scopes, tenant_id: None, claims: None, enable_cae: false, options: Vec::new() };
    let of_environment = guest.get_token(&request).await?.expect_err("there is a certificate");
    let (c, store) = guest.credentials();
    let certificate = Certificate {
        data: b"a certificate".to_vec(),
        password: Some("s3cr3t".to_owned()),
        send_chain: false,
    };
    let (tenant_id, client_id) = ("contoso.com".to_owned(), CLIENT_ID.to_owned());
    let client = Client { tenant_id, client_id, ..Client::default() };
    let explicit = c.call_client_certificate(store, &client, &certificate).await?;
    for (source, error) in [
        ("environment", of_environment),
        ("client-certificate", explicit.expect_err("there is a certificate")),
    ] {
        assert_eq!(error.kind, ErrorKind::Other);
        let message = "this edition was built without certificates; use azure-identity.wasm, which has them, or a secret";
        assert_eq!(error.message, format!("{source}: {message}"));
    }
    Ok(())
}
