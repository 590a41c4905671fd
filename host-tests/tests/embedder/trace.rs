//! The trace: its events, and the absence of secrets.

use crate::machine::{Machine, VAULT};
use anyhow::Result;
use azure_identity_wasmtime::{Policy, TenantKey, TokenRequest};
use azure_simulator::Settings;
use azure_simulator::settings::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use host_tests::secrets;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

#[tokio::test(start_paused = true)]
async fn the_trace_records_the_calls_and_contains_no_secret() -> Result<()> {
    let trace = Trace::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(trace.clone())
        .finish();
    // Globally: `tracing` caches whether an event is enabled by the first thread that reaches it.
    tracing::subscriber::set_global_default(subscriber)?;
    let machine = Machine::start_with(Settings::default(), |builder| {
        builder
            .env("AZURE_TENANT_ID", TENANT_ID)
            .env("AZURE_CLIENT_ID", CLIENT_ID)
            .env("AZURE_CLIENT_SECRET", CLIENT_SECRET)
    })
    .await?;
    let token = machine.token(VAULT).await;
    machine.token(VAULT).await;
    machine.ask(TokenRequest::new("not a scope\r\nforged: line")).await.expect_err("it is malformed");
    let unknown =
        TokenRequest { options: vec![("a\r\nforged".into(), String::new())], ..TokenRequest::new(VAULT) };
    machine.provider.scoped(Policy::unrestricted()).get_token(unknown).await.expect_err("no such option");

    let contoso = machine.provider.scoped(Policy::new()).for_tenant(TenantKey::new("contoso"));
    contoso.get_token(TokenRequest::new(VAULT)).await.expect_err("the policy allows nothing");

    let text = trace.text();
    for part in [
        "get_token{request_id=",
        r#" tenant=linker-"#,
        r#" scopes=["https://vault.azure.net/.default"]"#,
        r#"the provider returned a token source="environment/client-secret""#,
        r#"how="cached""#,
        r#"a policy refused a request tenant=contoso error="azure-identity-wasmtime: the policy of this app does not "#,
        r#"the provider returned an error kind=InvalidArgument error="get-token: options has the unknown key"#,
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    assert!(!text.contains("\r\nforged"), "an app injected a line:\n{text}");
    let mut secrets = machine.azure.secrets();
    secrets.push(("the token".to_owned(), token));
    let seen = [("the trace".to_owned(), text), ("Debug".to_owned(), format!("{:?}", machine.provider))];
    assert_eq!(secrets::find(&secrets, &seen), Vec::<String>::new());
    Ok(())
}

/// The trace, in memory.
#[derive(Clone, Default)]
struct Trace(Arc<Mutex<Vec<u8>>>);

impl Trace {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("the lock is not poisoned")).into_owned()
    }
}

impl Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the lock is not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Trace {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
