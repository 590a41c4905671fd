//! A host that loads the provider as a library and shows the source and the claims of its token:
//! `host-rust azure-identity.wasm [scope]`.

use anyhow::{Context, Result};
use azure_identity_wasmtime::{Cloud, Provider, TokenRequest};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let component = arguments.next().context("usage: host-rust azure-identity.wasm [scope]")?;
    let scope = arguments.next().unwrap_or_else(|| "https://vault.azure.net/.default".to_owned());

    let provider = Provider::builder().inherit_env().allow_azure(Cloud::Public).load_file(component).await?;
    let token = provider.get_token(TokenRequest::new(scope)).await?;
    println!("{}, until {}", token.source, token.expires_on);
    println!("{}", claims(token.secret())?);
    Ok(())
}

/// The claims of a token: the middle part of a JWT. They are only displayed; a resource must verify the signature before
/// it relies on them.
fn claims(token: &str) -> Result<String> {
    let payload = token.split('.').nth(1).context("the token is not a JWT")?;
    let claims: serde_json::Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload)?)?;
    Ok(serde_json::to_string_pretty(&claims)?)
}
