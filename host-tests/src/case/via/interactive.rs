//! Credentials of users who sign in interactively, in a browser or on another device.

use super::options::Options;
use crate::arguments::{self, ClientAuthentication, SignInOptions};
use crate::case::scopes::default_scopes;
use crate::functions::CredentialResult;
use crate::guest::Guest;
use anyhow::{Context, Result, bail};
use azure_simulator::settings;
use serde::Deserialize;
use std::time::Duration;
use wasmtime::component::ResourceAny;

/// The app that the user signs in to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct App {
    tenant_id: String,
    client_id: String,
    client_secret: Option<String>,
    redirect_uri: String,
    options: Options,
}

/// Arguments of `authorization-code`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AuthorizationCode {
    #[serde(default)]
    app: App,
    /// The authorization code; by default the browser obtains one in a sign-in of its own.
    code: Option<String>,
    code_verifier: Option<String>,
    /// The PKCE challenge of the sign-in that obtains the default code.
    code_challenge: Option<String>,
}

/// Arguments of `begin-authorization-code`, and the parameters of the redirect.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Browser {
    app: App,
    scopes: Vec<String>,
    /// The code in the redirect; by default the one that was issued.
    code: Option<String>,
    /// The state in the redirect; by default the one that the flow expects.
    state: Option<String>,
    /// The whole redirect, without a sign-in in the browser; `{state}` is the flow's state.
    redirect: Option<String>,
    sign_in: SignIn,
    /// How often `redeem` is called; the last outcome counts.
    times: usize,
}

/// `sign-in-options`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SignIn {
    claims: Option<String>,
    enable_cae: bool,
    login_hint: Option<String>,
    domain_hint: Option<String>,
    prompt: Option<String>,
    authentication_record: Option<String>,
}

/// Arguments of `begin-device-code`, and how the app waits for the user.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Device {
    tenant_id: String,
    client_id: String,
    scopes: Vec<String>,
    options: Options,
    sign_in: SignIn,
    /// The seconds that pass before each call of `poll`; by default the app calls `wait`.
    polls: Vec<u64>,
    /// The expected values of what the app shows to its user; only those given are compared.
    shows: Shown,
}

/// What an app shows to a user who signs in on another device.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Shown {
    user_code: Option<String>,
    verification_uri: Option<String>,
    message: Option<String>,
    /// In seconds since the Unix epoch.
    expires_on: Option<u64>,
}

impl SignIn {
    fn into_argument(self) -> SignInOptions {
        SignInOptions {
            claims: self.claims,
            enable_cae: self.enable_cae,
            login_hint: self.login_hint,
            domain_hint: self.domain_hint,
            prompt: self.prompt,
            authentication_record: self.authentication_record,
        }
    }
}

impl App {
    fn into_argument(self) -> arguments::App {
        arguments::App {
            client: self.options.of_client(self.tenant_id, self.client_id),
            authentication: self.client_secret.map(ClientAuthentication::Secret),
            redirect_uri: self.redirect_uri,
        }
    }
}

impl AuthorizationCode {
    /// The secrets among its arguments, by name.
    pub fn secrets(&self) -> Vec<(String, String)> {
        let code = self.code.iter().map(|it| ("authorization code".to_owned(), it.clone()));
        code.chain(self.code_verifier.iter().map(|it| ("code verifier".to_owned(), it.clone()))).collect()
    }

    /// Creates the credential; the outer error is a trap, or a failed sign-in.
    pub async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let code = match self.code {
            Some(code) => code,
            None => {
                let App { tenant_id, client_id, redirect_uri, .. } = &self.app;
                let address = format!("https://login.microsoftonline.com/{tenant_id}/oauth2/v2.0/authorize");
                let mut address = url::Url::parse(&address)?;
                address
                    .query_pairs_mut()
                    .extend_pairs([("client_id", client_id.as_str()), ("response_type", "code")])
                    .extend_pairs([
                        ("redirect_uri", redirect_uri.as_str()),
                        ("scope", "openid offline_access"),
                    ]);
                if let Some(challenge) = &self.code_challenge {
                    address.query_pairs_mut().extend_pairs([
                        ("code_challenge", challenge.as_str()),
                        ("code_challenge_method", "S256"),
                    ]);
                }
                parameter(&guest.browse(address.as_str()).await?, "code")?
            }
        };
        let (app, verifier) = (self.app.into_argument(), self.code_verifier);
        guest
            .call(move |c, store| {
                Box::pin(
                    async move { c.call_authorization_code(store, &app, &code, verifier.as_deref()).await },
                )
            })
            .await
    }
}

impl Browser {
    /// The secrets among its arguments, by name.
    pub fn secrets(&self) -> Vec<(String, String)> {
        self.code.iter().map(|it| ("authorization code".to_owned(), it.clone())).collect()
    }

