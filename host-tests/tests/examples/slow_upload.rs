//! `blob-storage` on a slow line: hosts count the sending of a body as time to the first byte, and no upload that makes progress
//! may fail for that.

use anyhow::Result;
use azure_simulator::{Azure, Settings, settings};
use host_tests::app::App;
use host_tests::clock::Clock;
use host_tests::environment::TestEnvironment;
use host_tests::network::{NetworkHooks, Timeouts};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Empty};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// The simulated Azure, with a storage account behind a line of this speed.
struct SlowLine {
    azure: NetworkHooks,
    /// Bytes a second; 0: the server accepts no byte.
    speed: u64,
    uploads: Uploads,
}

/// The length of each body that arrived, and the seconds that it took.
type Uploads = Arc<Mutex<Vec<(usize, u64)>>>;

impl WasiHttpHooks for SlowLine {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        done: Done,
    ) -> Sent {
        if request.uri().host() != Some("contoso.blob.core.windows.net") {
            return self.azure.send_request(request, options, done);
        }
        let (speed, uploads) = (self.speed, Arc::clone(&self.uploads));
        Box::new(async move {
            // As `default_send_request` of wasmtime-wasi-http 48, which waits so long for the response while it sends the body.
            let timeout = Timeouts::from(options).first_byte;
            let response = tokio::time::timeout(timeout, answer(request, speed, uploads)).await;
            Ok((
                response.map_err(|_| Error::ConnectionReadTimeout)??,
                Box::new(std::future::ready(Ok(()))) as Done,
            ))
        })
    }
}

type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(Response<WasiBody>, Done), Error>> + Send>;

async fn answer(
    request: Request<WasiBody>,
    speed: u64,
    uploads: Uploads,
) -> Result<Response<WasiBody>, Error> {
    let status = if *request.method() == Method::PUT { 201 } else { 404 };
    let (mut body, mut length, start) = (request.into_body(), 0, tokio::time::Instant::now());
    if speed == 0 {
        std::future::pending::<()>().await;
    }
    while let Some(frame) = body.frame().await {
        let bytes = frame?.into_data().unwrap_or_default();
        tokio::time::sleep(Duration::from_millis(bytes.len() as u64 * 1000 / speed)).await;
        length += bytes.len();
    }
    uploads.lock().expect("no test panics").push((length, start.elapsed().as_secs()));
    let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
    Ok(Response::builder().status(status).body(body).expect("the response is valid"))
}

/// Uploads a blob over a line of this speed. Returns whether that succeeded, the output and the uploads.
async fn upload(length: usize, speed: u64) -> Result<(bool, String, Vec<(usize, u64)>)> {
    let app = App::with_provider(env!("BLOB_STORAGE_WASM"))?;
    let (clock, uploads) = (Clock::simulated(), Uploads::default());
    let azure = Arc::new(Azure::new(clock.clone(), Settings::default()));
    let mut environment = TestEnvironment::new(clock, azure.clone());
    environment.hooks =
        Some(Box::new(SlowLine { azure: NetworkHooks(azure), speed, uploads: Arc::clone(&uploads) }));
    environment.arguments = ["photos", "put", "large.bin"].map(str::to_owned).to_vec();
    environment.input = vec![b'x'; length];
    environment.env.extend(
        [
            ("AZURE_STORAGE_URL", "https://contoso.blob.core.windows.net"),
            ("AZURE_TENANT_ID", settings::TENANT_ID),
            ("AZURE_CLIENT_ID", settings::CLIENT_ID),
            ("AZURE_CLIENT_SECRET", settings::CLIENT_SECRET),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let (success, output) = app.run(environment).await?;
    let uploads = uploads.lock().expect("no test panics").clone();
    Ok((success, output, uploads))
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_takes_longer_than_every_timeout_succeeds_at_the_first_attempt() -> Result<()> {
    let length = 20 << 20;
    let (success, output, uploads) = upload(length, 32 << 10).await?;
    assert!(success, "{output}");
    let total: usize = uploads.iter().map(|(length, _)| length).sum();
    assert!((length..length + 4096).contains(&total), "a block was sent again: {uploads:?}");
    assert!(uploads.iter().any(|(_, seconds)| *seconds > 100), "no request takes long: {uploads:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_server_that_accepts_no_body_is_an_error() -> Result<()> {
    let (success, output, uploads) = upload(20 << 20, 0).await?;
    assert!(!success && uploads.is_empty(), "{output}");
    assert!(output.contains("the server does not accept the body of the request"), "{output}");
    Ok(())
}
