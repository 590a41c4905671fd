//! A user who signs in: the first grant (a code, a password, a token) yields the first token and a refresh
//! token, which yields the others (RFC 6749, section 6).

use crate::call_context::CallContext;
use crate::concurrency::AsyncMutex;
use crate::entra::client_authentication::SharedAuthentication;
use crate::entra::{Client, Grant, Scopes};
use crate::error::Error;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::retry::Repetition;
use crate::source::{Description, Source};
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
    /// Held by the caller that redeems a grant.
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
    /// Whether its request may be sent again. A grant that the service accepts once has another value than
    /// [`Repetition::Always`].
    pub repetition: Repetition,
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

impl FirstGrant {
    /// Whether the service accepts it once, as it does with codes.
    fn is_single_use(&self) -> bool {
        self.repetition != Repetition::Always
    }
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
        // One grant of the session at a time, also for different tokens: the others wait for the refresh token that
        // comes of it. A service that rotates refresh tokens ends the session when one is redeemed twice (RFC 9700,
        // section 4.14.2).
        let _guard = self.redemption.lock().await;
        let session = self.session.borrow().clone();
        match session {
            Session::New => self.redeem_first(call, request).await,
            Session::Over(error) => Err(error),
            Session::Open(token, account) => match self.refresh(call, request, &token, account).await {
                Err(error) if is_refused(&error) => {
                    self.note_refusal(&error);
                    if self.first.is_single_use() {
                        Err(error)
                    } else {
                        self.redeem_first(call, request).await
                    }
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
        let repetition = self.first.repetition;
        let grant =
            Grant { fields, headers, scopes, repetition, ..Grant::authenticated_by(&*self.authentication) };
        let response = self.redeem(call, request, grant).await?;
        if self.is_new() && self.first.is_single_use() {
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
        let repetition = self.client.repetition_of_refresh();
        let grant =
            Grant { fields, headers, scopes, repetition, ..Grant::authenticated_by(&*self.authentication) };
        self.redeem(call, request, grant).await
    }

    /// Notes that the service refused the refresh token. One that is not valid any more ends the session; with another
    /// reason, such as a scope that the user did not consent to, it remains valid for other requests.
    fn note_refusal(&self, error: &Error) {
        let suberror = error.response.as_ref().and_then(|response| response.suberror.as_deref());
        if !suberror.is_some_and(|suberror| ENDS_SESSION.contains(&suberror)) {
            return;
        }
        // A password or the caller's token may be valid for longer than the session that it began.
        let session = if self.first.is_single_use() { Session::Over(error.clone()) } else { Session::New };
        self.session.replace(session);
    }

    fn is_new(&self) -> bool {
        matches!(*self.session.borrow(), Session::New)
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

    fn describe(&self) -> Description {
        self.client.description()
    }
}

/// Whether the service refused the grant itself, so that another one may succeed. The OAuth error decides it, never an
/// AADSTS number: Microsoft documents that numbers change ("Microsoft Entra authentication and authorization error
/// codes").
fn is_refused(error: &Error) -> bool {
    error.oauth_error().is_some_and(|error| REFUSED.contains(&error))
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

/// RFC 6749, section 5.2; OpenID Connect Core 1.0, section 3.1.2.6.
const REFUSED: &[&str] = &["invalid_grant", "interaction_required"];
/// The values of `suberror` of a refresh token that expired, was revoked or was replaced (MSAL).
const ENDS_SESSION: &[&str] = &["bad_token", "token_expired"];
/// In bytes. Codes are about 1 KiB long, tokens up to 4 KiB.
const MAX_ARGUMENT: usize = 16 * 1024;

#[cfg(test)]
mod tests;
