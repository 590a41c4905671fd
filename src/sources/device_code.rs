//! A user who signs in on another device (RFC 8628; Microsoft Learn, "Microsoft identity platform and
//! the OAuth 2.0 device authorization grant flow").

use super::sign_in::{self, FirstGrant, SignIn};
use crate::call_context::CallContext;
use crate::credential::Credential;
use crate::entra::client_authentication::PublicClient;
use crate::entra::{Client, Scopes};
use crate::error::{Error, ErrorKind};
use crate::host::Host;
use crate::http::{Form, Request, Url};
use crate::json::Json;
use crate::prelude::*;
use crate::request::{RawRequest, TokenRequest};
use crate::text;
use crate::token::Secret;
use alloc::rc::Rc;
use core::cell::Cell;
use core::time::Duration;

/// The name in messages and tokens.
pub const NAME: &str = "device-code";

/// A sign-in under way.
pub struct Flow {
    /// The code the user types in.
    pub user_code: String,
    /// Where the user types it in.
    pub verification_uri: String,
    /// A sentence for the user with both.
    pub message: String,
    /// When the code ends, in seconds since the Unix epoch.
    pub expires_on: u64,
    /// The same by the clock that nobody sets.
    deadline: Duration,
    interval: Cell<Duration>,
    /// When the service may be asked next, by the clock that nobody sets.
    next_on: Cell<Duration>,
    scopes: Vec<String>,
    /// What the user is waited for with.
    credential: Credential,
    has_ended: Cell<bool>,
}

/// What Microsoft Entra says to somebody who wants a code.
struct Code {
    device_code: Secret,
    user_code: String,
    verification_uri: String,
    message: String,
    expires_in: u64,
    interval: u64,
}

impl Flow {
    /// Asks Microsoft Entra for a code.
    ///
    /// # Errors
    /// `invalid-request` for scopes that no request may have; else as [`Client::request_token`].
    #[maybe_async]
    pub async fn begin(host: &dyn Host, client: Client, scopes: Vec<String>) -> Result<Self, Error> {
        let scope = sign_in::scope(NAME, &scopes)?;
        let form = Form::new(&[("client_id", &client.client_id), ("scope", &scope)]);
        let post = Request::post(client.endpoint(&client.tenant_id, "devicecode"), &form);
        let (now, elapsed) = (host.now(), host.elapsed());
        let call = CallContext::alone(host);
        client.check_authority(&call).await?;
        let response = client.send(&call, &post, &[]).await?;
        let code = Code::parse(&response.body.0).ok_or_else(|| {
            Error::other(NAME, "the answer holds no code; check whether something stands between this machine and Microsoft Entra")
        })?;
        let first = FirstGrant {
            fields: vec![
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code".into()),
                ("device_code", code.device_code.clone()),
                // Its name in the first version of the endpoint (MSAL for Python).
                ("code", code.device_code),
            ],
            headers: Vec::new(),
            scopes: Scopes::Omitted,
            works_once: true,
            label: NAME,
        };
        let credential = Credential::new(Rc::new(SignIn::new(client, Rc::new(PublicClient), first)));
        Ok(Self {
            user_code: code.user_code,
            verification_uri: code.verification_uri,
            message: code.message,
            expires_on: now.saturating_add(code.expires_in),
            deadline: elapsed.saturating_add(Duration::from_secs(code.expires_in)),
            interval: Cell::new(Duration::from_secs(code.interval)),
            next_on: Cell::new(elapsed),
            scopes,
            credential,
            has_ended: Cell::new(false),
        })
    }

    /// Asks once whether the user is done; `None`: not yet, or it is too early to ask.
    ///
    /// # Errors
    /// `rejected` when the user declined or the code has expired, `invalid-request` when this sign-in
    /// has ended; else as [`Credential::get_token`].
    #[maybe_async]
    pub async fn poll(&self, host: &dyn Host) -> Result<Option<Credential>, Error> {
        if self.has_ended.get() {
            return Err(Error::invalid(NAME, "this sign-in has ended; begin a new one"));
        }
        if host.elapsed() >= self.deadline {
            self.has_ended.set(true);
            return Err(Error::rejected(NAME, "the code has expired; begin a new sign-in"));
        }
        if host.elapsed() < self.next_on.get() {
            return Ok(None);
        }
        // Whoever asks meanwhile asks too early.
        self.pause(host);
        let raw = RawRequest { scopes: self.scopes.clone(), ..Default::default() };
        let call = CallContext::until(host, self.deadline);
        let Err(error) = self.credential.get_token_within(&call, TokenRequest::parse(raw)?).await else {
            self.has_ended.set(true);
            return Ok(Some(self.credential.clone()));
        };
        let (is_pending, is_too_fast) = (error.code == "authorization_pending", error.code == "slow_down");
        if is_too_fast {
            self.interval.set(self.interval.get().saturating_add(SLOWER));
        }
        self.pause(host);
        if is_pending || is_too_fast {
            return Ok(None);
        }
        self.has_ended.set(error.kind == ErrorKind::Rejected);
        Err(error)
    }

    fn pause(&self, host: &dyn Host) {
        self.next_on.set(host.elapsed().saturating_add(self.interval.get()));
    }

    /// Asks until the user is done, at most until the code expires.
    ///
    /// # Errors
    /// As [`poll`](Self::poll).
    #[maybe_async]
    pub async fn wait(&self, host: &dyn Host) -> Result<Credential, Error> {
        loop {
            if let Some(credential) = self.poll(host).await? {
                return Ok(credential);
            }
            let next_on = self.next_on.get().min(self.deadline);
            host.sleep(next_on.saturating_sub(host.elapsed())).await;
        }
    }
}

impl Code {
    fn parse(body: &[u8]) -> Option<Self> {
        let json = Json::parse(body)?;
        let text = |name| json.text(name).filter(|text| !text.is_empty());
        let is_code = |code: &&str| code.len() <= MAX_CODE && text::has_only(code, |b| b.is_ascii_graphic());
        let user_code = text("user_code").filter(is_code)?;
        // People are sent there, so it is looked at as if we went there ourselves.
        let verification_uri =
            text("verification_uri").filter(|uri| Url::parse_metadata_endpoint(uri).is_ok())?;
        let said = text("message").unwrap_or_default().chars().filter(|c| !c.is_control());
        let mut message: String = said.collect();
        if message.is_empty() {
            message = format!("To sign in, open {verification_uri} and enter the code {user_code}.");
        }
        let interval = json.get("interval").and_then(Json::as_u64).unwrap_or(5);
        Some(Self {
            device_code: text("device_code").filter(is_code)?.into(),
            user_code: user_code.to_owned(),
            verification_uri: verification_uri.to_owned(),
            message,
            expires_in: json.get("expires_in").and_then(Json::as_u64)?.min(LONGEST),
            interval: interval.max(1),
        })
    }
}

/// RFC 8628, section 3.5.
const SLOWER: Duration = Duration::from_secs(5);
/// Nobody waits longer for a user, whatever a server says; Microsoft Entra says 15 minutes. In seconds.
const LONGEST: u64 = 3600;
const MAX_CODE: usize = 4096;
