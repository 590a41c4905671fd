//! A user who signs in: the first grant (a code, a password, a token) yields the first token and a refresh
//! token, which yields the others (RFC 6749, section 6).

use crate::call_context::CallContext;
use crate::concurrency::{AsyncMutex, IS_CONCURRENT};
use crate::entra::client_authentication::SharedAuthentication;
use crate::entra::{Client, Grant, Scopes, remedies};
use crate::error::Error;
use crate::prelude::*;
use crate::request::{RawRequest, TokenRequest};
use crate::source::Source;
use crate::token::{AccessToken, Secret};
use crate::token_response::TokenResponse;
use core::cell::RefCell;

/// The source of every credential of a user. Authorization code, device code, on-behalf-of and password
/// differ in the first grant alone.
pub struct SignIn {
    client: Client,
    authentication: SharedAuthentication,
    first: FirstGrant,
    session: RefCell<Session>,
    /// Held by the caller that redeems a single-use grant.
    redemption: AsyncMutex,
}

/// The grant for the first token.
pub struct FirstGrant {
    /// The form's fields.
    pub fields: Vec<(&'static str, Secret)>,
    /// Further headers.
    pub headers: Vec<(&'static str, Secret)>,
    /// Its `scope` parameter. As in azure-identity for Python, a refresh token is redeemed for the requested
    /// scopes alone if the first grant was; else with offline access, and routed to the account's region.
    pub scopes: Scopes,
    /// Whether Microsoft Entra accepts it once, as it does with codes.
    pub is_single_use: bool,
    /// The source of the tokens.
    pub label: &'static str,
}

#[derive(Clone)]
enum Session {
    /// The user has not signed in.
    New,
    /// The refresh token, which is valid for every resource and every tenant of the user, and the account
    /// that it is of.
    Open(Secret, Option<String>),
    /// The user has to sign in again, for this reason.
    Over(Error),
}

impl SignIn {
    /// A user of `client`, who signs in with `first`. No request is sent yet.
    pub fn new(client: Client, authentication: SharedAuthentication, first: FirstGrant) -> Self {
        Self {
            client,
            authentication,
            first,
            session: RefCell::new(Session::New),
            redemption: AsyncMutex::default(),
        }
    }

    #[maybe_async]
    async fn fetch_token(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
    ) -> Result<TokenResponse, Error> {
        // One caller redeems the single-use grant; the others wait for the refresh token.
        let guard =
            if self.first.is_single_use && self.is_new() { Some(self.redemption.lock().await) } else { None };
        let _guard = guard.filter(|_| self.is_new());
        let session = self.session.borrow().clone();
        match session {
            Session::New => self.redeem_first(call, request).await,
            Session::Over(error) => Err(error),
            Session::Open(token, account) => match self.refresh(call, request, &token, account).await {
                Err(error) if remedies::may_end_session(error.error_codes()) => {
                    self.end_session(error, &token)?;
                    self.redeem_first(call, request).await
                }
                outcome => outcome,
            },
        }
    }

    /// Redeems the first grant.
    #[maybe_async]
    async fn redeem_first(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
    ) -> Result<TokenResponse, Error> {
        let FirstGrant { fields, headers, scopes, .. } = &self.first;
        let (fields, headers, scopes) = (fields.clone(), headers.clone(), *scopes);
        let grant = Grant { fields, headers, scopes, ..Grant::authenticated_by(&*self.authentication) };
        let response = self.redeem(call, request, grant).await?;
        if self.is_new() && self.first.is_single_use {
            let what = "Microsoft Entra gave no refresh token with the first token; sign in again";
            self.session.replace(Session::Over(Error::authentication_failed(self.client.source, what)));
        }
        Ok(response)
    }

    /// Redeems the refresh token of the session.
    #[maybe_async]
    async fn refresh(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
        token: &Secret,
        account: Option<String>,
    ) -> Result<TokenResponse, Error> {
        let fields = vec![("grant_type", "refresh_token".into()), ("refresh_token", token.clone())];
        let scopes = if self.first.scopes == Scopes::Requested {
            Scopes::Requested
        } else {
            Scopes::WithOfflineAccess
        };
        // Routes the request to the region of the account (MSAL).
        let mailbox = account.map(|account| ("x-anchormailbox", format!("Oid:{account}").into()));
        let headers = mailbox.filter(|_| scopes == Scopes::WithOfflineAccess).into_iter().collect();
        let grant = Grant { fields, headers, scopes, ..Grant::authenticated_by(&*self.authentication) };
        self.redeem(call, request, grant).await
    }

    /// Notes that Microsoft Entra refused the refresh token. `Ok`: the first grant may still be valid.
    ///
    /// # Errors
    /// The given one, when the user has to sign in again, or when the session goes on.
    fn end_session(&self, error: Error, refresh_token: &Secret) -> Result<(), Error> {
        // A concurrent call may have received a newer refresh token, which is still valid.
        if IS_CONCURRENT && !self.holds(refresh_token) {
            return Err(error);
        }
        if self.first.is_single_use {
            if remedies::ends_session(error.error_codes()) {
                self.session.replace(Session::Over(error.clone()));
            }
            return Err(error);
        }
        // A password or the caller's token may be valid for longer than the session that it began.
        self.session.replace(Session::New);
        Ok(())
    }

    fn is_new(&self) -> bool {
        matches!(*self.session.borrow(), Session::New)
    }

    fn holds(&self, refresh_token: &Secret) -> bool {
        matches!(&*self.session.borrow(), Session::Open(current, _) if current == refresh_token)
    }

    /// Redeems a grant, and keeps the refresh token of the response, which may be a new one each time.
    #[maybe_async]
    async fn redeem(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
        mut grant: Grant<'_>,
    ) -> Result<TokenResponse, Error> {
        grant.fields.push(("client_info", "1".into()));
        let mut response = self.client.fetch_token(call, request, &grant).await?;
        if let Some(token) = response.refresh_token.take() {
            self.session.replace(Session::Open(token, response.account.take()));
        }
        Ok(response)
    }
}

#[maybe_async(AFIT)]
impl Source for SignIn {
    fn name(&self) -> &'static str {
        self.client.source
    }

    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        Ok(self.fetch_token(call, request).await?.into_access_token(self.first.label))
    }
}

/// Parses the scopes of a flow with a user.
///
/// # Errors
/// `invalid-argument` when a scope is malformed.
pub fn parse_scopes(source: &str, scopes: Vec<String>) -> Result<TokenRequest, Error> {
    TokenRequest::parse(RawRequest { scopes, ..Default::default() }).map_err(|error| {
        let what = error.message.split_once(": ").map_or("", |(_, what)| what);
        Error::invalid_argument(source, what)
    })
}

/// Parses a code or assertion, which the caller may have from an untrusted party.
///
/// # Errors
/// `invalid-argument`, naming the argument, when it is empty, too long, or has a character that none of them
/// has.
pub fn argument(source: &str, name: &str, text: String) -> Result<Secret, Error> {
    let text = Secret::from(text);
    let length = text.expose().len();
    if length == 0 || length > MAX_ARGUMENT || !text.expose().bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::invalid_argument(
            source,
            format_args!("{name} must be 1 to {MAX_ARGUMENT} printable ASCII characters without spaces"),
        ));
    }
    Ok(text)
}

/// In bytes. Codes are about 1 KiB long, tokens up to 4 KiB.
const MAX_ARGUMENT: usize = 16 * 1024;
