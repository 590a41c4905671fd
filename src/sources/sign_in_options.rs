//! What an app asks of a user who signs in (OpenID Connect Core 1.0, section 3.1.2.1; Microsoft Learn, "Microsoft
//! identity platform and OAuth 2.0 authorization code flow", Request an authorization code).

use crate::authentication_record::AuthenticationRecord;
use crate::entra::claims;
use crate::error::Error;
use crate::http::Form;
use crate::prelude::*;
use crate::request::{RawRequest, TokenRequest};
use crate::token_details::TokenDetails;

/// The options of a sign-in, unchecked; a blank text is unset.
#[derive(Clone, Debug, Default)]
pub struct RawSignInOptions {
    /// The authentication record of an earlier sign-in.
    pub authentication_record: Option<String>,
    /// A claims challenge, as JSON text.
    pub claims: Option<String>,
    /// The domain of the user's organization.
    pub domain_hint: Option<String>,
    /// Whether the app can answer a claims challenge.
    pub enable_cae: bool,
    /// The user's sign-in name.
    pub login_hint: Option<String>,
    /// The kind of interaction.
    pub prompt: Option<String>,
}

/// A sign-in for some scopes.
#[derive(Clone, Debug)]
pub struct SignInRequest {
    /// The request for the first token.
    pub token: TokenRequest,
    login_hint: Option<String>,
    domain_hint: Option<String>,
    prompt: Option<String>,
    record: Option<AuthenticationRecord>,
}

impl SignInRequest {
    /// Parses the scopes and options of a sign-in in a browser.
    ///
    /// # Errors
    /// `invalid-argument`, naming the scope or option that is malformed.
    pub fn in_browser(source: &str, scopes: Vec<String>, raw: RawSignInOptions) -> Result<Self, Error> {
        let set = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let malformed =
            |name: &str, what: &str| Error::invalid_argument(source, format_args!("{name} {what}"));
        let hint = |name: &str, text: Option<String>| match set(text) {
            Some(text) if text.len() > MAX_HINT || text.contains(char::is_control) => {
                Err(malformed(name, "must be 1 to 256 bytes long and without control characters"))
            }
            text => Ok(text),
        };
        let prompt = set(raw.prompt);
        if prompt.as_deref().is_some_and(|prompt| !PROMPTS.contains(&prompt)) {
            return Err(malformed("prompt", &format!("must be one of {}", PROMPTS.join(", "))));
        }
        let record = set(raw.authentication_record);
        let token =
            RawRequest { scopes, claims: raw.claims, enable_cae: raw.enable_cae, ..Default::default() };
        Ok(Self {
            token: TokenRequest::parse(token).map_err(|error| {
                let what = error.message.split_once(": ").map_or("", |(_, what)| what);
                Error::invalid_argument(source, what)
            })?,
            login_hint: hint("login-hint", raw.login_hint)?,
            domain_hint: hint("domain-hint", raw.domain_hint)?,
            prompt,
            record: record.map(|record| AuthenticationRecord::parse(source, &record)).transpose()?,
        })
    }

    /// Parses the scopes and options of a sign-in on another device.
    ///
    /// # Errors
    /// As [`in_browser`](Self::in_browser); also for an option of the sign-in page, which the app does not open.
    pub fn on_another_device(
        source: &str,
        scopes: Vec<String>,
        raw: RawSignInOptions,
    ) -> Result<Self, Error> {
        let request = Self::in_browser(source, scopes, raw)?;
        let options = [
            ("login-hint", request.login_hint.is_some()),
            ("domain-hint", request.domain_hint.is_some()),
            ("prompt", request.prompt.is_some()),
        ];
        match options.iter().find(|(_, is_set)| *is_set) {
            Some((name, _)) => {
                let what = format_args!("{name} is for a sign-in in a browser; leave it out");
                Err(Error::invalid_argument(source, what))
            }
            None => Ok(request),
        }
    }

