//! The cache of MSAL, Microsoft's sign-in library: the accounts, access tokens and refresh tokens in the
//! files of its tools (the schema of MSAL's unified cache; all times are strings of seconds since the Unix
//! epoch).

use crate::http::Url;
use crate::identifiers::ClientId;
use crate::json::Json;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::token::{AccessToken, Secret};
use crate::token_details::TokenDetails;
use alloc::rc::Rc;
use azure_token_rules::authority::CLOUDS;
use azure_token_rules::freshness::{Freshness, Lifetime};

/// The content of a cache file.
pub struct MsalCache(pub Json);

/// The account of an access token, and the client that it was issued to.
pub struct Owner<'a> {
    /// The user's `home_account_id`; `None`: the client's own token, whose entry has none.
    pub home_account_id: Option<&'a str>,
    /// The client's id.
    pub client_id: &'a ClientId,
    /// The tenants (`realm`) of which the token may be.
    pub realms: &'a [&'a str],
}

impl MsalCache {
    /// The `home_account_id` of each account with a user name. A work account and a personal one may have the
    /// same name.
    pub fn accounts_of(&self, username: &str, authority: &Url) -> Vec<&str> {
        let mut ids = Vec::new();
        for (id, name) in self.accounts(authority) {
            if name.eq_ignore_ascii_case(username) && !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// The accounts with a refresh token of the family, which each of Microsoft's tools can redeem. Each of
    /// them once, by `home_account_id` and user name.
    pub fn family(&self, authority: &Url) -> Vec<(&str, &str)> {
        let mut family: Vec<(&str, &str)> = Vec::new();
        for (id, name) in self.accounts(authority) {
            let mut tokens = self.refresh_tokens(id, authority);
            if tokens.any(is_of_family) && !family.iter().any(|(other, _)| *other == id) {
                family.push((id, name));
            }
        }
        family
    }

    /// The access token for the request that expires last, if it is valid for five more minutes. `source` is
    /// the source of the returned token.
    pub fn access_token(
        &self,
        owner: &Owner<'_>,
        authority: &Url,
        request: &TokenRequest,
        now: u64,
        source: &'static str,
    ) -> Option<AccessToken> {
        if request.claims().is_some() {
            return None;
        }
        let matches = |entry: &&Json| {
            entry.text("home_account_id") == owner.home_account_id
                && entry.text("client_id").is_some_and(|id| id.eq_ignore_ascii_case(owner.client_id.as_str()))
                && entry.text("realm").is_some_and(|of| owner.realms.iter().any(|it| it.eq_ignore_ascii_case(of)))
                && is_of(entry, authority)
                && has_scopes(entry, request)
                // A token with an extended key is bound to more than this request.
                && entry.get("ext_cache_key").is_none()
                && entry.text("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("Bearer"))
        };
        let expires_on = |entry: &Json| entry.u64("expires_on").unwrap_or(0);
        let entry = self.section("AccessToken").filter(matches).max_by_key(|entry| expires_on(entry))?;
        let expires_on = expires_on(entry);
        let token = entry.text("secret")?;
        let is_fresh = Lifetime::new(expires_on, None).freshness(now) == Freshness::Fresh;
        (is_fresh && token.bytes().all(|b| b.is_ascii_graphic())).then(|| AccessToken {
            token: token.into(),
            token_type: "Bearer".to_owned(),
            expires_on,
            refresh_on: entry.u64("refresh_on"),
            source,
            details: Rc::new(TokenDetails {
                tenant_id: entry.text("realm").map(ToOwned::to_owned),
                client_id: Some(owner.client_id.as_str().to_owned()),
                authority: Some(authority.origin()),
                home_account_id: owner.home_account_id.map(ToOwned::to_owned),
                ..Default::default()
            }),
            from_cache: false,
        })
    }

    /// The refresh token of an account for a client: the client's own, else one of the family.
    pub fn refresh_token(
        &self,
        home_account_id: &str,
        client_id: &ClientId,
        authority: &Url,
    ) -> Option<Secret> {
        let tokens = || self.refresh_tokens(home_account_id, authority);
        let own = tokens().find(|entry| entry.text("client_id") == Some(client_id.as_str()));
        own.or_else(|| tokens().find(|entry| is_of_family(entry)))?.text("secret").map(Secret::from)
    }

    /// The accounts of a cloud, by `home_account_id` and user name.
    fn accounts(&self, authority: &Url) -> impl Iterator<Item = (&str, &str)> {
        let accounts = self.section("Account").filter(move |account| is_of(account, authority));
        accounts.filter_map(|account| Some((account.text("home_account_id")?, account.text("username")?)))
    }

    fn refresh_tokens(&self, home_account_id: &str, authority: &Url) -> impl Iterator<Item = &Json> {
        let is_wanted = move |entry: &&Json| {
            entry.text("home_account_id") == Some(home_account_id) && is_of(entry, authority)
        };
        self.section("RefreshToken").filter(is_wanted)
    }

    fn section(&self, name: &str) -> impl Iterator<Item = &Json> + use<'_> {
        self.0.get(name).into_iter().flat_map(Json::member_values)
    }
}

impl core::fmt::Debug for MsalCache {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("MsalCache(REDACTED)")
    }
}

/// Whether each client of the family of Microsoft's tools can redeem this refresh token.
fn is_of_family(refresh_token: &Json) -> bool {
    refresh_token.text("family_id") == Some("1")
}

/// Whether an entry belongs to the authority's cloud, which MSAL names by any of its aliases.
fn is_of(entry: &Json, authority: &Url) -> bool {
    let Some(environment) = entry.text("environment") else {
        return false;
    };
    let is_alias_of_both =
        |cloud: &&[&str]| cloud.contains(&environment) && cloud.contains(&authority.authority());
    environment == authority.authority() || CLOUDS.iter().any(is_alias_of_both)
}

/// Whether the entry's target, scopes separated by spaces, has all the scopes of the request.
fn has_scopes(entry: &Json, request: &TokenRequest) -> bool {
    let target = entry.text("target").unwrap_or_default();
    request.scopes().iter().all(|scope| target.split(' ').any(|has| has.eq_ignore_ascii_case(scope.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::Scope;
    use serde_json::{Value, json};

    const NOW: u64 = 1_800_000_000;
    const CLIENT_ID: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

    fn read(value: &Value) -> Json {
        Json::parse(value.to_string().as_bytes()).expect("JSON")
    }

    fn found(change: impl Fn(&mut Value)) -> Option<String> {
        let mut entry = json!({
            "secret": "AT", "home_account_id": "uid.utid", "environment": "login.windows.net", "client_id": CLIENT_ID,
            "target": "https://vault.azure.net/.default openid", "realm": "tenant", "expires_on": (NOW + 300).to_string(),
        });
        change(&mut entry);
        let cache = MsalCache(read(&json!({"AccessToken": {"key": entry}})));
        let authority = Url::parse_authority("login.microsoftonline.com").expect("an authority");
        let request =
            TokenRequest::for_scope(Scope::parse("https://vault.azure.net/.default").expect("a scope"));
        let client_id = &ClientId::azure_cli();
        let owner = Owner { home_account_id: Some("uid.utid"), client_id, realms: &["TENANT", "x"] };
        let token = cache.access_token(&owner, &authority, &request, NOW, "test");
        token.map(|token| token.token.into_exposed())
    }

    #[test]
    fn an_access_token_is_used_when_all_its_properties_match() {
        assert_eq!(found(|_| {}).as_deref(), Some("AT"));
        let mismatches: [(&str, Value); 8] = [
            ("home_account_id", json!("other.utid")),
            ("environment", json!("login.microsoftonline.us")),
            ("client_id", json!("other")),
            ("target", json!("https://vault.azure.net/.default.evil")),
            ("realm", json!("organizations")),
            ("expires_on", json!((NOW + 299).to_string())),
            ("ext_cache_key", json!("bound")),
            ("secret", json!("A\r\nT")),
        ];
        for (key, value) in mismatches {
            assert_eq!(found(|entry| entry[key] = value.clone()), None, "{key}");
        }
    }

    #[test]
    fn the_refresh_token_is_the_clients_own_or_one_of_the_family() {
        let token = |client: &str, family: &str, secret: &str| json!({"home_account_id": "uid.utid", "environment": "login.microsoftonline.com", "client_id": client, "family_id": family, "secret": secret});
        let authority = Url::parse_authority("login.microsoftonline.com").expect("an authority");
        let find = |entries: Value| {
            let cache = MsalCache(read(&json!({"RefreshToken": entries})));
            cache.refresh_token("uid.utid", &ClientId::azure_cli(), &authority).map(Secret::into_exposed)
        };
        let (own, family, stranger) =
            (token(CLIENT_ID, "", "own"), token("x", "1", "family"), token("x", "", "stranger"));
        assert_eq!(find(json!({"a": stranger, "b": family, "c": own})).as_deref(), Some("own"));
        assert_eq!(find(json!({"a": stranger, "b": family})).as_deref(), Some("family"));
        assert_eq!(find(json!({"a": stranger})), None);
    }

    #[test]
    fn the_family_is_the_accounts_with_a_refresh_token_of_it_in_this_cloud() {
        let account =
            |id: &str, cloud: &str| json!({"home_account_id": id, "environment": cloud, "username": id});
        let token = |id: &str, family: &str| json!({"home_account_id": id, "environment": "login.windows.net", "family_id": family, "secret": "RT"});
        let (public, us) = ("login.microsoftonline.com", "login.microsoftonline.us");
        let cache = MsalCache(read(&json!({
            "Account": {"a": account("u.t", public), "b": account("u.t", "login.windows.net"), "c": account("v.t", public), "d": account("w.t", us)},
            "RefreshToken": {"a": token("u.t", "1"), "b": token("v.t", ""), "c": token("w.t", "1")},
        })));
        let authority = Url::parse_authority(public).expect("an authority");
        assert_eq!(cache.family(&authority), [("u.t", "u.t")]);
    }
}
