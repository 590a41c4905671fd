//! The folder of the Azure CLI and the files in it.

use super::options::NAME;
use super::saved_token;
use crate::call_context::CallContext;
use crate::error::Error;
use crate::host::{self, FileError, MAX_FILE};
use crate::http::Body;
use crate::json::Json;
use crate::msal_cache::MsalCache;
use crate::prelude::*;

/// The folder of the CLI's files.
///
/// # Errors
/// `not-configured` when no variable says where it is, `invalid-argument` when `AZURE_CONFIG_DIR` is malformed.
pub fn folder(call: &CallContext<'_>) -> Result<String, Error> {
    if let Some(folder) = host::env(call.host, "AZURE_CONFIG_DIR") {
        // The path is part of messages, which have one line.
        if folder.contains(char::is_control) {
            return Err(Error::invalid_argument(NAME, "AZURE_CONFIG_DIR has a character that no path has"));
        }
        return Ok(folder.trim_end_matches('/').to_owned());
    }
    let home = host::home(call.host).ok_or_else(|| {
        Error::not_configured(
            NAME,
            "neither AZURE_CONFIG_DIR nor HOME is set; set one of them to use a login of the Azure CLI",
        )
    })?;
    Ok(format!("{home}/.azure"))
}

/// Reads a JSON file; `None`: it does not exist.
///
/// # Errors
/// `not-configured` when the host gives no access to the folder, `other` when the file cannot be read or parsed.
#[maybe_async]
pub async fn read_json(call: &CallContext<'_>, folder: &str, name: &str) -> Result<Option<Json>, Error> {
    let path = format!("{folder}/{name}");
    let bytes = match call.host.read_file(&path, MAX_FILE).await {
        Ok(bytes) => Body(bytes),
        Err(FileError::NoFolder) => return Err(no_access(folder)),
        Err(FileError::Missing) => return Ok(None),
        Err(error) => return Err(Error::other(NAME, format_args!("{path} {error}"))),
    };
    let json = Json::parse(&bytes.0);
    json.map(Some).ok_or_else(|| Error::other(NAME, format_args!("{path} is not JSON; run: az login")))
}

/// Reads the token cache.
///
/// # Errors
/// `authentication-failed` when it is encrypted or does not exist; else as [`read_json`].
#[maybe_async]
pub async fn token_cache(call: &CallContext<'_>, folder: &str) -> Result<MsalCache, Error> {
    if let Some(json) = read_json(call, folder, "msal_token_cache.json").await? {
        return Ok(MsalCache(json));
    }
    Err(match encrypted(call, folder, "msal_token_cache.bin").await {
        Some(error) => error,
        None => Error::authentication_failed(
            NAME,
            format_args!("{folder} has a profile and no token cache; run: az login"),
        ),
    })
}

/// The error when the CLI has encrypted a file; `None`: it has not.
#[maybe_async]
pub async fn encrypted(call: &CallContext<'_>, folder: &str, name: &str) -> Option<Error> {
    let bytes = call.host.read_file(&format!("{folder}/{name}"), MAX_FILE).await;
    bytes.is_ok_and(|bytes| !bytes.is_empty()).then(|| {
        let what = format_args!(
            "the token cache in {folder} is encrypted, and no component can open it; run: az config set core.encrypt_token_cache=false, then: az login"
        );
        Error::authentication_failed(NAME, what)
    })
}

fn no_access(folder: &str) -> Error {
    Error::not_configured(
        NAME,
        format_args!(
            "the host gives no access to {folder}; preopen it, or set {} to a saved token",
            saved_token::VARIABLE
        ),
    )
}
