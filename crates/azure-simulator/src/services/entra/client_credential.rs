//! The credential in a request of a confidential client.

use super::endpoint_request::EndpointRequest;
use super::error::EntraError;
use super::form::Form;

/// A client secret or an assertion.
pub struct ClientCredential<'a> {
    /// The value of `client_secret` or `client_assertion`.
    pub value: &'a str,
    /// The other fields of the request.
    pub form: &'a Form,
    /// The request.
    pub request: &'a EndpointRequest<'a>,
}

impl ClientCredential<'_> {
    /// Fails with `error` if `client_assertion_type` is not that of a JWT (RFC 7523, section 2.2).
    pub fn require_jwt_bearer(&self, error: impl FnOnce() -> EntraError) -> Result<(), EntraError> {
        match self.form.required("client_assertion_type")? {
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" => Ok(()),
            _ => Err(error()),
        }
    }
}
