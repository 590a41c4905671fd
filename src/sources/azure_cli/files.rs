//! The folder of the Azure CLI and the files in it.

use super::options::NAME;
use super::saved_token;
use crate::call_context::CallContext;
use crate::error::Error;
use crate::host::{self, FileError, MAX_FILE, path};
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
        return Ok(folder);
    }
    let home = host::home(call.host).ok_or_else(|| {
        Error::not_configured(
            NAME,
            "none of AZURE_CONFIG_DIR, HOME and USERPROFILE is set; set one of them to use a login of the Azure CLI",
        )
    })?;
    Ok(path::join(&home, ".azure"))
}

/// Reads a text file; `None`: it does not exist.
///
/// # Errors
/// `not-configured` when the host gives no access to the folder, `other` when the file cannot be read.
#[maybe_async]
pub async fn read(call: &CallContext<'_>, folder: &str, name: &str) -> Result<Option<String>, Error> {
    Ok(read_bytes(call, folder, name).await?.map(|bytes| String::from_utf8_lossy(&bytes.0).into_owned()))
}

/// Reads a JSON file; `None`: it does not exist, or is empty, as the CLI leaves it when it is stopped. `remedy`
/// is what to do if it is damaged.
///
/// # Errors
/// `not-configured` when the host gives no access to the folder, `other` when the file cannot be read or parsed.
#[maybe_async]
pub async fn read_json(
    call: &CallContext<'_>,
    folder: &str,
    name: &str,
    remedy: &str,
) -> Result<Option<Json>, Error> {
    let Some(bytes) = read_bytes(call, folder, name).await?.filter(|bytes| !Json::is_blank(&bytes.0)) else {
        return Ok(None);
    };
    Json::parse(&bytes.0)
        .map(Some)
        .ok_or_else(|| Error::other(NAME, format_args!("{} is not JSON; {remedy}", path::join(folder, name))))
}

#[maybe_async]
async fn read_bytes(call: &CallContext<'_>, folder: &str, name: &str) -> Result<Option<Body>, Error> {
    let path = path::join(folder, name);
    match call.host.read_file(&path, MAX_FILE).await {
        Ok(bytes) => Ok(Some(Body(bytes))),
        Err(FileError::NoFolder) => Err(no_access(folder)),
        Err(FileError::Missing) => Ok(None),
        Err(error) => Err(Error::other(NAME, format_args!("{path} {error}"))),
    }
}

/// Reads the token cache.
///
/// # Errors
/// `authentication-failed` when it is encrypted or does not exist; else as [`read_json`].
#[maybe_async]
pub async fn token_cache(call: &CallContext<'_>, folder: &str) -> Result<MsalCache, Error> {
    if let Some(json) = read_json(call, folder, "msal_token_cache.json", REMOVE).await? {
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
    let bytes = call.host.read_file(&path::join(folder, name), MAX_FILE).await;
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
            "the component sees no {folder}; run az login if it does not exist, else let the host give access to it, or set {} to a saved token",
            saved_token::VARIABLE
        ),
    )
}

/// The remedy for a damaged profile, which the CLI replaces.
pub const LOGIN: &str = "run: az login";
/// The remedy for a damaged file of tokens or secrets. The CLI reads it before it writes it, so that a login fails
/// as well (azure-cli-core 2.91, `PersistedTokenCache`, `SecretStore`).
pub const REMOVE: &str = "az login fails with it as well: move the file away, then run: az login";
