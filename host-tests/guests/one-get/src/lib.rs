//! The baseline of a first token: a provider that sends the single request that IMDS requires, and returns the body as the
//! token. It has no environment, validation, parser or cache.

use azure::identity::types::{AccessToken, CredentialError, ErrorKind, TokenRequest};
use exports::azure::identity::token_credential::Guest;
use wasi::http::outgoing_handler;
use wasi::http::types::{Fields, OutgoingRequest, Scheme};
use wasi::io::streams::StreamError;

wit_bindgen::generate!({
    inline: "
        package tests:one-get;
        world one-get { export azure:identity/token-credential@0.2.0; }
    ",
    path: "../../../wit/0.2",
    generate_all,
});
export!(OneGet);

struct OneGet;

impl Guest for OneGet {
    fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
        // The first scope is the address: authority and path, e.g. `localhost:1234/path`.
        let scope = request.scopes.first().ok_or_else(|| failed("no scope"))?;
        let (authority, path) = scope.split_once('/').ok_or_else(|| failed("no path"))?;
        Ok(AccessToken {
            token: get(authority, &format!("/{path}")).map_err(failed)?,
            token_type: "Bearer".to_owned(),
            expires_on: 0,
            refresh_on: None,
            source: "one-get".to_owned(),
            details: Vec::new(),
        })
    }
}

fn get(authority: &str, path: &str) -> Result<String, &'static str> {
    let headers = [("metadata".to_owned(), b"true".to_vec())];
    let request = OutgoingRequest::new(Fields::from_list(&headers).map_err(|_| "headers")?);
    request.set_scheme(Some(&Scheme::Http)).map_err(|()| "scheme")?;
    request.set_authority(Some(authority)).map_err(|()| "authority")?;
    request.set_path_with_query(Some(path)).map_err(|()| "path")?;
    let pending = outgoing_handler::handle(request, None).map_err(|_| "not sent")?;
    pending.subscribe().block();
    let response =
        pending.get().ok_or("no response")?.map_err(|()| "no response")?.map_err(|_| "no response")?;
    let body = response.consume().map_err(|()| "no body")?;
    let stream = body.stream().map_err(|()| "no body")?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(16 * 1024) {
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => break,
            Err(_) => return Err("the body is truncated"),
        }
    }
    String::from_utf8(bytes).map_err(|_| "the body is not UTF-8")
}

fn failed(reason: &str) -> CredentialError {
    let message = format!("one-get: {reason}");
    CredentialError {
        kind: ErrorKind::Transient,
        message,
        claims: None,
        response: None,
        attempts: vec![],
        details: vec![],
    }
}
