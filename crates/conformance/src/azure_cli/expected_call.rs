//! The calls that the case of a scenario makes: `calls.json` in the scenario's folder, or, when there is no such file, the
//! calls that the recording itself shows:
//!
//! 1. A scenario with an output `result` called the CLI once: the first token request of the recording, if there is one,
//!    belongs to that call.
//! 2. Each output `get_access_token…` is a token that the files of the scenario have.
//! 3. A scenario with a `token` is a shared token cache that has this token.
//! 4. Of any other scenario, the recording is a login: for each subscription in `login_result`, the files have the token that
//!    was issued last for its tenant. A managed identity repeats its request, because its login leaves no token in the files.

use super::wire::{Exchange, Wire};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// A call and its expected outcome.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ExpectedCall {
    /// The scope.
    pub scope: String,
    /// The subscription, by name or id; `None`: the default one.
    #[serde(default)]
    pub subscription: Option<String>,
    /// The index of the recorded request that belongs to it; `None`: the files have the token.
    #[serde(default)]
    pub request: Option<usize>,
    /// The outcome.
    pub expect: Expected,
}

/// Where the recording has the outcome.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// In the output of the CLI with that name.
    Output(String),
    /// It is the access token with that text, which one of the recorded responses has.
    Token(String),
    /// In the response to the recorded request.
    Response,
    /// The call fails.
    Error,
}

/// The calls of a scenario.
///
/// # Errors
/// When `calls.json` is malformed, or missing while the recording shows no call for a token.
pub fn read(scenario: &Path, wire: &Wire) -> Result<Vec<ExpectedCall>> {
    let file = scenario.join("calls.json");
    let calls = if file.is_file() {
        serde_json::from_slice(&std::fs::read(file)?).context("calls.json is malformed")?
    } else {
        recorded(wire)
    };
    ensure!(!calls.is_empty(), "wire.json shows no call for a token; add calls.json");
    Ok(calls)
}

fn recorded(wire: &Wire) -> Vec<ExpectedCall> {
    if let Some(result) = wire.output("result") {
        return vec![of_call(wire, result)];
    }
    let outputs = wire.outputs.iter().filter(|(name, _)| name.starts_with("get_access_token"));
    let outputs: Vec<_> = outputs.map(|(name, output)| of_output(wire, name, output)).collect();
    if !outputs.is_empty() {
        return outputs;
    }
    if let Some(token) = wire.output("token").and_then(Value::as_str) {
        return vec![of_files(scope_of(wire.issued(token)), Expected::Token(token.to_owned()))];
    }
    let subscriptions = wire.output("login_result").and_then(Value::as_array).into_iter().flatten();
    subscriptions.filter_map(|subscription| of_login(wire, subscription)).collect()
}

/// The only call of a scenario.
fn of_call(wire: &Wire, result: &Value) -> ExpectedCall {
    let request = wire.requests.iter().position(Exchange::is_token_request);
    let has_token = result.get("accessToken").is_some();
    let expect = if has_token { Expected::Output("result".to_owned()) } else { Expected::Error };
    let scope = scope_of(request.and_then(|index| wire.requests.get(index)));
    ExpectedCall { request, ..of_files(scope, expect) }
}

/// A token that the CLI printed.
fn of_output(wire: &Wire, name: &str, output: &Value) -> ExpectedCall {
    let token = output.get("accessToken").and_then(Value::as_str);
    let exchange = token.and_then(|token| wire.issued(token));
    of_files(scope_of(exchange), Expected::Output(name.to_owned()))
}

