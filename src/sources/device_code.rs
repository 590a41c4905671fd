//! A user who signs in on another device (RFC 8628; Microsoft Learn, "Microsoft identity platform and
//! the OAuth 2.0 device authorization grant flow").

use super::sign_in::{FirstGrant, SignIn};
use super::sign_in_options::{RawSignInOptions, SignInRequest};
use crate::call_context::CallContext;
use crate::concurrency::boxed;
use crate::credential::Credential;
use crate::entra::client_authentication::PublicClient;
use crate::entra::{Client, Scopes};
use crate::error::{Error, ErrorKind};
use crate::host::Host;
use crate::http::{Form, Request, Url};
use crate::json::Json;
use crate::prelude::*;
use crate::retry::{self, Repetition};
use crate::token::Secret;
use alloc::rc::Rc;
use azure_token_rules::text::cleaned;
use core::cell::Cell;
use core::time::Duration;

/// The name in messages and tokens.
pub const NAME: &str = "device-code";

/// A device code flow that has begun.
pub struct Flow {
    /// The code that the user types in.
    pub user_code: String,
    /// The URL at which the user types it in.
    pub verification_uri: String,
    /// A sentence for the user with code and URL.
    pub message: String,
    /// When the code expires, in seconds since the Unix epoch.
    pub expires_on: u64,
    /// The same by the monotonic clock ([`Host::elapsed`]).
    deadline: Duration,
    interval: Cell<Duration>,
    /// When the next poll is allowed, by the monotonic clock.
    next_on: Cell<Duration>,
    request: SignInRequest,
    /// The credential whose first token is polled for.
    credential: Credential,
    has_ended: Cell<bool>,
}

/// The device authorization response (RFC 8628, section 3.2).
struct Code {
    device_code: Secret,
    user_code: String,
    verification_uri: String,
    message: String,
    expires_in: u64,
    interval: u64,
}

