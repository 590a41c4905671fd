//! The `claims` parameter: what a caller can do, and what it was challenged for.
//!
//! After "Claims challenges, claims requests, and client capabilities".

use serde_json::Value;

use super::error::EntraError;
use crate::resources::same;
use crate::settings::Challenge;

/// What a request's `claims` parameter says.
#[derive(Clone, Debug, Default)]
pub struct RequestedClaims {
    value: Value,
}

impl RequestedClaims {
    /// Reads the parameter; none is no claims.
    pub fn read(parameter: Option<&str>) -> Result<RequestedClaims, EntraError> {
        let Some(text) = parameter else { return Ok(RequestedClaims::default()) };
        match serde_json::from_str(text) {
            Ok(value @ Value::Object(_)) => Ok(RequestedClaims { value }),
            _ => Err(EntraError::malformed_request()),
        }
    }

    /// Whether the caller can answer a claims challenge: `{"access_token":{"xms_cc":{"values":["cp1"]}}}`.
    pub fn cp1(&self) -> bool {
        let values = self.value.pointer("/access_token/xms_cc/values").and_then(Value::as_array);
        let is_cp1 = |it: &Value| it.as_str().is_some_and(|it| it.eq_ignore_ascii_case("cp1"));
        values.is_some_and(|values| values.iter().any(is_cp1))
    }

    /// Fails if `resource` is challenged for claims that the request does not bring.
    ///
    /// Bringing them stands for having satisfied them: no simulation can tap on a user's phone.
    pub fn satisfy(&self, challenges: &[Challenge], resource: &str) -> Result<(), EntraError> {
        let unsatisfied = challenges.iter().find(|challenge| {
            let wanted = serde_json::from_str(&challenge.claims).unwrap_or(Value::Null);
            same(&challenge.resource, resource) && !contains(&self.value, &wanted)
        });
        match unsatisfied {
            Some(challenge) => Err(EntraError::interaction_required(resource, &challenge.claims)),
            None => Ok(()),
        }
    }
}

/// Whether everything of `wanted` stands in `given`, which may hold more (a merged `xms_cc`, for one).
fn contains(given: &Value, wanted: &Value) -> bool {
    match (given, wanted) {
        (Value::Object(given), Value::Object(wanted)) => {
            wanted.iter().all(|(name, value)| given.get(name).is_some_and(|it| contains(it, value)))
        }
        (given, wanted) => given == wanted,
    }
}
