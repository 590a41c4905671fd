//! What Microsoft Entra ID remembers between two requests: authorization codes, device codes, refresh tokens, and the
//! ids of assertions.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard};

use super::scope::Scope;
use crate::jwt;
use crate::settings::{RefreshToken, RefreshTokenState, Settings};
use crate::state::State;

/// The grants that can be redeemed.
#[derive(Debug)]
pub struct Sessions {
    codes: Mutex<Vec<AuthorizationCode>>,
    devices: Mutex<Vec<DeviceCode>>,
    refresh_tokens: Mutex<Vec<UserRefreshToken>>,
    assertion_ids: Mutex<HashSet<String>>,
}

/// An authorization code.
#[derive(Clone, Debug)]
pub struct AuthorizationCode {
    /// The code.
    pub code: String,
    /// The client that it was issued to.
    pub client_id: String,
    /// The object id of the user who signed in.
    pub oid: String,
    /// The scope of the authorization request.
    pub scope: Scope,
    /// The redirect URI of the authorization request.
    pub redirect_uri: String,
    /// The PKCE challenge; `None`: the authorization request had none.
    pub challenge: Option<String>,
    /// When it expires, in seconds since the Unix epoch.
    pub expires_on: u64,
    /// Whether it was redeemed.
    pub redeemed: bool,
}

/// A device code.
#[derive(Clone, Debug)]
pub struct DeviceCode {
    /// The code.
    pub device_code: String,
    /// The client that it was issued to.
    pub client_id: String,
    /// The scope of the device authorization request.
    pub scope: Scope,
    /// The number of polls so far.
    pub polls: u32,
    /// When it expires, in seconds since the Unix epoch.
    pub expires_on: u64,
}

/// A refresh token with its user.
#[derive(Clone, Debug)]
pub struct UserRefreshToken {
    /// The token.
    pub refresh_token: RefreshToken,
    /// The object id of the user.
    pub oid: String,
}

impl Sessions {
    /// The refresh tokens of `settings`, and nothing else.
    pub fn new(settings: &Settings) -> Sessions {
        let refresh_tokens = settings.users.iter().flat_map(|user| {
            let with_user = |token: &RefreshToken| UserRefreshToken {
                refresh_token: token.clone(),
                oid: user.oid.clone(),
            };
            user.refresh_tokens.iter().map(with_user)
        });
        Sessions {
            codes: Mutex::default(),
            devices: Mutex::default(),
            refresh_tokens: Mutex::new(refresh_tokens.collect()),
            assertion_ids: Mutex::default(),
        }
    }

    /// Adds an authorization code.
    pub fn add_code(&self, code: AuthorizationCode) {
        lock(&self.codes).push(code);
    }

    /// Finds an authorization code, redeemed or not.
    pub fn code(&self, code: &str) -> Option<AuthorizationCode> {
        lock(&self.codes).iter().find(|it| it.code == code).cloned()
    }

    /// Marks an authorization code as redeemed.
    pub fn redeem_code(&self, code: &str) {
        let mut codes = lock(&self.codes);
        codes.iter_mut().filter(|it| it.code == code).for_each(|it| it.redeemed = true);
    }

    /// Adds a device code.
    pub fn add_device(&self, device: DeviceCode) {
        lock(&self.devices).push(device);
    }

    /// Counts a poll with a device code, and returns the device as it was before.
    pub fn poll(&self, device_code: &str) -> Option<DeviceCode> {
        let mut devices = lock(&self.devices);
        let device = devices.iter_mut().find(|it| it.device_code == device_code)?;
        let before = device.clone();
        device.polls += 1;
        Some(before)
    }

    /// Issues a refresh token to `client_id`, or to its whole family, and adds it to the secrets of `state`.
    pub fn issue_refresh_token(&self, state: &State, oid: &str, client_id: &str, family: bool) -> String {
        let token = format!("1.{}~refresh+token/{}", jwt::base64url(client_id), state.new_id());
        state.add_secret(&format!("refresh token of {oid}"), &token);
        let refresh_token = RefreshToken {
            token: token.clone(),
            client_id: client_id.to_owned(),
            family,
            state: RefreshTokenState::Valid,
        };
        lock(&self.refresh_tokens).push(UserRefreshToken { refresh_token, oid: oid.to_owned() });
        token
    }

    /// Finds a refresh token, valid or not.
    pub fn refresh_token(&self, token: &str) -> Option<UserRefreshToken> {
        lock(&self.refresh_tokens).iter().find(|it| it.refresh_token.token == token).cloned()
    }

    /// Revokes a refresh token.
    pub fn revoke_refresh_token(&self, token: &str) {
        let mut all = lock(&self.refresh_tokens);
        let revoked = all.iter_mut().filter(|it| it.refresh_token.token == token);
        revoked.for_each(|it| it.refresh_token.state = RefreshTokenState::Revoked);
    }

    /// Remembers the `jti` of an assertion; whether it is new.
    pub fn is_first_use(&self, jti: &str) -> bool {
        let mut ids = lock(&self.assertion_ids);
        if ids.len() == MAX_ASSERTION_IDS {
            ids.clear();
        }
        ids.insert(jti.to_owned())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no holder of this lock panics")
}

/// A bound on the memory of a simulator that runs for days. Assertions live ten minutes at most, so that the ids that are
/// dropped belong to expired ones.
const MAX_ASSERTION_IDS: usize = 10_000;
