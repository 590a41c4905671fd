//! `msal_token_cache.json`: MSAL's cache of accounts, access tokens and refresh tokens (the schema of
//! MSAL's unified cache; all times are strings of seconds since the Unix epoch).

use super::CLI_CLIENT_ID;
use crate::http::Url;
use crate::json::Json;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::token::{AccessToken, Secret};

/// The file's content.
pub struct TokenCache(pub Json);

/// Whose access token is wanted.
pub enum Account<'a> {
    /// A service principal's, by client id; its entries have no `home_account_id`.
    Client(&'a str),
    /// A user's, by `home_account_id`.
    User(&'a str),
}

impl TokenCache {
    /// The `home_account_id` of a user, by name.
    pub fn account(&self, username: &str, authority: &Url) -> Option<String> {
        let account = self.section("Account").find(|account| {
            text(account, "username").is_some_and(|name| name.eq_ignore_ascii_case(username))
                && is_of(account, authority)
        })?;
        text(account, "home_account_id").map(ToOwned::to_owned)
    }

    /// The access token that answers the request and lives longest, if it lives five minutes more.
    pub fn access_token(
        &self,
        account: &Account<'_>,
        authority: &Url,
        tenant: &str,
        request: &TokenRequest,
        now: u64,
    ) -> Option<AccessToken> {
        if request.claims().is_some() {
            return None;
        }
        let (home_account_id, client_id) = match account {
            Account::Client(id) => (None, *id),
            Account::User(home_account_id) => (Some(*home_account_id), CLI_CLIENT_ID),
        };
        let matches = |entry: &&Json| {
            text(entry, "home_account_id") == home_account_id
                && text(entry, "client_id").is_some_and(|id| id.eq_ignore_ascii_case(client_id))
                && text(entry, "realm").is_some_and(|realm| realm.eq_ignore_ascii_case(tenant))
                && is_of(entry, authority)
                && has_scopes(entry, request)
                // An extended key belongs to a token that is bound to something else as well.
                && entry.get("ext_cache_key").is_none()
                && text(entry, "token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("Bearer"))
        };
        let expires_on = |entry: &Json| entry.get("expires_on").and_then(Json::as_u64).unwrap_or(0);
        let entry = self.section("AccessToken").filter(matches).max_by_key(|entry| expires_on(entry))?;
        let expires_on = expires_on(entry);
        let token = text(entry, "secret")?;
        let is_good = expires_on >= now.saturating_add(300) && token.bytes().all(|b| b.is_ascii_graphic());
        is_good.then(|| AccessToken {
            token: token.into(),
            token_type: "Bearer".to_owned(),
            expires_on,
            refresh_on: entry.get("refresh_on").and_then(Json::as_u64),
            source: "azure-cli/cached-token",
        })
    }

    /// The user's refresh token: the CLI's own, else one of the family of Microsoft's tools.
    pub fn refresh_token(&self, home_account_id: &str, authority: &Url) -> Option<Secret> {
        let find = |is_wanted: fn(&Json) -> bool| {
            let mut entries = self.section("RefreshToken");
            entries.find(|entry| {
                text(entry, "home_account_id") == Some(home_account_id)
                    && is_of(entry, authority)
                    && is_wanted(entry)
            })
        };
        let own = find(|entry| text(entry, "client_id") == Some(CLI_CLIENT_ID));
        let entry = own.or_else(|| find(|entry| text(entry, "family_id") == Some("1")))?;
        text(entry, "secret").map(Secret::from)
    }

    fn section(&self, name: &str) -> impl Iterator<Item = &Json> {
        let section = self.0.get(name).and_then(Json::as_object).unwrap_or_default();
        section.iter().map(|(_, entry)| entry)
    }
}

impl core::fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("TokenCache(REDACTED)")
    }
}

