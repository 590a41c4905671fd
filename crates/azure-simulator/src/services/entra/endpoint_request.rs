//! A request to an endpoint of Microsoft Entra ID, and how it is refused.

use serde_json::json;

use super::error::EntraError;
use super::sessions::Sessions;
use crate::cloud::Cloud;
use crate::incoming_request::IncomingRequest;
use crate::reply::Reply;
use crate::state::State;
use crate::timestamp;

/// A request to one of the endpoints.
pub struct EndpointRequest<'a> {
    /// What all services share.
    pub state: &'a State,
    /// The grants that can be redeemed.
    pub sessions: &'a Sessions,
    /// The HTTP request.
    pub http: &'a IncomingRequest,
    /// The cloud of the host that received the request.
    pub cloud: Cloud,
    /// The first segment of the path: a tenant id, a domain name, `common`, …
    pub tenant: &'a str,
}

impl EndpointRequest<'_> {
    /// The error response ("OAuth 2.0 client credentials flow", section "Error response").
    pub fn error_reply(&self, error: &EntraError) -> Reply {
        let trace_id = self.state.new_id();
        let sent = self.http.header("client-request-id");
        let correlation_id = sent.map_or_else(|| self.state.new_id(), str::to_owned);
        let (code, timestamp) = (error.code, timestamp::entra(self.http.received_on));
        let ids = format!("Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}");
        let mut body = json!({
            "error": error.error,
            "error_description": format!("AADSTS{code}: {} {ids}", error.message),
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": format!("https://{}/error?code={code}", self.cloud.login_host()),
        });
        for (name, value) in [("suberror", error.suberror), ("claims", error.claims.as_deref())] {
            if let Some(value) = value {
                body[name] = value.into();
            }
        }
        let note = format!("{} AADSTS{code}: {}", error.error, error.message);
        Reply::json(error.status, &body, note).header("x-ms-request-id", &trace_id)
    }
}
