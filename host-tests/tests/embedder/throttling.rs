//! A service that asks for a wait is not asked again before.

use crate::machine::{Machine, STORAGE, VAULT};
use anyhow::Result;
use azure_identity_wasmtime::{ErrorKind, TokenRequest};
use azure_simulator::Settings;
use azure_simulator::settings::{FaultSettings, ServiceName};
use std::collections::BTreeMap;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// IMDS, which asks for a wait of ten minutes in its first response.
fn throttling() -> Settings {
    let fault = FaultSettings {
        service: Some(ServiceName::try_from("imds".to_owned()).expect("the service is simulated")),
        status: Some(429),
        headers: BTreeMap::from([("Retry-After".to_owned(), "600".to_owned())]),
        times: Some(1),
        ..FaultSettings::default()
    };
    Settings { faults: vec![fault], ..Settings::default() }
}

#[tokio::test(start_paused = true)]
async fn no_app_asks_a_service_again_before_its_wait_is_over() -> Result<()> {
    let machine = Machine::start_with(throttling(), |builder| builder).await?;
    let mut waits = Vec::new();
    for _ in 0..3 {
        let error = machine.ask(TokenRequest::new(VAULT)).await.expect_err("IMDS asks for a wait");
        assert_eq!(error.kind, ErrorKind::Transient);
        waits.extend(error.response.and_then(|response| response.retry_after));
        machine.clock.advance(100 * SECOND).await;
    }
    assert_eq!((waits, machine.sent().len()), (vec![600, 500, 400], 1));
    machine.token(STORAGE).await;
    machine.clock.advance(300 * SECOND).await;
    machine.token(VAULT).await;
    assert_eq!((machine.sent().len(), machine.provider.metrics().throttled), (3, 2));
    Ok(())
}
