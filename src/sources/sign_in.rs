//! A user who signs in: the first token is had for what the user brought (a code, a password, a
//! token), the others for the refresh token that came with it (RFC 6749, section 6).

use super::Source;
use crate::call_context::CallContext;
use crate::entra::client_authentication::ClientAuthentication;
use crate::entra::{Client, Grant, Scopes, remedies};
use crate::error::Error;
use crate::host::{AsyncMutex, BoxFuture, IS_CONCURRENT, boxed};
use crate::prelude::*;
use crate::request::{RawRequest, TokenRequest};
use crate::text;
use crate::token::{AccessToken, Secret};
use crate::token_response::TokenResponse;
use alloc::rc::Rc;
use core::cell::RefCell;

/// The source behind every credential of a user. Authorization code, device code, on-behalf-of and
/// password differ in the first grant alone.
pub struct SignIn {
    client: Client,
    authentication: Rc<dyn ClientAuthentication>,
    first: FirstGrant,
    session: RefCell<Session>,
    /// Whose turn it is to redeem what is good once.
    redeeming: AsyncMutex,
}

/// What the first token is had for.
pub struct FirstGrant {
    /// The form's fields.
    pub fields: Vec<(&'static str, Secret)>,
    /// Further headers.
    pub headers: Vec<(&'static str, Secret)>,
    /// What it says of scopes. A refresh token is redeemed as azure-identity for Python does: in plain
    /// words where the first grant had those, else for more scopes and sent to where the account lives.
    pub scopes: Scopes,
    /// Whether Microsoft Entra takes it once and never again, as it does with codes.
    pub works_once: bool,
    /// What the tokens are marked with.
    pub label: &'static str,
}

#[derive(Clone)]
enum Session {
    /// The user has not signed in.
    New,
    /// The refresh token, which is good for every resource and every tenant of the user, and whose it is.
    Open(Secret, Option<String>),
    /// Somebody has to sign in again; this is why.
    Over(Error),
}

impl SignIn {
    /// A user of `client`, who signs in with `first`. Sends nothing yet.
    pub fn new(client: Client, authentication: Rc<dyn ClientAuthentication>, first: FirstGrant) -> Self {
        Self {
            client,
            authentication,
            first,
            session: RefCell::new(Session::New),
            redeeming: AsyncMutex::default(),
        }
    }

    #[maybe_async]
    async fn fetch_token(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
    ) -> Result<TokenResponse, Error> {
        // What is good once is redeemed by one call; the others wait for the refresh token that comes of it.
        let turn =
            if self.first.works_once && self.is_new() { Some(self.redeeming.lock().await) } else { None };
        let _turn = turn.filter(|_| self.is_new());
        let session = self.session.borrow().clone();
        let refresh_token = match session {
            Session::New => None,
            Session::Open(token, account) => Some((token, account)),
            Session::Over(error) => return Err(error),
        };
        if let Some((token, account)) = refresh_token {
            let fields = vec![("grant_type", "refresh_token".into()), ("refresh_token", token.clone())];
            let scopes = if self.first.scopes == Scopes::Requested {
                Scopes::Requested
            } else {
                Scopes::WithOfflineAccess
            };
            // Routes the request to where the account lives (MSAL).
            let mailbox = account.map(|account| ("x-anchormailbox", format!("Oid:{account}").into()));
            let headers = mailbox.filter(|_| scopes == Scopes::WithOfflineAccess).into_iter().collect();
            let grant = Grant { fields, headers, scopes, ..Grant::authenticated_by(&*self.authentication) };
            match self.ask(call, request, grant).await {
                Err(error) if remedies::may_end_session(&error.error_codes) => {
                    // Another call may have got a newer one meanwhile, which has not ended.
                    if IS_CONCURRENT && !self.holds(&token) {
                        return Err(error);
                    }
                    if self.first.works_once {
                        if remedies::ends_session(&error.error_codes) {
                            self.session.replace(Session::Over(error.clone()));
                        }
                        return Err(error);
                    }
                    // A password or the caller's token may be good for longer than the session it began.
                    self.session.replace(Session::New);
                }
                outcome => return outcome,
            }
        }
        let FirstGrant { fields, headers, scopes, .. } = &self.first;
        let (fields, headers, scopes) = (fields.clone(), headers.clone(), *scopes);
        let grant = Grant { fields, headers, scopes, ..Grant::authenticated_by(&*self.authentication) };
        let response = self.ask(call, request, grant).await?;
        if self.is_new() && self.first.works_once {
            let what = "Microsoft Entra gave no refresh token with the first token; sign in again";
            self.session.replace(Session::Over(Error::rejected(self.client.source, what)));
        }
        Ok(response)
    }

    fn is_new(&self) -> bool {
        matches!(*self.session.borrow(), Session::New)
    }

    fn holds(&self, refresh_token: &Secret) -> bool {
        matches!(&*self.session.borrow(), Session::Open(current, _) if current == refresh_token)
    }

    /// Asks, and keeps the refresh token of the answer: it may be another one each time.
    #[maybe_async]
    async fn ask(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
        mut grant: Grant<'_>,
    ) -> Result<TokenResponse, Error> {
        grant.fields.push(("client_info", "1".into()));
        let mut response = self.client.request_token(call, request, &grant).await?;
        if let Some(token) = response.refresh_token.take() {
            self.session.replace(Session::Open(token, response.account.take()));
        }
        Ok(response)
    }
}

impl Source for SignIn {
    fn name(&self) -> &'static str {
        self.client.source
    }

    #[maybe_async]
    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        boxed(async move { Ok(self.fetch_token(call, request).await?.into_access_token(self.first.label)) })
    }
}

/// The `scope` of a sign-in that a user is sent away for: the caller's scopes, and what makes a
/// refresh token come.
///
/// # Errors
/// `invalid-request` for scopes that no request may have.
pub fn scope(source: &str, scopes: &[String]) -> Result<String, Error> {
    let raw = RawRequest { scopes: scopes.to_vec(), ..Default::default() };
    let request = TokenRequest::parse(raw).map_err(|error| {
        let what = text::split_once(&error.message, ": ").map_or("", |(_, what)| what);
        Error::invalid(source, what)
    })?;
    Ok(Scopes::WithOfflineAccess.of(&request))
}

/// Takes a code, state or assertion from the caller, who may have it from anybody.
///
/// # Errors
/// `invalid-request`, naming the argument, when it has characters that none of them has.
pub fn argument(source: &str, name: &str, text: String) -> Result<Secret, Error> {
    let text = Secret::from(text);
    let length = text.expose().len();
    if length == 0 || length > MAX_ARGUMENT || !text::has_only(text.expose(), |b| b.is_ascii_graphic()) {
        return Err(Error::invalid(
            source,
            format_args!("{name} must be 1 to {MAX_ARGUMENT} printable ASCII characters without spaces"),
        ));
    }
    Ok(text)
}

/// Codes are about 1 KiB long, tokens up to 4.
const MAX_ARGUMENT: usize = 16 * 1024;
