//! The redirect at the end of a sign-in in a browser (RFC 6749, sections 4.1.2 and 4.1.2.1).

use crate::error::{Error, quote};
use crate::http::percent_decode;
use crate::prelude::*;
use crate::service_response::ServiceResponse;
use crate::token::Secret;

/// The parameters of a redirect.
#[derive(Debug, Default)]
pub struct Redirect {
    /// The `state`; `None`: the redirect has none.
    pub state: Option<String>,
    code: Option<Secret>,
    error: Option<String>,
    error_description: Option<String>,
}

impl Redirect {
    /// Parses a redirect: its URL, its query, or the body of its form post. Of a parameter that is repeated the first
    /// one counts.
    pub fn parse(redirect: &str) -> Self {
        let query = redirect.split_once('?').map_or(redirect, |(_, query)| query);
        let query = query.split_once('#').map_or(query, |(query, _)| query);
        let mut parsed = Self::default();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = percent_decode(value);
            match name {
                "code" => drop(parsed.code.get_or_insert(value.into())),
                "error" => drop(parsed.error.get_or_insert(value)),
                "error_description" => drop(parsed.error_description.get_or_insert(value)),
                "state" => drop(parsed.state.get_or_insert(value)),
                _ => {}
            }
        }
        parsed
    }

    /// The code. `source` begins the message of an error.
    ///
    /// # Errors
    /// `authentication-failed` when the redirect has an error, `invalid-argument` when it has neither.
    pub fn code(self, source: &str) -> Result<String, Error> {
        if let Some(error) = self.error {
            let code = self.code.as_ref();
            let secrets = code.as_slice();
            let (error, description) =
                (quote(&error, secrets), quote(&self.error_description.unwrap_or_default(), secrets));
            let colon = if description.is_empty() { "" } else { ": " };
            let what = format_args!("the sign-in ended with {error}{colon}{description}");
            let mut failed = Error::authentication_failed(source, what);
            // The browser reported it, so there is no status.
            failed.response = Some(ServiceResponse { error: Some(error), ..Default::default() });
            return Err(failed);
        }
        let what = "the redirect has neither a code nor an error; pass its URL, its query or its form";
        self.code.map(Secret::into_exposed).ok_or_else(|| Error::invalid_argument(source, what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_parsed_from_its_url_its_query_and_its_form() {
        for redirect in [
            "https://app.example/cb?x=1&code=a%2Bb&state=s#_=_",
            "code=a%2Bb&state=s&session_state=t",
            "?state=s&code=a%2Bb&code=second",
        ] {
            let parsed = Redirect::parse(redirect);
            assert_eq!(parsed.state.as_deref(), Some("s"), "{redirect}");
            assert_eq!(parsed.code("test"), Ok("a+b".to_owned()), "{redirect}");
        }
    }

    #[test]
    fn an_error_in_the_redirect_is_reported() {
        let redirect = "https://app/cb?error=access_denied&error_description=the+user%0D%0Adeclined.&state=s";
        let error = Redirect::parse(redirect).code("test").expect_err("an error");
        assert_eq!(error.message, "test: the sign-in ended with access_denied: the user declined");
        assert_eq!(error.oauth_error(), Some("access_denied"));
    }

    #[test]
    fn a_redirect_without_a_code_is_refused() {
        for redirect in ["", "https://app.example/cb", "state=s", "code", "Code=x"] {
            assert!(Redirect::parse(redirect).code("test").is_err(), "{redirect:?}");
        }
    }
}
