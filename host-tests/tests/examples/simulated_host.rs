//! The simulator's own wasmtime host, with apps of both generations of WASI.

use anyhow::{Result, ensure};
use azure_simulator::Settings;
use azure_simulator::settings::{Application, KeyVault, VAULT_SECRET};
use azure_simulator::wasmtime_host::SimulatedHost;
use bytes::Bytes;
use host_tests::app::{App, over_http_auth};
use host_tests::edition::Edition;
use host_tests::engine::engine;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use std::time::Duration;
use wasmtime::component::Component;
use wasmtime_wasi_http::p3::bindings::Service;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_hooks};

#[tokio::test(start_paused = true)]
async fn an_app_reads_a_secret_of_a_tenant_that_the_test_describes() -> Result<()> {
    let settings = Settings {
        applications: vec![
            Application::new("77778888-aaaa-2222-bbbb-3333cccc4444").with_secret("s3cr3t~+/=&%x"),
        ],
        key_vaults: vec![KeyVault::new("fabrikam").with_secret("greeting", "from fabrikam")],
        ..Settings::default()
    };
    let host = SimulatedHost::new(settings);
    let (status, body) = read_secret(&host, "https://fabrikam.vault.azure.net").await?;
    assert_eq!((status, body.as_str()), (200, "from fabrikam"));
    let requests = host.requests();
    let asked: Vec<_> = requests.iter().map(|it| (it.service_name(), it.client_id.as_deref())).collect();
    let client = Some("77778888-aaaa-2222-bbbb-3333cccc4444");
    assert_eq!(asked, [("entra", client), ("key-vault", client)]);
    let journal = format!("{requests:?}");
    for (what, secret) in host.azure().secrets() {
        ensure!(secret.len() < 6 || !journal.contains(&secret), "the journal contains: {what}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_request_to_another_host_is_refused_and_listed() -> Result<()> {
    let host = SimulatedHost::new(Settings::default());
    let (status, body) = read_secret(&host, "https://elsewhere.example").await?;
    ensure!(status == 503 && body.contains("https://elsewhere.example failed"), "{status} {body}");
    let unexpected = host.azure().unexpected();
    ensure!(
        unexpected.len() == 1 && unexpected[0].starts_with("GET https://elsewhere.example/secrets/"),
        "{unexpected:?}"
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_request_to_another_host_is_passed_to_the_tests_hooks() -> Result<()> {
    let host = SimulatedHost::new(Settings::default()).with_other_hosts(|| Elsewhere);
    let (status, body) = read_secret(&host, "https://elsewhere.example").await?;
    assert_eq!((status, body.as_str()), (200, "from elsewhere"));
    let services: Vec<_> = host.requests().iter().map(|it| it.service_name()).collect();
    assert_eq!(services, ["entra"], "the token is still that of the simulated Azure");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_app_of_wasi_0_3_is_simulated_too() -> Result<()> {
    let host = SimulatedHost::new(Settings::default());
    let app = over_http_auth(env!("HTTP_AUTH_SECRET_WASM"), Edition::Wasi03)?;
    let app = Component::from_binary(engine(), &app)?;
    let secret = "https://contoso.vault.azure.net/secrets/greeting?api-version=7.6";
    let rule = "GET https://contoso.vault.azure.net scope=https://vault.azure.net/.default";
    let mut wasi = host.wasi();
    wasi.env("SECRET_URL", secret).env("AZURE_HTTP_AUTH_RULES", rule);
    let mut store = host.store(engine(), &mut wasi);
    let service = Service::instantiate_async(&mut store, &app, &host.linker(engine())?).await?;
    let request = Request::get("http://app.example/secret").body(Full::new(Bytes::new()))?;
    let (request, _sent) = wasmtime_wasi_http::p3::Request::from_http(default_hooks(), request);
    let body = store.run_concurrent(async |store| {
        let response = service.handle(store, request).await??;
        let response = store.with(|store| response.into_http(store, async { Ok(()) }))?;
        let body = response.into_body().collect().await?.to_bytes();
        host.clock().advance(Duration::from_secs(1)).await;
        anyhow::Ok(body)
    });
    assert_eq!(body.await??, VAULT_SECRET);
    let services: Vec<_> = host.requests().iter().map(|it| it.service_name()).collect();
    assert_eq!(services, ["imds", "key-vault"]);
    Ok(())
}

/// Runs the app of Key Vault as the first application of the settings.
async fn read_secret(host: &SimulatedHost, vault: &str) -> Result<(u16, String)> {
    let app = App::with_provider(env!("KEYVAULT_APP_WASM"))?;
    let mut wasi = host.wasi();
    wasi.env("KEY_VAULT_URL", vault).envs(&host.service_principal());
    let mut app = host.start_http_app(app.component(), &mut wasi).await?;
    let response = app.get("/").await?;
    Ok((response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned()))
}

/// Hooks of a test: a vault of another cloud.
struct Elsewhere;

type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(Response<WasiBody>, Done), Error>> + Send>;

impl WasiHttpHooks for Elsewhere {
    fn send_request(&mut self, _: Request<WasiBody>, _: Option<RequestOptions>, _: Done) -> Sent {
        Box::new(async {
            let body =
                Full::new(Bytes::from(r#"{"value": "from elsewhere"}"#)).map_err(|never| match never {});
            Ok((Response::new(body.boxed_unsync()), Box::new(async { Ok(()) }) as Done))
        })
    }
}
