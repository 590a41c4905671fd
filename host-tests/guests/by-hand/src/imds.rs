//! A token of the instance metadata service, cached.

use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};
use wasi::http::outgoing_handler;
use wasi::http::types::{Fields, OutgoingRequest, Scheme};
use wasi::io::streams::StreamError;

#[derive(Deserialize)]
struct Response {
    access_token: String,
    expires_on: String,
}

static CACHE: Mutex<Option<HashMap<String, (String, u64)>>> = Mutex::new(None);

/// The token of a scope and when it ends, in seconds since the Unix epoch.
pub fn get_token(scope: &str) -> Result<(String, u64), String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?.as_secs();
    let mut cache = CACHE.lock().map_err(|error| error.to_string())?;
    let cache = cache.get_or_insert_default();
    if let Some((token, expires_on)) = cache.get(scope)
        && *expires_on > now + 300
    {
        return Ok((token.clone(), *expires_on));
    }
    let response: Response = serde_json::from_slice(&request(scope)?).map_err(|error| error.to_string())?;
    let expires_on = response.expires_on.parse().map_err(|_| "expires_on is not a number")?;
    cache.insert(scope.to_owned(), (response.access_token.clone(), expires_on));
    Ok((response.access_token, expires_on))
}

fn request(scope: &str) -> Result<Vec<u8>, String> {
    let host = std::env::var("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    let host = host.unwrap_or_else(|_| "http://169.254.169.254".to_owned());
    let resource = scope.trim_end_matches("/.default").replace(':', "%3A").replace('/', "%2F");
    let path = format!("/metadata/identity/oauth2/token?api-version=2018-02-01&resource={resource}");
    let headers = Fields::from_list(&[("Metadata".to_owned(), b"true".to_vec())]);
    let request = OutgoingRequest::new(headers.map_err(|error| error.to_string())?);
    request.set_scheme(Some(&Scheme::Http)).map_err(|()| "scheme")?;
    request.set_authority(Some(host.trim_start_matches("http://"))).map_err(|()| "authority")?;
    request.set_path_with_query(Some(&path)).map_err(|()| "path")?;
    let future = outgoing_handler::handle(request, None).map_err(|error| error.to_string())?;
    future.subscribe().block();
    let response = future.get().ok_or("no response")?.map_err(|()| "no response")?;
    let response = response.map_err(|error| error.to_string())?;
    let body = response.consume().map_err(|()| "no body")?;
    let stream = body.stream().map_err(|()| "no body")?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(16 * 1024) {
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => break,
            Err(error) => return Err(error.to_string()),
        }
    }
    if response.status() != 200 {
        return Err(format!("{}: {}", response.status(), String::from_utf8_lossy(&bytes)));
    }
    Ok(bytes)
}
