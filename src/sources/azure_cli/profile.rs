//! `azureProfile.json`: the subscriptions, and the login of each.

use super::options::NAME;
use crate::error::{Error, quote};
use crate::host::path;
use crate::json::Json;
use crate::prelude::*;
use crate::sources::managed_identity::user_assigned::IdKind;

/// A subscription and its login.
#[derive(Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its tenant.
    pub tenant_id: String,
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

/// The subscription of the active cloud with the wanted id or name, else the CLI's default subscription in that
/// cloud.
///
/// # Errors
/// `not-configured` when no user is logged in to the cloud, `invalid-argument` when there is no such
/// subscription or there are several, `other` when the profile is malformed.
pub fn choose(
    profile: &Json,
    cloud: &str,
    wanted: Option<&str>,
    folder: &str,
) -> Result<Subscription, Error> {
    let malformed = |what: &str| {
        let file = path::join(folder, FILE);
        Error::other(NAME, format_args!("{file} {what}; run: az login"))
    };
    if !profile.is_object() {
        return Err(malformed("lists no subscriptions"));
    }
    // The CLI writes the file before the first login, with an installation id or nothing in it.
    let all = profile.get("subscriptions").unwrap_or(&Json::NULL).elements();
    if all.len() == 0 {
        return Err(not_logged_in(folder, "lists no subscriptions"));
    }
    let is_in_cloud =
        |subscription: &&Json| text(subscription, "environmentName").unwrap_or("AzureCloud") == cloud;
    let mut in_cloud = all.filter(is_in_cloud).peekable();
    if in_cloud.peek().is_none() {
        return Err(nothing_in_cloud(cloud));
    }
    let is_chosen = |subscription: &&Json| match wanted {
        Some(wanted) => ["id", "name"]
            .iter()
            .any(|key| text(subscription, key).is_some_and(|value| value.eq_ignore_ascii_case(wanted))),
        None => subscription.is_true("isDefault"),
    };
    let chosen: Vec<&Json> = in_cloud.filter(is_chosen).collect();
    let chosen = match chosen.as_slice() {
        [chosen] => chosen,
        found => return Err(no_single_subscription(found.is_empty(), wanted.is_some())),
    };
    Ok(Subscription {
        tenant_id: text(chosen, "tenantId").ok_or_else(|| malformed("names no tenant"))?.to_owned(),
        user: user(chosen).ok_or_else(|| malformed("names no user"))?,
    })
}

/// The error when no user is logged in; `what` says what the profile is like.
pub fn not_logged_in(folder: &str, what: &str) -> Error {
    let file = path::join(folder, FILE);
    Error::not_configured(NAME, format_args!("no user is logged in: {file} {what}; run: az login"))
}

fn nothing_in_cloud(cloud: &str) -> Error {
    let what = format_args!(
        "the logins of the profile are in other clouds than the active one, {}; run: az cloud set --name <cloud>, or set AZURE_CLOUD_NAME",
        quote(cloud, &[])
    );
    Error::not_configured(NAME, what)
}

/// The error when no subscription is the chosen one, or several are. The CLI refuses a name that several have.
fn no_single_subscription(is_none: bool, is_wanted: bool) -> Error {
    match (is_none, is_wanted) {
        (true, true) => Error::invalid_argument(
            NAME,
            "the subscription is not in the profile's active cloud; see: az account list",
        ),
        (false, true) => Error::invalid_argument(
            NAME,
            "several subscriptions have that name; name the subscription by its id, see: az account list",
        ),
        (true, false) => Error::not_configured(
            NAME,
            "no subscription is the default one; run: az account set --subscription <id>",
        ),
        (false, false) => Error::other(
            NAME,
            "several subscriptions are the default one; run: az account set --subscription <id>",
        ),
    }
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

fn text<'a>(object: &'a Json, key: &str) -> Option<&'a str> {
    object.text(key).filter(|text| !text.trim().is_empty())
}

