//! The types of both sets of bindings, converted into and from those of this crate.

use crate::bindings;
use crate::error::{Attempt, CredentialError, ErrorKind, ServiceResponse};
use crate::request::TokenRequest;
use crate::token::AccessToken;

/// The conversions for the interface `types` of one generation; the records of both have the same fields.
macro_rules! conversions {
    ($types:path) => {
        const _: () = {
            use $types as wit;

            impl From<TokenRequest> for wit::TokenRequest {
                fn from(request: TokenRequest) -> Self {
                    let TokenRequest { scopes, tenant_id, claims, enable_cae, options } = request;
                    Self { scopes, tenant_id, claims, enable_cae, options }
                }
            }

            impl TryFrom<wit::AccessToken> for AccessToken {
                type Error = CredentialError;

                fn try_from(token: wit::AccessToken) -> Result<Self, CredentialError> {
                    let wit::AccessToken { token, token_type, expires_on, refresh_on, source, details } =
                        token;
                    let mut token = AccessToken::new(token, expires_on)?;
                    // RFC 6749, section 7.1: a client must not use a token of a type that it does not know.
                    if !token_type.eq_ignore_ascii_case("Bearer") {
                        let message =
                            "the provider's token is no bearer token, and this crate presents no other";
                        return Err(CredentialError::new(ErrorKind::Other, message));
                    }
                    (token.refresh_on, token.source, token.details) = (refresh_on, source, details);
                    Ok(token)
                }
            }

            impl From<wit::CredentialError> for CredentialError {
                fn from(error: wit::CredentialError) -> Self {
                    let wit::CredentialError { kind, message, claims, response, attempts, details } = error;
                    let attempts = attempts.into_iter().map(Attempt::from).collect();
                    let response = response.map(ServiceResponse::from);
                    Self { kind: kind.into(), message, claims, response, attempts, details }
                }
            }

            impl From<wit::ServiceResponse> for ServiceResponse {
                fn from(response: wit::ServiceResponse) -> Self {
                    Self {
                        status: response.status,
                        error: response.error,
                        suberror: response.suberror,
                        error_codes: response.error_codes,
                        correlation_id: response.correlation_id,
                        trace_id: response.trace_id,
                        retry_after: response.retry_after,
                    }
                }
            }

            impl From<wit::Attempt> for Attempt {
                fn from(attempt: wit::Attempt) -> Self {
                    let wit::Attempt { source, kind, message, response } = attempt;
                    Self { source, kind: kind.into(), message, response: response.map(ServiceResponse::from) }
                }
            }

            impl From<wit::ErrorKind> for ErrorKind {
                fn from(kind: wit::ErrorKind) -> Self {
                    match kind {
                        wit::ErrorKind::AuthenticationFailed => Self::AuthenticationFailed,
                        wit::ErrorKind::InvalidArgument => Self::InvalidArgument,
                        wit::ErrorKind::NotConfigured => Self::NotConfigured,
                        wit::ErrorKind::Other => Self::Other,
                        wit::ErrorKind::Transient => Self::Transient,
                    }
                }
            }
        };
    };
}

conversions!(bindings::wasi_0_2::azure::identity::types);
#[cfg(feature = "wasi-0-3")]
conversions!(bindings::wasi_0_3::azure::identity::types);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::wasi_0_2::azure::identity::types as wit;

    fn token(token: &str, token_type: &str) -> wit::AccessToken {
        wit::AccessToken {
            token: token.to_owned(),
            token_type: token_type.to_owned(),
            expires_on: 8,
            refresh_on: Some(7),
            source: "environment".to_owned(),
            details: vec![("tenant-id".to_owned(), "contoso.com".to_owned())],
        }
    }

    #[test]
    fn a_request_has_all_that_the_app_asks_for() {
        let request = TokenRequest::from(["scope"]).tenant_id("contoso.com").claims("{}");
        let request = wit::TokenRequest::from(request.enable_cae().include_details());
        assert_eq!((request.scopes, request.enable_cae), (vec!["scope".to_owned()], true));
        assert_eq!(
            (request.tenant_id, request.claims),
            (Some("contoso.com".to_owned()), Some("{}".to_owned()))
        );
        assert_eq!(request.options, [("include-details".to_owned(), "true".to_owned())]);
        let plain = wit::TokenRequest::from(TokenRequest::new(["scope"]));
        assert_eq!((plain.tenant_id, plain.claims, plain.enable_cae), (None, None, false));
        assert_eq!(plain.options, []);
    }

    #[test]
    fn a_bearer_token_keeps_its_properties() {
        let token = AccessToken::try_from(token("secret", "bearer")).expect("the token is valid");
        assert_eq!((token.secret(), token.expires_on, token.refresh_on), ("secret", 8, Some(7)));
        assert_eq!((token.source.as_str(), token.detail("tenant-id")), ("environment", Some("contoso.com")));
        assert_eq!(token.detail("object-id"), None);
    }

    #[test]
    fn a_token_that_is_not_a_bearer_token_is_an_error_without_the_token() {
        let error = AccessToken::try_from(token("secret", "pop")).expect_err("the type is refused");
        let message = "the provider's token is no bearer token, and this crate presents no other";
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Other, message));
    }

    #[test]
    fn an_error_keeps_all_that_the_provider_says() {
        let response = wit::ServiceResponse {
            status: 401,
            error: Some("invalid_client".to_owned()),
            suberror: Some("consent_required".to_owned()),
            error_codes: vec![7_000_215],
            correlation_id: Some("c".to_owned()),
            trace_id: Some("t".to_owned()),
            retry_after: Some(3),
        };
        let attempt = wit::Attempt {
            source: "environment".to_owned(),
            kind: wit::ErrorKind::NotConfigured,
            message: "not configured".to_owned(),
            response: Some(response.clone()),
        };
        let error = CredentialError::from(wit::CredentialError {
            kind: wit::ErrorKind::AuthenticationFailed,
            message: "wrong secret".to_owned(),
            claims: Some("{}".to_owned()),
            response: Some(response),
            attempts: vec![attempt],
            details: vec![("client-request-id".to_owned(), "r".to_owned())],
        });
        let response = ServiceResponse {
            status: 401,
            error: Some("invalid_client".to_owned()),
            suberror: Some("consent_required".to_owned()),
            error_codes: vec![7_000_215],
            correlation_id: Some("c".to_owned()),
            trace_id: Some("t".to_owned()),
            retry_after: Some(3),
        };
        let attempt = Attempt {
            source: "environment".to_owned(),
            kind: ErrorKind::NotConfigured,
            message: "not configured".to_owned(),
            response: Some(response.clone()),
        };
        assert_eq!(
            error,
            CredentialError {
                kind: ErrorKind::AuthenticationFailed,
                message: "wrong secret".to_owned(),
                claims: Some("{}".to_owned()),
                response: Some(response),
                attempts: vec![attempt],
                details: vec![("client-request-id".to_owned(), "r".to_owned())],
            }
        );
    }
}
