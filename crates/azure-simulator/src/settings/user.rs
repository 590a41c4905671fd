//! The users, their refresh tokens, and what they do in a device code flow.

use serde::Deserialize;

use super::application::AZURE_CLI;

/// The user principal name of the default user, who is signed in with the Azure CLI.
pub const USERNAME: &str = "user@contoso.com";
/// The password of the default user.
pub const PASSWORD: &str = "p4ss w~+/=&%rd";
/// The object id of the default user.
pub const USER_OID: &str = "44445555-eeee-6666-ffff-7777aaaa8888";
/// The refresh token that the Azure CLI has for the default user.
pub const REFRESH_TOKEN: &str = "1.refresh-token~of+user@contoso.com";

/// A user.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct User {
    /// The user principal name.
    pub username: String,
    /// The object id in the home tenant.
    pub oid: String,
    /// The password; `None`: every password is refused.
    #[serde(default)]
    pub password: Option<String>,
    /// The id of the home tenant; `None`: the first tenant.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The ids of the tenants in which the user is a guest.
    #[serde(default)]
    pub guest_of: Vec<String>,
    /// The refresh tokens that clients have for the user.
    #[serde(default)]
    pub refresh_tokens: Vec<RefreshToken>,
}

/// A refresh token.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RefreshToken {
    /// The token itself.
    pub token: String,
    /// The client that it was issued to.
    pub client_id: String,
    /// Whether every client of Microsoft's first-party family may redeem it.
    #[serde(default)]
    pub family: bool,
    /// Whether it is valid.
    #[serde(default)]
    pub state: RefreshTokenState,
}

/// Whether a refresh token is valid.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum RefreshTokenState {
    /// It was inactive for too long.
    Expired,
    /// An administrator or a changed password revoked it.
    Revoked,
    /// It is valid.
    #[default]
    Valid,
}

/// The responses of the token endpoint to a device that polls (RFC 8628, section 3.5).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DeviceCode {
    /// The number of polls that receive `slow_down`, before all others.
    pub slow_down: u32,
    /// The number of polls that receive `authorization_pending` after those.
    pub pending: u32,
    /// What the user does after that.
    pub then: UserDecision,
    /// The lifetime of the codes, in seconds.
    pub expires_in: u64,
    /// The `interval` of the device authorization response: the pause between two polls, in seconds.
    pub interval: u64,
}

/// What a user does with a device code at the end.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum UserDecision {
    /// Signs in.
    #[default]
    Approve,
    /// Declines.
    Decline,
    /// Nothing, so that the code expires.
    Nothing,
}

impl User {
    /// A user with this user principal name and object id, without a password.
    pub fn new(username: impl Into<String>, oid: impl Into<String>) -> User {
        User {
            username: username.into(),
            oid: oid.into(),
            password: None,
            tenant: None,
            guest_of: Vec::new(),
            refresh_tokens: Vec::new(),
        }
    }

    /// Sets the password.
    pub fn with_password(mut self, password: impl Into<String>) -> User {
        self.password = Some(password.into());
        self
    }

    /// Sets the home tenant.
    pub fn in_tenant(mut self, id: impl Into<String>) -> User {
        self.tenant = Some(id.into());
        self
    }

    /// Adds a refresh token that a client has.
    pub fn with_refresh_token(mut self, token: RefreshToken) -> User {
        self.refresh_tokens.push(token);
        self
    }

    /// The default user.
    pub fn example() -> User {
        let refresh_token = RefreshToken {
            token: REFRESH_TOKEN.into(),
            client_id: AZURE_CLI.into(),
            family: true,
            state: RefreshTokenState::Valid,
        };
        User::new(USERNAME, USER_OID).with_password(PASSWORD).with_refresh_token(refresh_token)
    }
}

impl Default for DeviceCode {
    fn default() -> DeviceCode {
        DeviceCode { slow_down: 0, pending: 2, then: UserDecision::Approve, expires_in: 900, interval: 5 }
    }
}