/// Whether an entry belongs to the authority's cloud: MSAL names it by any of its aliases.
fn is_of(entry: &Json, authority: &Url) -> bool {
    let Some(environment) = text(entry, "environment") else {
        return false;
    };
    let is_alias_of_both =
        |cloud: &&[&str]| cloud.contains(&environment) && cloud.contains(&authority.authority());
    environment == authority.authority() || CLOUDS.iter().any(is_alias_of_both)
}

/// Whether the entry's target, scopes separated by spaces, has all the scopes of the request.
fn has_scopes(entry: &Json, request: &TokenRequest) -> bool {
    let target = text(entry, "target").unwrap_or_default();
    request.scopes().iter().all(|scope| target.split(' ').any(|has| has.eq_ignore_ascii_case(scope)))
}

fn text<'a>(object: &'a Json, key: &str) -> Option<&'a str> {
    object.text(key)
}

/// Each cloud's names, as `…/common/discovery/instance` answers.
const CLOUDS: &[&[&str]] = &[
    &["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
    &["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
    &["login.microsoftonline.us", "login.usgovcloudapi.net"],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::RawRequest;
    use serde_json::{Value, json};

    const NOW: u64 = 1_800_000_000;

    fn read(value: &Value) -> Json {
        Json::parse(value.to_string().as_bytes()).expect("JSON")
    }

    fn found(change: impl Fn(&mut Value)) -> Option<String> {
        let mut entry = json!({
            "secret": "AT", "home_account_id": "uid.utid", "environment": "login.windows.net", "client_id": CLI_CLIENT_ID,
            "target": "https://vault.azure.net/.default openid", "realm": "tenant", "expires_on": (NOW + 300).to_string(),
        });
        change(&mut entry);
        let cache = TokenCache(read(&json!({"AccessToken": {"key": entry}})));
        let authority = Url::parse_authority("login.microsoftonline.com").expect("an authority");
        let raw =
            RawRequest { scopes: vec!["https://vault.azure.net/.default".into()], ..Default::default() };
        let request = TokenRequest::parse(raw).expect("well-formed");
        let token = cache.access_token(&Account::User("uid.utid"), &authority, "TENANT", &request, NOW);
        token.map(|token| token.token.into_exposed())
    }

    #[test]
    fn an_access_token_is_used_when_everything_about_it_fits() {
        assert_eq!(found(|_| {}).as_deref(), Some("AT"));
        let misfits: [(&str, Value); 8] = [
            ("home_account_id", json!("other.utid")),
            ("environment", json!("login.microsoftonline.us")),
            ("client_id", json!("other")),
            ("target", json!("https://vault.azure.net/.default.evil")),
            ("realm", json!("organizations")),
            ("expires_on", json!((NOW + 299).to_string())),
            ("ext_cache_key", json!("bound")),
            ("secret", json!("A\r\nT")),
        ];
        for (key, value) in misfits {
            assert_eq!(found(|entry| entry[key] = value.clone()), None, "{key}");
        }
    }

    #[test]
    fn the_refresh_token_is_the_clis_own_or_one_of_the_family() {
        let token = |client: &str, family: &str, secret: &str| json!({"home_account_id": "uid.utid", "environment": "login.microsoftonline.com", "client_id": client, "family_id": family, "secret": secret});
        let authority = Url::parse_authority("login.microsoftonline.com").expect("an authority");
        let find = |entries: Value| {
            let cache = TokenCache(read(&json!({"RefreshToken": entries})));
            cache.refresh_token("uid.utid", &authority).map(Secret::into_exposed)
        };
        let (own, family, stranger) =
            (token(CLI_CLIENT_ID, "", "own"), token("x", "1", "family"), token("x", "", "stranger"));
        assert_eq!(find(json!({"a": stranger, "b": family, "c": own})).as_deref(), Some("own"));
        assert_eq!(find(json!({"a": stranger, "b": family})).as_deref(), Some("family"));
        assert_eq!(find(json!({"a": stranger})), None);
    }
}
