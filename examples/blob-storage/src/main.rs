//! Uploads, lists and downloads blobs of Azure Storage, with the official SDK.

use azure_core::http::{ClientOptions, RequestContent, Url};
use azure_core_wasi::{ComponentCredential, WasiHttpClient, block_on};
use azure_storage_blob::{BlobContainerClient, BlobServiceClient, BlobServiceClientOptions};
use futures::TryStreamExt;
use std::env;
use std::error::Error;
use std::io::{Read, Write, stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    match block_on(run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With its sources, because the SDK's own message alone is not specific.
            let all =
                std::iter::successors(Some(&*error as &(dyn Error + 'static)), |error| (*error).source());
            eprintln!("blob-storage: {}", all.map(ToString::to_string).collect::<Vec<_>>().join(": "));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [container, "create"] => _ = client(container)?.create(None).await?,
        [container, "list"] => list(&client(container)?).await?,
        [container, "get", name] => {
            let content = client(container)?.blob_client(name).download(None).await?.body.collect().await?;
            stdout().write_all(&content)?;
        }
        [container, "put", name] => {
            let mut content = Vec::new();
            stdin().read_to_end(&mut content)?;
            client(container)?.blob_client(name).upload(RequestContent::from(content), None).await?;
        }
        _ => {
            return Err(
                "usage: blob-storage CONTAINER create | list | get NAME | put NAME (from standard input)"
                    .into(),
            );
        }
    }
    Ok(())
}

/// The container in the account `AZURE_STORAGE_URL`, e.g. `https://contoso.blob.core.windows.net`.
fn client(container: &str) -> Result<BlobContainerClient, Box<dyn Error>> {
    let account = env::var("AZURE_STORAGE_URL").map_err(|_| "AZURE_STORAGE_URL is not set")?;
    let options = BlobServiceClientOptions {
        client_options: ClientOptions {
            transport: Some(WasiHttpClient::default().into()),
            ..Default::default()
        },
        ..Default::default()
    };
    let service =
        BlobServiceClient::new(Url::parse(&account)?, Some(ComponentCredential::new()), Some(options))?;
    Ok(service.blob_container_client(container))
}

async fn list(container: &BlobContainerClient) -> Result<(), Box<dyn Error>> {
    let mut blobs = container.list_blobs(None)?;
    while let Some(blob) = blobs.try_next().await? {
        println!("{}", blob.name.unwrap_or_default());
    }
    Ok(())
}