/// The file's name.
pub const FILE: &str = "azureProfile.json";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn chosen(profile: &Value, wanted: Option<&str>) -> Result<User, String> {
        chosen_in("AzureCloud", profile, wanted)
    }

    fn chosen_in(cloud: &str, profile: &Value, wanted: Option<&str>) -> Result<User, String> {
        let profile = Json::parse(profile.to_string().as_bytes()).expect("JSON");
        choose(&profile, cloud, wanted, "/home/user/.azure")
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
            Err("azure-cli: the subscription is not in the profile's active cloud; see: az account list"
                .into())
        );
    }

    #[test]
    fn a_name_that_several_subscriptions_have_is_refused() {
        let person = json!({"name": "a", "type": "user"});
        let (mut one, mut other) =
            (subscription("s", true, person.clone()), subscription("S", false, person));
        other["id"] = json!("other-id");
        let profile = json!({"subscriptions": [one, other]});
        assert_eq!(
            chosen(&profile, Some("s")),
            Err("azure-cli: several subscriptions have that name; name the subscription by its id, see: az account list".into())
        );
        assert_eq!(chosen(&profile, Some("OTHER-ID")), Ok(User::Person("a".into())));
        one["isDefault"] = json!(true);
        other["isDefault"] = json!(true);
        assert_eq!(
            chosen(&json!({"subscriptions": [one, other]}), None),
            Err("azure-cli: several subscriptions are the default one; run: az account set --subscription <id>".into())
        );
    }

    #[test]
    fn only_the_subscriptions_of_the_active_cloud_count() {
        let of_cloud = |cloud: &str, name: &str| {
            let mut subscription = subscription("s", true, json!({"name": name, "type": "user"}));
            subscription["environmentName"] = json!(cloud);
            subscription
        };
        let profile =
            json!({"subscriptions": [of_cloud("AzureCloud", "a"), of_cloud("AzureUSGovernment", "b")]});
        for wanted in [None, Some("s")] {
            assert_eq!(chosen_in("AzureUSGovernment", &profile, wanted), Ok(User::Person("b".into())));
            assert_eq!(chosen_in("AzureCloud", &profile, wanted), Ok(User::Person("a".into())));
        }
        assert_eq!(
            chosen_in("Contoso\nStack", &profile, None),
            Err("azure-cli: the logins of the profile are in other clouds than the active one, Contoso Stack; run: az cloud set --name <cloud>, or set AZURE_CLOUD_NAME".into())
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
        let file = "azure-cli: /home/user/.azure/azureProfile.json";
        for (profile, message) in [
            (json!([]), format!("{file} lists no subscriptions; run: az login")),
            (
                json!({"subscriptions": [{"isDefault": true, "user": {"name": "a", "type": "user"}}]}),
                format!("{file} names no tenant; run: az login"),
            ),
            (
                json!({"subscriptions": [{"isDefault": true, "tenantId": "t"}]}),
                format!("{file} names no user; run: az login"),
            ),
            (
                json!({"subscriptions": [{"isDefault": true, "tenantId": "t", "user": {"name": "userAssignedIdentity", "type": "servicePrincipal", "assignedIdentityInfo": "MSINew-1"}}]}),
                format!("{file} names no user; run: az login"),
            ),
        ] {
            assert_eq!(chosen(&profile, None), Err(message));
        }
    }

    #[test]
    fn a_profile_from_before_the_first_login_is_that_of_no_user() {
        for profile in [
            json!({}),
            json!({"installationId": "00000000-0000-1000-8000-000000000001"}),
            json!({"subscriptions": null}),
            json!({"subscriptions": []}),
        ] {
            let message = "azure-cli: no user is logged in: /home/user/.azure/azureProfile.json lists no subscriptions; run: az login";
            assert_eq!(chosen(&profile, None), Err(message.to_owned()), "{profile}");
        }
    }
}