impl Flow {
    /// Requests a code from Microsoft Entra.
    ///
    /// # Errors
    /// `invalid-argument` when a scope or an option is malformed; else as [`Client::fetch_token`].
    #[maybe_async]
    pub async fn begin(
        host: &dyn Host,
        client: Client,
        scopes: Vec<String>,
        options: RawSignInOptions,
    ) -> Result<Self, Error> {
        let request = SignInRequest::on_another_device(NAME, scopes, options)?;
        let scope = Scopes::WithOfflineAccess.parameter(&request.token);
        let form = Form::new(&[("client_id", client.client_id.as_str()), ("scope", &scope)]);
        let form = match request.claims() {
            Some(claims) => form.field("claims", &claims),
            None => form,
        };
        let post = Request::post(client.endpoint(&client.tenant_id, "devicecode"), &form);
        let (now, elapsed) = (host.now(), host.elapsed());
        let call = CallContext::new(host);
        client.check_authority(&call).await?;
        let response = boxed(client.send(&call, post, &[])).await?;
        let code = Code::parse(&response.body.0).ok_or_else(|| {
            let what = "has no code; check whether something stands between this machine and Microsoft Entra";
            client.malformed(&call, &response, what)
        })?;
        let first = FirstGrant {
            fields: vec![
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code".into()),
                ("device_code", code.device_code.clone()),
                // The parameter's name in version 1 of the endpoint (MSAL for Python).
                ("code", code.device_code),
            ],
            headers: Vec::new(),
            scopes: Scopes::Omitted,
            repetition: Repetition::Never,
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
            request,
            credential,
            has_ended: Cell::new(false),
        })
    }

    /// Polls once for the user's sign-in; `None`: the user is not done, or the interval of the service is not
    /// over.
    ///
    /// One poll is one request: a failed one is repeated by the next poll. After one without a response the interval
    /// is twice as long (RFC 8628, section 3.5).
    ///
    /// # Errors
    /// `authentication-failed` when the user declined or the code has expired, `invalid-argument` when this flow has ended;
    /// else as [`Credential::get_token`].
    #[maybe_async]
    pub async fn poll(&self, host: &dyn Host) -> Result<Option<Credential>, Error> {
        if self.has_ended.get() {
            return Err(Error::invalid_argument(NAME, "this sign-in has ended; begin a new one"));
        }
        if host.elapsed() >= self.deadline {
            self.has_ended.set(true);
            return Err(Error::authentication_failed(NAME, "the code has expired; begin a new sign-in"));
        }
        if host.elapsed() < self.next_on.get() {
            return Ok(None);
        }
        // A concurrent poll during this one is too early.
        self.pause(host);
        let call = CallContext::until(host, self.deadline);
        let error = match self.credential.get_token_within(&call, self.request.token.clone()).await {
            Ok(token) => {
                self.has_ended.set(true);
                self.request.check_account(NAME, &token.details)?;
                return Ok(Some(self.credential.clone()));
            }
            Err(error) => error,
        };
        let code = error.oauth_error();
        let (is_pending, is_too_fast) = (code == Some("authorization_pending"), code == Some("slow_down"));
        let interval = self.interval.get();
        if is_too_fast {
            self.interval.set(interval.saturating_add(SLOW_DOWN));
        } else if error.response.is_none() && error.kind == ErrorKind::Transient {
            self.interval.set(interval.saturating_mul(2));
        }
        let retry_after = error.response.as_ref().and_then(|response| response.retry_after);
        let retry_after = Duration::from_secs(retry_after.unwrap_or_default().into());
        self.next_on.set(host.elapsed().saturating_add(self.interval.get().max(retry_after)));
        if is_pending || is_too_fast {
            return Ok(None);
        }
        self.has_ended.set(error.kind == ErrorKind::AuthenticationFailed);
        Err(error)
    }

    fn pause(&self, host: &dyn Host) {
        self.next_on.set(host.elapsed().saturating_add(self.interval.get()));
    }

    /// Polls until the user has signed in or the code has expired.
    ///
    /// # Errors
    /// As [`poll`](Self::poll), `transient` after more than a few failed polls in succession.
    #[maybe_async]
    pub async fn wait(&self, host: &dyn Host) -> Result<Credential, Error> {
        let mut failures: u32 = 0;
        loop {
            match self.poll(host).await {
                Ok(Some(credential)) => return Ok(credential),
                Ok(None) => failures = 0,
                Err(error) if error.kind == ErrorKind::Transient && failures < MAX_RETRIES => {
                    failures = failures.saturating_add(1);
                }
                Err(error) => return Err(error),
            }
            let next_on = self.next_on.get().min(self.deadline);
            host.sleep(next_on.saturating_sub(host.elapsed())).await;
        }
    }
}

impl Code {
    fn parse(body: &[u8]) -> Option<Self> {
        let json = Json::parse(body)?;
        let text = |name| json.non_empty_text(name);
        let is_code = |code: &&str| code.len() <= MAX_CODE && code.bytes().all(|b| b.is_ascii_graphic());
        let user_code = text("user_code").filter(is_code)?;
        // The user opens this URL, so it is checked like those of the component's own requests.
        let verification_uri =
            text("verification_uri").filter(|uri| Url::parse_metadata_endpoint(uri).is_ok())?;
        let message = cleaned(text("message").unwrap_or_default());
        let mut message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        if message.is_empty() {
            message = format!("To sign in, open {verification_uri} and enter the code {user_code}.");
        }
        let interval = json.u64("interval").unwrap_or(5);
        Some(Self {
            device_code: text("device_code").filter(is_code)?.into(),
            user_code: user_code.to_owned(),
            verification_uri: verification_uri.to_owned(),
            message,
            expires_in: json.u64("expires_in")?.min(MAX_EXPIRES_IN),
            interval: interval.max(1),
        })
    }
}

/// What `slow_down` adds to the interval (RFC 8628, section 3.5).
const SLOW_DOWN: Duration = Duration::from_secs(5);
/// The number of polls after a failed one, as the number of retries of other requests.
const MAX_RETRIES: u32 = retry::ENTRA.retries;
/// Upper bound of a code's lifetime, in seconds. Microsoft Entra's codes are valid for 15 minutes.
const MAX_EXPIRES_IN: u64 = 3600;
const MAX_CODE: usize = 4096;
