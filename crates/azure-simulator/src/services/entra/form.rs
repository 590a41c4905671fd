//! The form of a POST request.

use http::Method;

use super::error::EntraError;
use crate::incoming_request::{IncomingRequest, duplicate_name};

/// The fields of a form, each of which occurs once.
#[derive(Clone, Debug)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    /// Parses the body of a request. A body of another content type has no fields, so that the error, as that of the real
    /// service, is about the first missing one.
    pub fn parse(request: &IncomingRequest) -> Result<Form, EntraError> {
        if request.method != Method::POST {
            return Err(EntraError::wrong_method(request.method.as_str()));
        }
        let pairs = request.form();
        // RFC 6749, section 3.2: "Request and response parameters MUST NOT be included more than once."
        match duplicate_name(&pairs) {
            Some(name) => Err(EntraError::duplicate_parameter(name)),
            None => Ok(Form { pairs }),
        }
    }

    /// A field; an empty one counts as omitted (RFC 6749, section 3.2).
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.pairs.iter().find(|(it, _)| it == name)?;
        (!value.is_empty()).then_some(value)
    }

    /// A required field.
    pub fn required(&self, name: &str) -> Result<&str, EntraError> {
        self.get(name).ok_or_else(|| EntraError::missing_parameter(name))
    }
}
