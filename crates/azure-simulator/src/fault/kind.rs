//! What each kind of fault does.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::HeaderValue;

use crate::network::{Fault, Outcome};
use crate::reply::{Reply, response, set_header};
use crate::settings::FaultKind;

/// The outcome of a kind that does not depend on the service's response; `None`: the kind mutates that response.
pub fn fixed_outcome(kind: FaultKind) -> Option<Outcome> {
    let fault = match kind {
        FaultKind::ConnectTimeout => Fault::ConnectTimeout,
        FaultKind::Denied => Fault::Denied,
        FaultKind::DnsError => Fault::DnsError,
        FaultKind::Hang => Fault::HangBeforeResponse,
        FaultKind::Refused => Fault::Refused,
        FaultKind::Reset => Fault::ResetBeforeResponse,
        FaultKind::TlsError => Fault::TlsError,
        FaultKind::Unroutable => Fault::Unroutable,
        FaultKind::Empty => return Some(document("application/json", "")),
        FaultKind::Html => return Some(document("text/html", WEB_PAGE)),
        FaultKind::NotJson => return Some(document("text/plain", "no token today")),
        FaultKind::Redirect => {
            let mut response = response(302, WEB_PAGE);
            set_header(&mut response, "location", "https://elsewhere.example/");
            return Some(Outcome::Response(response));
        }
        FaultKind::Drip
        | FaultKind::DuplicateHeaders
        | FaultKind::HangMidBody
        | FaultKind::InvalidUtf8
        | FaultKind::Oversized
        | FaultKind::Truncated
        | FaultKind::WrongContentType => return None,
    };
    Some(Outcome::Fault(fault))
}

/// A change of a response on its way to the client.
#[derive(Debug)]
pub struct Mutation {
    /// The kind of the fault.
    pub kind: FaultKind,
    /// The number of bytes that arrive of the body, or with each piece.
    pub bytes: usize,
    /// The pause between two pieces.
    pub every: Duration,
}

impl Mutation {
    /// Changes the response of `reply`; a reply without one is not changed.
    pub fn apply_to(self, reply: Reply) -> Reply {
        let note = format!("{} ({:?})", reply.note, self.kind);
        let outcome = match reply.outcome {
            Outcome::Response(response) => self.apply(response),
            fault => fault,
        };
        Reply { outcome, note, expected: reply.expected }
    }

    /// Changes a response.
    pub fn apply(self, mut response: Response<Bytes>) -> Outcome {
        match self.kind {
            FaultKind::Truncated => Outcome::Fault(Fault::Truncated { response, after: self.bytes }),
            FaultKind::HangMidBody => Outcome::Fault(Fault::HangMidBody { response, after: self.bytes }),
            FaultKind::Drip => {
                Outcome::Fault(Fault::Drip { response, chunk: self.bytes.max(1), every: self.every })
            }
            FaultKind::DuplicateHeaders => {
                for (name, _) in response.headers().clone() {
                    // The iterator yields no name for the second value of a header.
                    name.map(|name| response.headers_mut().append(name, HeaderValue::from_static("x/y")));
                }
                Outcome::Response(response)
            }
            FaultKind::InvalidUtf8 => Outcome::Response(response.map(|body| {
                let middle = body.len() / 2;
                [&body[..middle], b"\xC3\x28\xFF", &body[middle..]].concat().into()
            })),
            FaultKind::Oversized => {
                Outcome::Response(response.map(|body| [&body[..], &[b' '; 1 << 20]].concat().into()))
            }
            FaultKind::WrongContentType => {
                set_header(&mut response, "content-type", "image/png");
                Outcome::Response(response)
            }
            // A kind with a fixed outcome mutates nothing.
            _ => Outcome::Response(response),
        }
    }
}

fn document(content_type: &str, body: &'static str) -> Outcome {
    let mut response = response(200, body);
    set_header(&mut response, "content-type", content_type);
    Outcome::Response(response)
}

const WEB_PAGE: &str = "<!DOCTYPE html><html><body><h1>Sign in to the network</h1></body></html>";
