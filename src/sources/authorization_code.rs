//! A user who signs in with a browser, and comes back with a code (Microsoft Learn, "Microsoft
//! identity platform and OAuth 2.0 authorization code flow"; RFC 6749, section 4.1).

use super::sign_in::{self, FirstGrant, SignIn};
use crate::credential::Credential;
use crate::entra::client_authentication::ClientAuthentication;
use crate::entra::{Client, Scopes, pkce};
use crate::error::Error;
use crate::host::{AsyncMutex, Host};
use crate::http::Form;
use crate::prelude::*;
use crate::request::RawRequest;
use crate::text;
use crate::token::Secret;
use alloc::rc::Rc;
use core::cell::Cell;

/// The name in messages and tokens.
pub const NAME: &str = "authorization-code";

/// The app that users sign in to.
#[derive(Clone)]
pub struct App {
    client: Client,
    authentication: Rc<dyn ClientAuthentication>,
    redirect_uri: String,
}

impl App {
    /// An app; `redirect_uri` is where the browser brings the code.
    ///
    /// # Errors
    /// `invalid-request` when that is no absolute URI. Which ones are allowed is registered with the
    /// app, and Microsoft Entra compares letter by letter, so no more is checked here.
    pub fn new(
        client: Client,
        authentication: Rc<dyn ClientAuthentication>,
        redirect_uri: String,
    ) -> Result<Self, Error> {
        if !is_absolute_uri(&redirect_uri) {
            return Err(Error::invalid(
                NAME,
                "redirect-uri must be an absolute URI without fragment, in ASCII, at most 2048 characters long",
            ));
        }
        Ok(Self { client, authentication, redirect_uri })
    }

    /// The source for the user who brought `code`. It is redeemed with the first request, for `scopes`:
    /// a code that the app got by itself was asked for with whatever the app wants.
    ///
    /// # Errors
    /// `invalid-request` when code or verifier can be none.
    pub fn redeem(
        self,
        code: String,
        code_verifier: Option<String>,
        scopes: Scopes,
    ) -> Result<SignIn, Error> {
        let mut fields = vec![
            ("grant_type", "authorization_code".into()),
            ("code", sign_in::argument(NAME, "code", code)?),
            ("redirect_uri", self.redirect_uri.into()),
        ];
        if let Some(verifier) = code_verifier.map(Secret::from) {
            if !pkce::is_verifier(verifier.expose()) {
                return Err(Error::invalid(
                    NAME,
                    "code-verifier must be 43 to 128 ASCII letters, digits and . _ ~ -",
                ));
            }
            fields.push(("code_verifier", verifier));
        }
        let first = FirstGrant { fields, headers: Vec::new(), scopes, works_once: true, label: NAME };
        Ok(SignIn::new(self.client, self.authentication, first))
    }
}

/// A sign-in under way: the URL is known, the code is not.
pub struct Flow {
    app: App,
    scopes: Vec<String>,
    url: String,
    state: String,
    verifier: Secret,
    is_redeemed: Cell<bool>,
    redeeming: AsyncMutex,
}

impl Flow {
    /// Begins a sign-in for the scopes; sends nothing.
    ///
    /// # Errors
    /// `invalid-request` for scopes that no request may have.
    pub fn begin(host: &dyn Host, app: App, scopes: Vec<String>) -> Result<Self, Error> {
        let scope = sign_in::scope(NAME, &scopes)?;
        let (verifier, state) = (pkce::verifier(host), pkce::random::<16>(host));
        let query = Form::new(&[
            ("client_id", &app.client.client_id),
            ("response_type", "code"),
            ("redirect_uri", &app.redirect_uri),
            ("scope", &scope),
            ("state", &state),
            ("code_challenge", &pkce::challenge(&verifier)),
            ("code_challenge_method", "S256"),
        ]);
        let endpoint = app.client.endpoint(&app.client.tenant_id, "authorize");
        let url = format!("{endpoint}?{}", query.into_encoded().expose());
        Ok(Self {
            app,
            scopes,
            url,
            state,
            verifier,
            is_redeemed: Cell::new(false),
            redeeming: AsyncMutex::default(),
        })
    }

    /// The URL to open in the user's browser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The `state` that the redirect must bring back.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// The PKCE verifier.
    pub fn code_verifier(&self) -> &Secret {
        &self.verifier
    }

    /// Redeems the code of the redirect that brought `state`.
    ///
    /// # Errors
    /// `invalid-request` for another state than this flow's, or a flow that is done; else as
    /// [`Credential::get_token`].
    #[maybe_async]
    pub async fn redeem(&self, host: &dyn Host, code: String, state: &str) -> Result<Credential, Error> {
        // Somebody else's redirect must not end this user's sign-in, so the flow goes on.
        if !is_same(state, &self.state) {
            return Err(Error::invalid(
                NAME,
                "the state is not the one of this sign-in, so the redirect may be somebody else's; begin anew",
            ));
        }
        let _turn = self.redeeming.lock().await;
        if self.is_redeemed.get() {
            return Err(Error::invalid(NAME, "the code of this sign-in has been redeemed; begin a new one"));
        }
        let verifier = self.verifier.clone().into_exposed();
        let credential = Credential::new(Rc::new(self.app.clone().redeem(
            code,
            Some(verifier),
            Scopes::WithOfflineAccess,
        )?));
        let raw = RawRequest { scopes: self.scopes.clone(), ..Default::default() };
        credential.get_token(host, raw).await?;
        self.is_redeemed.set(true);
        Ok(credential)
    }
}

/// RFC 3986, section 4.3, as far as it matters: a scheme, and something behind it.
fn is_absolute_uri(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_graphic() && !matches!(b, b'#' | b'"' | b'<' | b'>' | b'\\');
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && text::has_only(scheme, |b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    };
    let (scheme, rest) = text.split_once(':').unwrap_or_default();
    is_scheme(scheme) && !rest.is_empty() && text.len() <= 2048 && text::has_only(text, allowed)
}

/// Compares without telling by the time it takes where two texts begin to differ.
fn is_same(one: &str, other: &str) -> bool {
    let differences = one.bytes().zip(other.bytes()).fold(0, |sum, (one, other)| sum | (one ^ other));
    one.len() == other.len() && core::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris_are_absolute_and_cannot_change_a_request() {
        for good in [
            "https://app.example/cb?x=1",
            "http://localhost:8400",
            "msal123://auth",
            "urn:ietf:wg:oauth:2.0:oob",
        ] {
            assert!(is_absolute_uri(good), "{good}");
        }
        let long = format!("https://{}", "a".repeat(2048));
        for bad in [
            "",
            "/cb",
            "https",
            ":x",
            "https:",
            "1a:x",
            "a b:c",
            "https://a/#x",
            "https://a/\r\nx: y",
            "https://ä/",
            &long,
        ] {
            assert!(!is_absolute_uri(bad), "{bad}");
        }
    }

    #[test]
    fn states_are_the_same_or_not() {
        assert!(is_same("abc", "abc"));
        for other in ["", "ab", "abd", "abcd", "ABC"] {
            assert!(!is_same("abc", other), "{other}");
        }
    }
}