/// The token of a subscription after the login.
fn of_login(wire: &Wire, subscription: &Value) -> Option<ExpectedCall> {
    if subscription.pointer("/user/assignedIdentityInfo").is_some() {
        let request = wire.requests.iter().position(Exchange::is_token_request)?;
        let scope = scope_of(wire.requests.get(request));
        return Some(ExpectedCall { request: Some(request), ..of_files(scope, Expected::Response) });
    }
    let tenant = format!("/{}/", subscription.get("tenantId")?.as_str()?);
    let mut issued = wire.requests.iter().rev().filter(|exchange| exchange.path.starts_with(&tenant));
    let (exchange, token) = issued.find_map(|exchange| Some((exchange, exchange.token()?)))?;
    let is_default = subscription.get("isDefault").and_then(Value::as_bool) == Some(true);
    let name = subscription.get("name").and_then(Value::as_str).map(ToOwned::to_owned);
    Some(ExpectedCall {
        subscription: name.filter(|_| !is_default),
        ..of_files(scope_of(Some(exchange)), Expected::Token(token))
    })
}

fn of_files(scope: String, expect: Expected) -> ExpectedCall {
    ExpectedCall { scope, subscription: None, request: None, expect }
}

/// The scope of an exchange; without one, that of Azure Resource Manager, which `az account get-access-token` requests.
fn scope_of(exchange: Option<&Exchange>) -> String {
    exchange.and_then(Exchange::scope).unwrap_or_else(|| ARM.to_owned())
}

const ARM: &str = "https://management.core.windows.net//.default";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wire(value: Value) -> Wire {
        serde_json::from_value(value).expect("the traffic is well-formed")
    }

    fn token_request(path: &str, scope: &str, token: &str) -> Value {
        json!({
            "method": "POST", "url": format!("https://login.microsoftonline.com{path}"), "path": path, "headers": {}, "at": 0.0,
            "form": [["scope", format!("{scope} offline_access openid profile")]],
            "response": {"status": 200, "body": json!({"access_token": token}).to_string()},
        })
    }

    #[test]
    fn a_call_of_the_cli_is_repeated_with_its_request() {
        let storage = "https://storage.azure.com/.default";
        let wire = wire(json!({
            "requests": [token_request("/t/oauth2/v2.0/token", storage, "AT.1")],
            "result": {"accessToken": "AT.1"},
        }));
        let expected = ExpectedCall {
            scope: storage.to_owned(),
            subscription: None,
            request: Some(0),
            expect: Expected::Output("result".to_owned()),
        };
        assert_eq!(recorded(&wire), [expected]);
    }

    #[test]
    fn a_call_that_failed_without_a_request_is_expected_to_fail() {
        let wire = wire(json!({"result": {"error": "AuthenticationError"}}));
        assert_eq!(recorded(&wire), [of_files(ARM.to_owned(), Expected::Error)]);
    }

    #[test]
    fn each_subscription_of_a_login_has_the_last_token_of_its_tenant() {
        let wire = wire(json!({
            "requests": [
                token_request("/organizations/oauth2/v2.0/token", ARM, "AT.1"),
                token_request("/first/oauth2/v2.0/token", ARM, "AT.2"),
                token_request("/second/oauth2/v2.0/token", ARM, "AT.3"),
                token_request("/second/oauth2/v2.0/token", ARM, "AT.4"),
            ],
            "login_result": [
                {"name": "One", "tenantId": "first", "isDefault": true},
                {"name": "Two", "tenantId": "second", "isDefault": false},
            ],
        }));
        let of_token = |token: &str| of_files(ARM.to_owned(), Expected::Token(token.to_owned()));
        let of_second = ExpectedCall { subscription: Some("Two".to_owned()), ..of_token("AT.4") };
        assert_eq!(recorded(&wire), [of_token("AT.2"), of_second]);
    }

    #[test]
    fn calls_are_written_as_json() {
        let text = r#"[{"scope": "s/.default", "subscription": "Two", "request": 1, "expect": {"token": "AT.9"}},
                       {"scope": "s/.default", "expect": "error"}]"#;
        let calls: Vec<ExpectedCall> = serde_json::from_str(text).expect("well-formed");
        let expected = ExpectedCall {
            subscription: Some("Two".to_owned()),
            request: Some(1),
            ..of_files("s/.default".to_owned(), Expected::Token("AT.9".to_owned()))
        };
        assert_eq!(calls, [expected, of_files("s/.default".to_owned(), Expected::Error)]);
    }
}