    /// Adds the options to the query of the authorization endpoint.
    pub fn add_to(&self, query: Form) -> Form {
        let username = self.record.as_ref().map(|record| record.username.as_str());
        let claims = self.claims();
        [
            ("claims", claims.as_deref()),
            ("domain_hint", self.domain_hint.as_deref()),
            ("login_hint", self.login_hint.as_deref().or(username)),
            ("prompt", self.prompt.as_deref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .fold(query, |query, (name, value)| query.field(name, value))
    }

    /// The `claims` parameter of the sign-in; `None`: there is none.
    pub fn claims(&self) -> Option<String> {
        claims::parameter(&self.token)
    }

    /// Makes sure that the user who signed in is the one of the authentication record, if there is one.
    ///
    /// # Errors
    /// `authentication-failed` for another account.
    pub fn check_account(&self, source: &str, signed_in: &TokenDetails) -> Result<(), Error> {
        let wanted = self.record.as_ref().map(|record| record.home_account_id.as_str());
        if wanted.is_none() || wanted == signed_in.home_account_id.as_deref() {
            return Ok(());
        }
        let what = "the user signed in with another account than that of the authentication record; begin a new sign-in";
        Err(Error::authentication_failed(source, what))
    }
}

/// The values of `prompt`.
const PROMPTS: &[&str] = &["login", "none", "consent", "select_account", "create"];
const MAX_HINT: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"authority":"login.microsoftonline.com","clientId":"c","homeAccountId":"u.t","tenantId":"t",
        "username":"user@contoso.com","version":"1.0"}"#;

    fn parse(raw: RawSignInOptions) -> Result<SignInRequest, String> {
        let parsed = SignInRequest::in_browser("test", vec!["s".to_owned()], raw);
        parsed.map_err(|error| error.into_details().message)
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn every_option_is_a_parameter_of_the_authorization_endpoint() {
        let raw = RawSignInOptions {
            claims: text(r#"{"id_token":{}}"#),
            domain_hint: text("contoso.com"),
            enable_cae: false,
            login_hint: text("a b@contoso.com"),
            prompt: text("select_account"),
            authentication_record: text(RECORD),
        };
        let query = parse(raw).expect("well-formed").add_to(Form::new(&[])).into_encoded();
        assert_eq!(
            query.expose(),
            "claims=%7B%22id_token%22%3A%7B%7D%7D&domain_hint=contoso.com&login_hint=a%20b%40contoso.com&prompt=select_account"
        );
    }

    #[test]
    fn the_record_of_a_user_is_a_login_hint() {
        let raw = RawSignInOptions {
            authentication_record: text(RECORD),
            login_hint: text(" "),
            ..Default::default()
        };
        let query = parse(raw).expect("well-formed").add_to(Form::new(&[])).into_encoded();
        assert_eq!(query.expose(), "login_hint=user%40contoso.com");
    }

    #[test]
    fn another_account_than_that_of_the_record_is_refused() {
        let raw = RawSignInOptions { authentication_record: text(RECORD), ..Default::default() };
        let request = parse(raw).expect("well-formed");
        for (account, is_allowed) in [(text("u.t"), true), (text("v.t"), false), (None, false)] {
            let details = TokenDetails { home_account_id: account.clone(), ..Default::default() };
            assert_eq!(request.check_account("test", &details).is_ok(), is_allowed, "{account:?}");
        }
    }

    #[test]
    fn a_malformed_option_is_named() {
        for (raw, message) in [
            (
                RawSignInOptions { prompt: text("force"), ..Default::default() },
                "test: prompt must be one of login, none, consent, select_account, create",
            ),
            (
                RawSignInOptions { login_hint: text("a\r\nb"), ..Default::default() },
                "test: login-hint must be 1 to 256 bytes long and without control characters",
            ),
            (
                RawSignInOptions { domain_hint: Some("d".repeat(257)), ..Default::default() },
                "test: domain-hint must be 1 to 256 bytes long and without control characters",
            ),
            (
                RawSignInOptions { claims: text("[]"), ..Default::default() },
                "test: claims is not a JSON object; pass the decoded value of the challenge's claims parameter",
            ),
            (
                RawSignInOptions { authentication_record: text("{}"), ..Default::default() },
                "test: the authentication record is malformed; pass the text that authentication-record returned",
            ),
        ] {
            assert_eq!(parse(raw).map(|_| ()), Err(message.to_owned()));
        }
    }

    #[test]
    fn an_option_of_the_sign_in_page_is_refused_for_another_device() {
        for raw in [
            RawSignInOptions { login_hint: text("a"), ..Default::default() },
            RawSignInOptions { domain_hint: text("a"), ..Default::default() },
            RawSignInOptions { prompt: text("login"), ..Default::default() },
        ] {
            assert!(
                SignInRequest::on_another_device("test", vec!["s".to_owned()], raw.clone()).is_err(),
                "{raw:?}"
            );
        }
    }
}
