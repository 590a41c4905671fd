//! The network of a case: its rules, and what Azure answers by default.

use super::corpus::{Case, Rule};
use super::response;
use anyhow::Result;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use bytes::Bytes;
use host_tests::clock::Clock;
use host_tests::network::{Answer, Network};
use http::Request;
use regex::Regex;
use serde_json::{Value, json};
use std::pin::Pin;
use std::sync::Mutex;

/// A case's network.
pub struct Script {
    clock: Clock,
    rules: Vec<(Rule, Option<Regex>)>,
    state: Mutex<State>,
}

/// What changes while it answers.
struct State {
    /// How often each rule has answered.
    used: Vec<u32>,
    /// How many tokens were given by default: they are `AT-1`, `AT-2`, …
    tokens: u32,
}

impl Script {
    /// The network of `case`, with `extra` rules before its own.
    ///
    /// # Errors
    /// When a rule's path is no pattern.
    pub fn new(case: &Case, extra: Vec<Rule>, clock: Clock) -> Result<Self> {
        let rules = extra.into_iter().chain(case.server.iter().cloned());
        let with_pattern = |rule: Rule| {
            let pattern = rule.r#match.path.as_deref().map(Regex::new).transpose()?;
            Ok((rule, pattern))
        };
        let rules = rules.map(with_pattern).collect::<Result<Vec<_>>>()?;
        let state = Mutex::new(State { used: vec![0; rules.len()], tokens: 0 });
        Ok(Self { clock, rules, state })
    }

    fn decide(&self, request: &Request<Bytes>) -> Answer {
        let mut state = self.state.lock().expect("nobody panics while answering");
        for (index, (rule, pattern)) in self.rules.iter().enumerate() {
            if rule.times.is_none_or(|times| state.used[index] < times)
                && applies(rule, pattern.as_ref(), request)
            {
                state.used[index] += 1;
                return response::of(&rule.respond, &self.clock);
            }
        }
        response::json(&self.default(request, &mut state))
    }

    /// What Azure answers to a well-formed request of any kind.
    fn default(&self, request: &Request<Bytes>, state: &mut State) -> (u16, Value) {
        let path = request.uri().path();
        let origin = format!("https://{}", request.uri().host().unwrap_or_default());
        let before = |end: &str| format!("{origin}{}", path.strip_suffix(end).unwrap_or_default());
        if path.ends_with("/.well-known/openid-configuration") {
            let base = before("/v2.0/.well-known/openid-configuration");
            (
                200,
                json!({"token_endpoint": format!("{base}/oauth2/v2.0/token"), "issuer": format!("{base}/v2.0")}),
            )
        } else if path.ends_with("/discovery/instance") {
            (
                200,
                json!({"tenant_discovery_endpoint": format!("{origin}/common/v2.0/.well-known/openid-configuration")}),
            )
        } else if path.ends_with("/devicecode") {
            (200, device_code())
        } else if path.ends_with("/token") && path.contains("/oauth2/") && request.method() == "POST" {
            state.tokens += 1;
            (200, self.token(request, state.tokens))
        } else {
            (404, json!({"error": "not_found", "error_description": "nothing in this case answers here"}))
        }
    }

    fn token(&self, request: &Request<Bytes>, count: u32) -> Value {
        let mut answer = json!({
            "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599,
            "access_token": format!("AT-{count}"),
        });
        let field = |wanted: &str| {
            let mut fields = url::form_urlencoded::parse(request.body());
            fields.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
        };
        if field("grant_type").as_deref() != Some("client_credentials") {
            answer["scope"] = json!(field("scope").unwrap_or("https://vault.azure.net/.default".to_owned()));
            answer["refresh_token"] = json!(format!("RT-{count}"));
            answer["client_info"] = json!(encode(&json!({"uid": "uid-1234", "utid": TENANT})));
            answer["id_token"] = json!(self.id_token(field("client_id")));
        }
        answer
    }

    fn id_token(&self, client_id: Option<String>) -> String {
        let now = self.clock.now();
        let claims = json!({
            "aud": client_id, "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
            "iat": now, "nbf": now, "exp": now + 3600, "name": "User", "oid": "uid-1234",
            "preferred_username": "user@contoso.com", "sub": "sub-1", "tid": TENANT, "ver": "2.0",
        });
        format!("{}.{}.sig", encode(&json!({"alg": "none", "typ": "JWT"})), encode(&claims))
    }
}

impl Network for Script {
    fn answer(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(std::future::ready(self.decide(&request)))
    }
}

fn applies(rule: &Rule, pattern: Option<&Regex>, request: &Request<Bytes>) -> bool {
    let (wanted, uri) = (&rule.r#match, request.uri());
    let body = String::from_utf8_lossy(request.body());
    wanted.method.as_ref().is_none_or(|method| request.method() == method.as_str())
        && wanted.host.as_deref().is_none_or(|host| uri.host() == Some(host))
        && pattern.is_none_or(|pattern| pattern.is_match(uri.path()))
        && wanted.header.iter().all(|(name, there)| request.headers().contains_key(name) == *there)
        && wanted.query_has.as_ref().is_none_or(|part| uri.query().unwrap_or_default().contains(part))
        && wanted.body_has.as_ref().is_none_or(|part| body.contains(part))
}

fn device_code() -> Value {
    json!({
        "user_code": "ABCD-EFGH", "device_code": "DEV-CODE-1",
        "verification_uri": "https://microsoft.com/devicelogin", "expires_in": 900, "interval": 5,
        "message": "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code ABCD-EFGH to authenticate.",
    })
}

fn encode(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

const TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
