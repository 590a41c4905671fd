//! What a fake answers, and what the journal says about it.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::Value;

use super::call::Call;
use crate::network::{Answer, Fault};

/// An answer and a few words about it.
#[derive(Debug)]
pub struct Reply {
    /// What goes back to the caller.
    pub answer: Answer,
    /// What the journal says, e.g. `token for https://vault.azure.net`; never secret.
    pub note: String,
    /// Whether it is a request that a test should tolerate, be it refused or not.
    pub expected: bool,
}

impl Reply {
    /// Any answer.
    pub fn new(answer: Answer, note: impl Into<String>) -> Reply {
        Reply { answer, note: note.into(), expected: true }
    }

    /// A JSON document.
    pub fn json(status: u16, body: &Value, note: impl Into<String>) -> Reply {
        Reply::text(status, "application/json; charset=utf-8", body.to_string(), note)
    }

    /// Any document.
    pub fn text(status: u16, content_type: &str, body: impl Into<Bytes>, note: impl Into<String>) -> Reply {
        let mut response = response(status, body);
        if let Ok(value) = HeaderValue::from_str(content_type) {
            response.headers_mut().insert(CONTENT_TYPE, value);
        }
        Reply::new(Answer::Response(response), note)
    }

    /// No answer: the network or the host fails.
    pub fn fault(fault: Fault, note: impl Into<String>) -> Reply {
        Reply::new(Answer::Fault(fault), note)
    }

    /// The answer to a request for something that is not simulated.
    pub fn nobody_expects(call: &Call) -> Reply {
        let body = format!("the simulated Azure expects no {} {}\n", call.method, without_query(call));
        Reply::text(501, "text/plain; charset=utf-8", body, "nobody expects this").unexpected()
    }

    /// The same reply with one more header; ignored when it is no header or there is no response.
    pub fn header(mut self, name: &str, value: &str) -> Reply {
        if let Answer::Response(response) = &mut self.answer {
            add_header(response, name, value);
        }
        self
    }

    /// The same reply to a request that a test should fail on.
    pub fn unexpected(mut self) -> Reply {
        self.expected = false;
        self
    }

    /// The status of the response, if it is one.
    pub fn status(&self) -> Option<StatusCode> {
        match &self.answer {
            Answer::Response(response) => Some(response.status()),
            Answer::Fault(_) => None,
        }
    }
}

/// A response without headers.
pub fn response(status: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

/// Sets a header; does nothing when name or value cannot be one.
pub fn add_header(response: &mut Response<Bytes>, name: &str, value: &str) {
    let name = HeaderName::try_from(name);
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
        response.headers_mut().insert(name, value);
    }
}

fn without_query(call: &Call) -> String {
    let address = call.uri.to_string();
    address.split('?').next().unwrap_or_default().to_owned()
}
