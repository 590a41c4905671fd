//! `azureProfile.json`: the subscriptions, and the login of each.

use super::options::NAME;
use crate::entra::PUBLIC_CLOUD;
use crate::error::{Error, quote};
use crate::http::Url;
use crate::json::Json;
use crate::prelude::*;
use crate::sources::managed_identity::user_assigned::IdKind;

/// A subscription and its login.
#[derive(Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its tenant.
    pub tenant_id: String,
    /// The authority of its cloud.
    pub authority: Url,
    /// Its login.
    pub user: User,
}

/// The login of a subscription.
#[derive(Debug, PartialEq, Eq)]
pub enum User {
    /// A managed identity, by kind and text of its id; `None`: the system-assigned one.
    ManagedIdentity(Option<(IdKind, String)>),
    /// A user, by name.
    Person(String),
    /// A service principal, by client id.
    ServicePrincipal(String),
}

/// The subscription with the wanted id or name, else the CLI's default subscription.
///
/// # Errors
/// `not-configured` when no user is logged in, `invalid-argument` when there is no such subscription, `other`
/// when the profile is malformed.
pub fn choose(profile: &Json, wanted: Option<&str>, folder: &str) -> Result<Subscription, Error> {
    let malformed =
        |what: &str| Error::other(NAME, format_args!("{folder}/azureProfile.json {what}; run: az login"));
    let mut list =
        profile.get("subscriptions").ok_or_else(|| malformed("lists no subscriptions"))?.elements();
    let is_empty = list.len() == 0;
    let chosen = list.find(|subscription| match wanted {
        Some(wanted) => ["id", "name"]
            .iter()
            .any(|key| text(subscription, key).is_some_and(|value| value.eq_ignore_ascii_case(wanted))),
        None => subscription.is_true("isDefault"),
    });
    let Some(chosen) = chosen else {
        return Err(match wanted {
            Some(_) => {
                Error::invalid_argument(NAME, "the subscription is not in the profile; see: az account list")
            }
            None if is_empty => Error::not_configured(
                NAME,
                format_args!("no user is logged in: {folder}/azureProfile.json is empty; run: az login"),
            ),
            None => Error::not_configured(
                NAME,
                "no subscription is the default one; run: az account set --subscription <id>",
            ),
        });
    };
    Ok(Subscription {
        tenant_id: text(chosen, "tenantId").ok_or_else(|| malformed("names no tenant"))?.to_owned(),
        authority: authority_of_cloud(text(chosen, "environmentName").unwrap_or("AzureCloud"))?,
        user: user(chosen).ok_or_else(|| malformed("names no user"))?,
    })
}

fn user(subscription: &Json) -> Option<User> {
    let user = subscription.get("user")?;
    let name = text(user, "name")?.to_owned();
    if let Some(info) = text(user, "assignedIdentityInfo") {
        // An identity of an unknown kind must not be replaced by another identity.
        return if info == "MSI" { Some(None) } else { identity(info).map(Some) }.map(User::ManagedIdentity);
    }
    // "Cloud Shell is just a system-assigned managed identity" (azure-cli-core, `_profile.py`).
    if user.is_true("cloudShellID") {
        return Some(User::ManagedIdentity(None));
    }
    match text(user, "type")? {
        "user" => Some(User::Person(name)),
        "servicePrincipal" => Some(User::ServicePrincipal(name)),
        _ => None,
    }
}

/// `MSI`, `MSIClient-<id>`, `MSIObject-<id>` or `MSIResource-<id>` (azure-cli-core, `_profile.py`).
fn identity(info: &str) -> Option<(IdKind, String)> {
    let (kind, id) = info.split_once('-')?;
    let id = id.to_owned();
    match kind {
        "MSIClient" => Some((IdKind::Client, id)),
        "MSIObject" => Some((IdKind::Object, id)),
        "MSIResource" => Some((IdKind::Resource, id)),
        _ => None,
    }
}

