//! Throttling: a service that asked for a wait (`Retry-After`) gets no further request of the same kind before it is
//! over, from any credential of the instance. Callers get the earlier error.
//!
//! The rule is in [`azure_token_rules::throttling`]; here are the requests that it applies to.

use crate::call_context::CallContext;
use crate::error::Error;
use crate::prelude::*;
use azure_token_rules::throttling::{repeated, wait_of};
use sha2::{Digest, Sha256};

/// A request that no wait stands against.
pub struct Unthrottled<'a> {
    call: &'a CallContext<'a>,
    request: String,
}

impl<'a> Unthrottled<'a> {
    /// Checks that a request may be sent. `request` is what identifies its kind, as MSAL does: the URL, the client, the
    /// scopes and the user; neither claims nor what authenticates the client. It may be secret: its hash is remembered.
    ///
    /// # Errors
    /// The earlier error, as one of `source`, while the wait lasts.
    pub fn check(call: &'a CallContext<'a>, source: &str, request: String) -> Result<Self, Error> {
        let throttled = call.host.instance().throttled.borrow();
        // As a rule nothing is remembered, and a hash is a tenth of a token request's instructions.
        let found =
            if throttled.is_empty() { None } else { throttled.get(&hash(&request), call.host.elapsed()) };
        let Some((error, remaining)) = found else {
            return Ok(Self { call, request });
        };
        let mut error = Error::from(repeated(&**error, remaining));
        // Another source may have sent the same request.
        if let Some((_, what)) = error.message.split_once(": ") {
            error.message = format!("{source}: {what}");
        }
        Err(error)
    }

    /// Remembers the error of the request, if the response asks for a wait.
    pub fn note(&self, error: &Error) {
        if let Some(wait) = error.response.as_ref().and_then(wait_of) {
            let host = self.call.host;
            host.instance().throttled.borrow_mut().remember(
                hash(&self.request),
                error.clone(),
                wait,
                host.elapsed(),
            );
        }
    }
}

fn hash(request: &str) -> [u8; 32] {
    Sha256::digest(request.as_bytes()).into()
}
