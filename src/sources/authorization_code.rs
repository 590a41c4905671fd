//! A user who signs in with a browser, which is redirected to the app with a code (Microsoft Learn,
//! "Microsoft identity platform and OAuth 2.0 authorization code flow"; RFC 6749, section 4.1).

use super::redirect::Redirect;
use super::sign_in::{self, FirstGrant, SignIn};
use super::sign_in_options::{RawSignInOptions, SignInRequest};
use crate::concurrency::AsyncMutex;
use crate::credential::Credential;
use crate::entra::client_authentication::SharedAuthentication;
use crate::entra::{Client, Scopes, pkce};
use crate::error::Error;
use crate::host::Host;
use crate::http::Form;
use crate::prelude::*;
use crate::retry::Repetition;
use crate::token::Secret;
use alloc::rc::Rc;
use core::cell::{Cell, RefCell};

/// The name in messages and tokens.
pub const NAME: &str = "authorization-code";

/// The app that a user signs in to.
#[derive(Clone)]
pub struct App {
    client: Client,
    authentication: SharedAuthentication,
    redirect_uri: String,
}

impl App {
    /// An app. `redirect_uri` is where Microsoft Entra redirects the browser with the code.
    ///
    /// # Errors
    /// `invalid-argument` when the redirect URI is no absolute URI. Microsoft Entra compares it to those that
    /// are registered with the app, so nothing more is checked here.
    pub fn new(
        client: Client,
        authentication: SharedAuthentication,
        redirect_uri: String,
    ) -> Result<Self, Error> {
        if !is_absolute_uri(&redirect_uri) {
            return Err(Error::invalid_argument(
                NAME,
                "redirect-uri must be an absolute URI without fragment, in ASCII, at most 2048 characters long",
            ));
        }
        Ok(Self { client, authentication, redirect_uri })
    }

    /// The source for the user of a code. The first request redeems it, with the given form of the `scope`
    /// parameter: an app that began the flow itself chose the scopes itself.
    ///
    /// # Errors
    /// `invalid-argument` when code or verifier is malformed.
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
                return Err(Error::invalid_argument(
                    NAME,
                    "code-verifier must be 43 to 128 ASCII letters, digits and . _ ~ -",
                ));
            }
            fields.push(("code_verifier", verifier));
        }
        let first = FirstGrant {
            fields,
            headers: Vec::new(),
            scopes,
            repetition: Repetition::UnlessServed,
            label: NAME,
        };
        Ok(SignIn::new(self.client, self.authentication, first))
    }
}

/// An authorization code flow that has begun: its URL is known, its code is not.
pub struct Flow {
    app: App,
    request: SignInRequest,
    url: String,
    state: String,
    verifier: Secret,
    is_redeemed: Cell<bool>,
    /// The code that is being redeemed, and its credential. A call that is cancelled meanwhile leaves them here, so
    /// that the next one with that code gets what comes of it.
    redeeming: RefCell<Option<(Secret, Credential)>>,
    /// Held by the caller that redeems the code.
    redemption: AsyncMutex,
}