    /// Begins the flow, opens its URL in the browser, and redeems the code in the redirect.
    pub async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let (app, scopes) = (self.app.into_argument(), self.scopes);
        let sign_in = self.sign_in.into_argument();
        let flow = guest.call(move |c, store| {
            Box::pin(async move { c.call_begin_authorization_code(store, &app, &scopes, &sign_in).await })
        });
        let flow = match flow.await? {
            Ok(flow) => flow,
            Err(error) => return Ok(Err(error)),
        };
        let url = guest.call(move |c, store| Box::pin(async move { c.call_url(store, flow).await })).await?;
        let state =
            guest.call(move |c, store| Box::pin(async move { c.call_state(store, flow).await })).await?;
        let redirect = match self.redirect {
            Some(redirect) => redirect.replace("{state}", &state),
            None => {
                let redirect = guest.browse(&url).await?;
                if parameter(&redirect, "state")? != state {
                    bail!("the flow's `state` differs from the state in its URL");
                }
                with_parameters(&redirect, &[("code", self.code), ("state", self.state)]).to_string()
            }
        };
        for _ in 1..self.times {
            redeem(guest, flow, redirect.clone()).await?.ok();
        }
        redeem(guest, flow, redirect).await
    }
}

/// The address with other values of some parameters.
fn with_parameters(address: &url::Url, values: &[(&str, Option<String>)]) -> url::Url {
    let value = |name: &str| values.iter().find(|(other, _)| *other == name)?.1.clone();
    let pairs = address.query_pairs();
    let pairs: Vec<_> = pairs
        .map(|(name, old)| (name.to_string(), value(&name).unwrap_or_else(|| old.into_owned())))
        .collect();
    let mut changed = address.clone();
    changed.query_pairs_mut().clear().extend_pairs(pairs);
    changed
}

async fn redeem(guest: &mut Guest, flow: ResourceAny, redirect: String) -> Result<CredentialResult> {
    guest.call(move |c, store| Box::pin(async move { c.call_redeem(store, flow, &redirect).await })).await
}

fn parameter(address: &url::Url, name: &str) -> Result<String> {
    let value = address.query_pairs().find(|(key, _)| key == name);
    value
        .map(|(_, value)| value.into_owned())
        .with_context(|| format!("the redirect has no parameter {name}"))
}

impl Device {
    /// Begins the flow, and waits for the user.
    pub async fn create(self, guest: &mut Guest) -> Result<CredentialResult> {
        let Self { tenant_id, client_id, scopes, options, sign_in, polls, shows } = self;
        let (client, sign_in) = (options.of_client(tenant_id, client_id), sign_in.into_argument());
        let flow = guest.call(move |c, store| {
            Box::pin(async move { c.call_begin_device_code(store, &client, &scopes, &sign_in).await })
        });
        let flow = match flow.await? {
            Ok(flow) => flow,
            Err(error) => return Ok(Err(error)),
        };
        shows.check(guest, flow).await?;
        for wait in &polls {
            tokio::time::sleep(Duration::from_secs(*wait)).await;
            let polled =
                guest.call(move |c, store| Box::pin(async move { c.call_poll(store, flow).await })).await?;
            match polled {
                Ok(Some(credential)) => return Ok(Ok(credential)),
                Ok(None) => {}
                Err(error) => return Ok(Err(error)),
            }
        }
        if !polls.is_empty() {
            bail!("the user has not signed in after {} calls of poll", polls.len());
        }
        guest.call(move |c, store| Box::pin(async move { c.call_wait(store, flow).await })).await
    }
}

impl Shown {
    /// Compares the flow's values with the expected ones.
    async fn check(self, guest: &mut Guest, flow: ResourceAny) -> Result<()> {
        let (c, store) = guest.credentials();
        let values = [
            ("user-code", c.call_user_code(&mut *store, flow).await?, self.user_code),
            ("verification-uri", c.call_verification_uri(&mut *store, flow).await?, self.verification_uri),
            ("message", c.call_message(&mut *store, flow).await?, self.message),
        ];
        for (name, actual, expected) in values {
            if let Some(expected) = expected.filter(|expected| *expected != actual) {
                bail!("{name}: expected {expected:?}, got {actual:?}");
            }
        }
        let expires_on = c.call_expires_on(store, flow).await?;
        if let Some(expected) = self.expires_on.filter(|expected| *expected != expires_on) {
            bail!("expires-on: expected {expected}, got {expires_on}");
        }
        Ok(())
    }
}

impl Default for App {
    fn default() -> Self {
        Self {
            tenant_id: settings::TENANT_ID.into(),
            client_id: settings::PUBLIC_CLIENT_ID.into(),
            client_secret: None,
            redirect_uri: "https://app.example/callback?from=entra".into(),
            options: Options::default(),
        }
    }
}

impl Default for Browser {
    fn default() -> Self {
        let (app, scopes, sign_in) = (App::default(), default_scopes(), SignIn::default());
        Self { app, scopes, code: None, state: None, redirect: None, sign_in, times: 1 }
    }
}

impl Default for Device {
    fn default() -> Self {
        let (scopes, options) = (default_scopes(), Options::default());
        let (tenant_id, client_id) = (settings::TENANT_ID.into(), settings::PUBLIC_CLIENT_ID.into());
        let (sign_in, shows) = (SignIn::default(), Shown::default());
        Self { tenant_id, client_id, scopes, options, sign_in, polls: Vec::new(), shows }
    }
}
