//! What a test observes, as values without secrets: a test that fails prints them beside those that it expects.

use crate::claims::Claims;
use crate::settings::{Settings, WRONG_SECRET};
use anyhow::{Context, Result, anyhow};
use host_tests::bindings::{AccessToken, CredentialError, TokenRequest};
use host_tests::environment::TestEnvironment;
use host_tests::error_kind;
use host_tests::guest::Guest;

/// Two tokens for the same request.
#[derive(Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The source of the first one, as far as it is expected.
    source: String,
    /// `token-type`.
    token_type: String,
    /// The claim `aud`, without the slash at its end that some services have.
    audience: String,
    /// The claim `tid`.
    tenant: String,
    /// The tenant in the details; the claim `tid` where the source knows none.
    tenant_in_details: String,
    /// When the first one expires.
    expiry: String,
    /// Whether the provider had each of them already.
    from_cache: [Option<String>; 2],
    /// Whether both are the same token.
    same_token: bool,
}

impl Tokens {
    /// Gets two tokens in an environment.
    ///
    /// # Errors
    /// When there is no token.
    pub async fn observe(environment: TestEnvironment, settings: &Settings) -> Result<Self> {
        let clock = environment.clock.clone();
        let (mut guest, request) = (Guest::start(environment).await?, request(settings));
        let first = guest.get_token(&request).await?.map_err(|error| failure(&error))?;
        let claims = Claims::decode(&first.token)?;
        let expiry = expiry(clock.now(), &first, &claims);
        let second = guest.get_token(&request).await?.map_err(|error| failure(&error))?;
        let source = &first.source;
        let expected = source.get(..settings.source.len()).filter(|_| settings.source.ends_with('/'));
        Ok(Self {
            source: expected.unwrap_or(source).to_owned(),
            token_type: first.token_type.clone(),
            audience: claims.aud.trim_end_matches('/').to_owned(),
            tenant_in_details: detail(&first.details, "tenant-id")
                .unwrap_or_else(|| claims.tid.clone())
                .to_lowercase(),
            tenant: claims.tid,
            expiry,
            from_cache: [&first, &second].map(|token| detail(&token.details, "from-cache")),
            same_token: first.token == second.token,
        })
    }

    /// The tokens that the settings ask for.
    pub fn expected(settings: &Settings) -> Self {
        Self {
            source: settings.source.to_owned(),
            token_type: "Bearer".to_owned(),
            audience: settings.audience.clone(),
            tenant: settings.tenant.clone(),
            tenant_in_details: settings.tenant.clone(),
            expiry: VALID.to_owned(),
            from_cache: ["false", "true"].map(|text| Some(text.to_owned())),
            same_token: true,
        }
    }
}

/// The refusal of a wrong secret.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The kind of the error.
    kind: &'static str,
    /// The HTTP status.
    status: u16,
    /// The OAuth error code.
    error: Option<String>,
    /// The numbers of the `AADSTS` codes.
    error_codes: Vec<u32>,
    /// Whether there is an id by which Microsoft's support finds the request.
    has_correlation_id: bool,
    /// Whether it differs from the `client-request-id` that the error's details name.
    correlation_id_is_another: bool,
    /// Whether Microsoft Entra's logs can be searched for the response.
    has_trace_id: bool,
    /// Whether the message repeats the secret.
    repeats_the_secret: bool,
}

impl Refusal {
    /// Asks for a token in an environment, and is refused.
    ///
    /// # Errors
    /// When there is a token, or no service responded.
    pub async fn observe(environment: TestEnvironment, settings: &Settings) -> Result<Self> {
        let mut guest = Guest::start(environment).await?;
        let error =
            guest.get_token(&request(settings)).await?.err().context("the wrong secret was accepted")?;
        let response = error.response.as_ref().with_context(|| failure(&error))?;
        let sent = detail(&error.details, "client-request-id");
        Ok(Self {
            kind: error_kind::name(error.kind),
            status: response.status,
            error: response.error.clone(),
            error_codes: response.error_codes.clone(),
            has_correlation_id: response.correlation_id.is_some(),
            correlation_id_is_another: sent != response.correlation_id,
            has_trace_id: response.trace_id.is_some(),
            repeats_the_secret: error.message.contains(WRONG_SECRET),
        })
    }

    /// What Microsoft Entra answers to a wrong secret ("Microsoft Entra authentication and authorization error
    /// codes", `AADSTS7000215`).
    pub fn expected() -> Self {
        Self {
            kind: "authentication-failed",
            status: 401,
            error: Some("invalid_client".to_owned()),
            error_codes: vec![7_000_215],
            has_correlation_id: true,
            correlation_id_is_another: false,
            has_trace_id: true,
            repeats_the_secret: false,
        }
    }
}

fn request(settings: &Settings) -> TokenRequest {
    TokenRequest {
        scopes: vec![settings.scope.clone()],
        tenant_id: None,
        claims: None,
        enable_cae: false,
        options: vec![("include-details".to_owned(), "true".to_owned())],
    }
}

fn detail(details: &[(String, String)], key: &str) -> Option<String> {
    details.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone())
}

/// The message of an error is for logs and has no secret.
fn failure(error: &CredentialError) -> anyhow::Error {
    anyhow!("{}: {}", error_kind::name(error.kind), error.message)
}

/// Compares the expiry with the time and with the claim.
fn expiry(now: u64, token: &AccessToken, claims: &Claims) -> String {
    if token.expires_on <= now {
        return "in the past".to_owned();
    }
    if token.refresh_on.is_some_and(|refresh_on| refresh_on > token.expires_on) {
        return "before it is to be renewed".to_owned();
    }
    match token.expires_on.abs_diff(claims.exp) {
        ..=CLOCK_SKEW => VALID.to_owned(),
        apart => format!("{apart} s apart from the claim exp"),
    }
}

const VALID: &str = "in the future, at the time of the claim exp";

/// By so many seconds this machine's clock may differ from that of Microsoft Entra, which allows its clients as much.
const CLOCK_SKEW: u64 = 300;
