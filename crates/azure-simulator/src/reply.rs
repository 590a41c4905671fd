//! What a service returns for a request.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::Value;

use crate::incoming_request::{IncomingRequest, origin};
use crate::network::{Fault, Outcome};

/// An outcome, and the journal's description of it.
#[derive(Debug)]
pub struct Reply {
    /// What happens to the request.
    pub outcome: Outcome,
    /// The journal's description, e.g. `token for https://vault.azure.net`; never a secret.
    pub note: String,
    /// Whether the request is one that a client may send; a test should fail on one that is not.
    pub expected: bool,
}

impl Reply {
    /// Any outcome of an expected request.
    pub fn new(outcome: Outcome, note: impl Into<String>) -> Reply {
        Reply { outcome, note: note.into(), expected: true }
    }

    /// A response with a JSON document.
    pub fn json(status: u16, body: &Value, note: impl Into<String>) -> Reply {
        Reply::text(status, "application/json; charset=utf-8", body.to_string(), note)
    }

    /// A response with any body.
    pub fn text(status: u16, content_type: &str, body: impl Into<Bytes>, note: impl Into<String>) -> Reply {
        let mut response = response(status, body);
        if let Ok(value) = HeaderValue::from_str(content_type) {
            response.headers_mut().insert(CONTENT_TYPE, value);
        }
        Reply::new(Outcome::Response(response), note)
    }

    /// A failure of the network.
    pub fn fault(fault: Fault, note: impl Into<String>) -> Reply {
        Reply::new(Outcome::Fault(fault), note)
    }

    /// The response to a request that no service expects.
    pub fn not_simulated(request: &IncomingRequest) -> Reply {
        let target = format!("{}{}", origin(&request.uri), request.path());
        let body = format!("the simulated Azure expects no {} {target}\n", request.method);
        Reply::text(501, "text/plain; charset=utf-8", body, "not simulated").unexpected()
    }

    /// The same reply with one more header; unchanged if name or value cannot be a header, or there is no response.
    pub fn header(mut self, name: &str, value: &str) -> Reply {
        if let Outcome::Response(response) = &mut self.outcome {
            set_header(response, name, value);
        }
        self
    }

    /// The same reply to a request that no client may send.
    pub fn unexpected(mut self) -> Reply {
        self.expected = false;
        self
    }

    /// The status of a whole response.
    pub fn status(&self) -> Option<StatusCode> {
        match &self.outcome {
            Outcome::Response(response) => Some(response.status()),
            Outcome::Fault(_) => None,
        }
    }
}

/// A response without headers.
pub fn response(status: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// Sets a header; does nothing if name or value cannot be a header.
pub fn set_header(response: &mut Response<Bytes>, name: &str, value: &str) {
    let name = HeaderName::try_from(name);
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
        response.headers_mut().insert(name, value);
    }
}
