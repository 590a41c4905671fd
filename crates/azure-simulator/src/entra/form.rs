//! The form that comes to the token endpoint.

use http::Method;

use super::error::EntraError;
use crate::call::{Call, duplicate};

/// The parameters of a request, each of which came once.
#[derive(Clone, Debug)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    /// Reads a request; one of another content type has no parameters, so that the first that is
    /// needed will be missing, which is what the real service says too.
    pub fn read(call: &Call) -> Result<Form, EntraError> {
        if call.method != Method::POST {
            return Err(EntraError::wrong_method(call.method.as_str()));
        }
        let pairs = call.form();
        // RFC 6749, section 3.2: "Request and response parameters MUST NOT be included more than once."
        match duplicate(&pairs) {
            Some(name) => Err(EntraError::duplicate_parameter(name)),
            None => Ok(Form { pairs }),
        }
    }

    /// A parameter; an empty one is a missing one (RFC 6749, section 3.2).
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.pairs.iter().find(|(it, _)| it == name)?;
        (!value.is_empty()).then_some(value)
    }

    /// A parameter that must be there.
    pub fn required(&self, name: &str) -> Result<&str, EntraError> {
        self.get(name).ok_or_else(|| EntraError::missing_parameter(name))
    }
}