/// The authority of a cloud by the CLI's name for it.
fn authority_of_cloud(name: &str) -> Result<Url, Error> {
    let host = match name {
        "AzureCloud" => PUBLIC_CLOUD,
        "AzureChinaCloud" => "https://login.chinacloudapi.cn",
        "AzureUSGovernment" => "https://login.microsoftonline.us",
        _ => {
            let what = format_args!(
                "the subscription is in the cloud {}, whose authority no file names; the known ones are AzureCloud, AzureChinaCloud and AzureUSGovernment",
                quote(name, &[])
            );
            return Err(Error::other(NAME, what));
        }
    };
    Url::parse_authority(host).map_err(|error| Error::other(NAME, error))
}

fn text<'a>(object: &'a Json, key: &str) -> Option<&'a str> {
    object.text(key).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn chosen(profile: &Value, wanted: Option<&str>) -> Result<User, String> {
        choose(&Json::parse(profile.to_string().as_bytes()).expect("JSON"), wanted, "/home/user/.azure")
            .map(|subscription| subscription.user)
            .map_err(|error| error.into_details().message)
    }

    fn subscription(name: &str, default: bool, user: Value) -> Value {
        json!({"id": format!("{name}-id"), "name": name, "isDefault": default, "tenantId": "t", "user": user, "environmentName": "AzureCloud"})
    }

    #[test]
    fn the_default_subscription_is_chosen_unless_another_is_wanted() {
        let person = |name: &str| json!({"name": name, "type": "user"});
        let profile = json!({"subscriptions": [subscription("one", false, person("a")), subscription("two", true, person("b"))]});
        for (wanted, user) in [(None, "b"), (Some("one"), "a"), (Some("ONE-ID"), "a")] {
            assert_eq!(chosen(&profile, wanted), Ok(User::Person(user.into())));
        }
        assert_eq!(
            chosen(&profile, Some("x")),
            Err("azure-cli: the subscription is not in the profile; see: az account list".into())
        );
    }

    #[test]
    fn every_kind_of_login_is_recognised() {
        let id = || "1-2".to_owned();
        let identity = |info: &str| json!({"name": "systemAssignedIdentity", "type": "servicePrincipal", "assignedIdentityInfo": info});
        for (user, expected) in [
            (json!({"name": "a", "type": "servicePrincipal"}), User::ServicePrincipal("a".into())),
            (identity("MSI"), User::ManagedIdentity(None)),
            (
                json!({"name": "live.com#a@b", "type": "user", "cloudShellID": true}),
                User::ManagedIdentity(None),
            ),
            (json!({"name": "a", "type": "user", "cloudShellID": false}), User::Person("a".into())),
            (identity("MSIClient-1-2"), User::ManagedIdentity(Some((IdKind::Client, id())))),
            (identity("MSIObject-1-2"), User::ManagedIdentity(Some((IdKind::Object, id())))),
            (identity("MSIResource-1-2"), User::ManagedIdentity(Some((IdKind::Resource, id())))),
        ] {
            assert_eq!(
                chosen(&json!({"subscriptions": [subscription("s", true, user)]}), None),
                Ok(expected)
            );
        }
    }

    #[test]
    fn the_error_for_a_malformed_profile_names_the_file_and_the_remedy() {
        let person = json!({"name": "a", "type": "user"});
        let file = "azure-cli: /home/user/.azure/azureProfile.json";
        for (profile, message) in [
            (json!([]), format!("{file} lists no subscriptions; run: az login")),
            (json!({"subscriptions": [{"isDefault": true, "user": person}]}), format!("{file} names no tenant; run: az login")),
            (json!({"subscriptions": [{"isDefault": true, "tenantId": "t"}]}), format!("{file} names no user; run: az login")),
            (
                json!({"subscriptions": [{"isDefault": true, "tenantId": "t", "user": {"name": "userAssignedIdentity", "type": "servicePrincipal", "assignedIdentityInfo": "MSINew-1"}}]}),
                format!("{file} names no user; run: az login"),
            ),
            (json!({"subscriptions": []}), "azure-cli: no user is logged in: /home/user/.azure/azureProfile.json is empty; run: az login".into()),
            (
                json!({"subscriptions": [{"isDefault": true, "tenantId": "t", "user": person, "environmentName": "x"}]}),
                "azure-cli: the subscription is in the cloud x, whose authority no file names; the known ones are AzureCloud, AzureChinaCloud and AzureUSGovernment".into(),
            ),
        ] {
            assert_eq!(chosen(&profile, None), Err(message));
        }
    }
}
