//! What an error says about the response of the service: its status, its error codes and its ids.

use crate::call_context::CallContext;
use crate::error::repeats_secret;
use crate::http::Response;
use crate::prelude::*;
use crate::retry;
use crate::token::Secret;
use crate::token_response::ServiceError;
pub use azure_token_rules::error::ServiceResponse;
use azure_token_rules::retry::whole_seconds;

/// The facts about a response. `reported` is its error, parsed.
///
/// A service may write anything, also one of the `secrets` of the request. A code or id is kept only if it has
/// the characters of one and repeats no secret.
pub fn service_response(
    response: &Response,
    reported: &ServiceError,
    call: &CallContext<'_>,
    secrets: &[&Secret],
) -> ServiceResponse {
    let identifier =
        |text: &str| (is_identifier(text) && !repeats_secret(text, secrets)).then(|| text.to_owned());
    // Microsoft Entra repeats the trace id in this header, and IMDS has no other id.
    let trace_id = reported.trace_id.as_deref().or_else(|| response.header("x-ms-request-id"));
    let wait = retry::retry_after(response, call.host.now());
    ServiceResponse {
        status: response.status,
        error: identifier(&reported.error),
        suberror: reported.suberror.as_deref().and_then(identifier),
        error_codes: reported.error_codes.clone(),
        correlation_id: reported.correlation_id.as_deref().and_then(identifier),
        trace_id: trace_id.and_then(identifier),
        retry_after: wait.map(whole_seconds),
    }
}

/// Whether a text has the form of a code or an id: `invalid_grant`, `DefaultIdentityNotDefined`, a UUID.
fn is_identifier(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    (1..=MAX_IDENTIFIER).contains(&text.len()) && text.bytes().all(allowed)
}

const MAX_IDENTIFIER: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::FakeHost;
    use crate::http::Body;

    const ID: &str = "b72bb6a0-5eef-4d5e-a4a4-4b1b1b8a5d00";

    fn parsed(body: &str, headers: &[(&str, &str)]) -> ServiceResponse {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = Response { status: 400, headers, body: Body(body.as_bytes().to_vec()) };
        let reported = ServiceError::parse(&response).unwrap_or_default();
        service_response(
            &response,
            &reported,
            &CallContext::new(&FakeHost::new()),
            &[&Secret::from("s3cr3t")],
        )
    }

    #[test]
    fn every_fact_of_a_response_is_kept() {
        let body = format!(
            r#"{{"error":"invalid_grant","suberror":"consent_required","error_description":"AADSTS65001: no.",
            "error_codes":[65001],"correlation_id":"{ID}","trace_id":"{ID}"}}"#
        );
        assert_eq!(
            parsed(&body, &[("retry-after", "7"), ("x-ms-request-id", "another")]),
            ServiceResponse {
                status: 400,
                error: Some("invalid_grant".to_owned()),
                suberror: Some("consent_required".to_owned()),
                error_codes: vec![65001],
                correlation_id: Some(ID.to_owned()),
                trace_id: Some(ID.to_owned()),
                retry_after: Some(7),
            }
        );
    }

    #[test]
    fn the_header_has_the_trace_id_of_a_body_without_one() {
        let expected = ServiceResponse { status: 400, trace_id: Some(ID.to_owned()), ..Default::default() };
        assert_eq!(parsed("", &[("x-ms-request-id", ID)]), expected);
    }

    #[test]
    fn a_text_that_is_no_identifier_or_repeats_a_secret_is_left_out() {
        let nothing = ServiceResponse { status: 400, ..Default::default() };
        for text in ["", "a b", "s3cr3t", "x-s3cr3t.y", "x[31m", &"x".repeat(65)] {
            let body = format!(
                r#"{{"error":"{text}","suberror":"{text}","correlation_id":"{text}","trace_id":"{text}"}}"#
            );
            assert_eq!(parsed(&body, &[]), nothing, "{text}");
        }
    }
}
