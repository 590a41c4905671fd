//! The `claims` parameter: the capabilities of the client, and the claims of a challenge.
//!
//! After "Claims challenges, claims requests, and client capabilities".

use serde_json::Value;

use super::error::EntraError;
use crate::resources::same;
use crate::settings::Challenge;

/// The parsed parameter.
#[derive(Clone, Debug, Default)]
pub struct RequestedClaims {
    value: Value,
}

impl RequestedClaims {
    /// Parses the parameter; `None` requests no claims.
    pub fn parse(parameter: Option<&str>) -> Result<RequestedClaims, EntraError> {
        let Some(text) = parameter else { return Ok(RequestedClaims::default()) };
        match serde_json::from_str(text) {
            Ok(value @ Value::Object(_)) => Ok(RequestedClaims { value }),
            _ => Err(EntraError::malformed_request()),
        }
    }

    /// Whether the client supports claims challenges: `{"access_token":{"xms_cc":{"values":["cp1"]}}}`.
    pub fn cp1(&self) -> bool {
        let values = self.value.pointer("/access_token/xms_cc/values").and_then(Value::as_array);
        let is_cp1 = |it: &Value| it.as_str().is_some_and(|it| it.eq_ignore_ascii_case("cp1"));
        values.is_some_and(|values| values.iter().any(is_cp1))
    }

    /// Fails if a challenge for `resource` requires claims that the request does not contain.
    ///
    /// Requesting the claims counts as satisfying them: there is no second factor in the simulation.
    pub fn satisfy(&self, challenges: &[Challenge], resource: &str) -> Result<(), EntraError> {
        let unsatisfied = challenges.iter().find(|challenge| {
            let required = serde_json::from_str(&challenge.claims).unwrap_or(Value::Null);
            same(&challenge.resource, resource) && !contains(&self.value, &required)
        });
        match unsatisfied {
            Some(challenge) => Err(EntraError::interaction_required(resource, &challenge.claims)),
            None => Ok(()),
        }
    }
}

/// Whether every member of `required` is in `given`, which may have others (e.g. `xms_cc`).
fn contains(given: &Value, required: &Value) -> bool {
    match (given, required) {
        (Value::Object(given), Value::Object(required)) => {
            required.iter().all(|(name, value)| given.get(name).is_some_and(|it| contains(it, value)))
        }
        (given, required) => given == required,
    }
}