impl Flow {
    /// Begins a flow for the scopes. No request is sent.
    ///
    /// # Errors
    /// `invalid-argument` when a scope or an option is malformed.
    pub fn begin(
        host: &dyn Host,
        app: App,
        scopes: Vec<String>,
        options: RawSignInOptions,
    ) -> Result<Self, Error> {
        let request = SignInRequest::in_browser(NAME, scopes, options)?;
        let scope = Scopes::WithOfflineAccess.parameter(&request.token);
        let (verifier, state) = (pkce::verifier(host), pkce::random::<16>(host));
        let query = Form::new(&[
            ("client_id", app.client.client_id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", &app.redirect_uri),
            ("scope", &scope),
            ("state", &state),
            ("code_challenge", &pkce::challenge(&verifier)),
            ("code_challenge_method", "S256"),
        ]);
        let query = request.add_to(query);
        let endpoint = app.client.endpoint(&app.client.tenant_id, "authorize");
        let url = format!("{endpoint}?{}", query.into_encoded().expose());
        Ok(Self {
            app,
            request,
            url,
            state,
            verifier,
            is_redeemed: Cell::new(false),
            redeeming: RefCell::default(),
            redemption: AsyncMutex::default(),
        })
    }

    /// The URL to open in the user's browser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The `state` parameter, which the redirect has to repeat.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// The PKCE verifier.
    pub fn code_verifier(&self) -> &Secret {
        &self.verifier
    }

    /// Redeems the code of a redirect: of its URL, its query, or the body of its form post.
    ///
    /// # Errors
    /// `invalid-argument` for another state than this flow's, or when the code was redeemed before;
    /// `authentication-failed` when the redirect has an error, or when the user signed in with another account than
    /// that of the authentication record; else as [`Credential::get_token`].
    #[maybe_async]
    pub async fn redeem(&self, host: &dyn Host, redirect: &Secret) -> Result<Credential, Error> {
        let redirect = Redirect::parse(redirect.expose());
        // A forged redirect must not end this user's flow, so the flow can still be redeemed.
        if !is_same(redirect.state.as_deref().unwrap_or_default(), &self.state) {
            return Err(Error::invalid_argument(
                NAME,
                "the state is not the one of this sign-in, so the redirect may be another user's; begin anew",
            ));
        }
        let code = redirect.code(NAME)?;
        let _guard = self.redemption.lock().await;
        if self.is_redeemed.get() {
            return Err(Error::invalid_argument(
                NAME,
                "the code of this sign-in has been redeemed; begin a new one",
            ));
        }
        let credential = self.credential_of(code)?;
        let outcome = credential.get_token(host, self.request.token.clone()).await;
        self.redeeming.take();
        let token = outcome?;
        self.is_redeemed.set(true);
        self.request.check_account(NAME, &token.details)?;
        Ok(credential)
    }

    /// The credential of a code: the one that is being redeemed, or a new one.
    fn credential_of(&self, code: String) -> Result<Credential, Error> {
        let code = Secret::from(code);
        if let Some((redeeming, credential)) = &*self.redeeming.borrow()
            && *redeeming == code
        {
            return Ok(credential.clone());
        }
        let verifier = self.verifier.clone().into_exposed();
        let (text, scopes) = (code.expose().to_owned(), Scopes::WithOfflineAccess);
        let source = self.app.clone().redeem(text, Some(verifier), scopes)?;
        let credential = Credential::new(Rc::new(source));
        self.redeeming.replace(Some((code, credential.clone())));
        Ok(credential)
    }
}

/// Whether a text is an absolute URI (RFC 3986, section 4.3), as far as it matters: a scheme, and more behind
/// it.
fn is_absolute_uri(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_graphic() && !matches!(b, b'#' | b'"' | b'<' | b'>' | b'\\');
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    };
    let (scheme, rest) = text.split_once(':').unwrap_or_default();
    is_scheme(scheme) && !rest.is_empty() && text.len() <= 2048 && text.bytes().all(allowed)
}

/// Compares two texts in constant time, which shows nothing about where they differ.
fn is_same(one: &str, other: &str) -> bool {
    let differences = one.bytes().zip(other.bytes()).fold(0, |sum, (one, other)| sum | (one ^ other));
    one.len() == other.len() && core::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::client_authentication::PublicClient;
    use crate::host::fake::FakeHost;
    use crate::http::{Body, Response, Url};
    use crate::identifiers::{ClientId, TenantId};
    use futures_executor::LocalPool;
    use futures_util::FutureExt;
    use futures_util::task::LocalSpawnExt;

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
    fn a_call_that_is_cancelled_leaves_the_code_to_the_next_one() {
        let mut pool = LocalPool::new();
        let spawner = pool.spawner();
        let body = br#"{"access_token": "AT", "expires_in": 3600, "refresh_token": "RT"}"#;
        let response = Response { status: 200, headers: Vec::new(), body: Body(body.to_vec()) };
        let host = FakeHost::new().slow().respond(Ok(response));
        let host = host.concurrent(move |task| spawner.spawn_local(task).expect("the pool runs"));
        let flow =
            Flow::begin(host, app(), vec!["s".into()], RawSignInOptions::default()).expect("well-formed");
        let redirect = Secret::from(format!("code=code&state={}", flow.state));
        let first = flow.redeem(host, &redirect).now_or_never();
        assert!(first.is_none(), "the response is on its way: {first:?}");
        pool.run_until_stalled();
        let second = pool.run_until(flow.redeem(host, &redirect));
        assert!(second.is_ok(), "{second:?}");
        assert_eq!(host.request_count(), 1);
    }

    fn app() -> App {
        let client = Client {
            source: NAME,
            authority: Url::parse_authority("login.microsoftonline.com").expect("an authority").into(),
            tenant_id: TenantId::parse("t").expect("a tenant"),
            client_id: ClientId::parse("client").expect("a client id"),
            allowed_tenants: Vec::new(),
        };
        App::new(client, Rc::new(PublicClient), "https://app.example/".into()).expect("a redirect URI")
    }

    #[test]
    fn equal_states_are_the_same_and_others_are_not() {
        assert!(is_same("abc", "abc"));
        for other in ["", "ab", "abd", "abcd", "ABC"] {
            assert!(!is_same("abc", other), "{other}");
        }
    }
}
