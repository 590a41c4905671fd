//! The `scope` parameter ("Scopes and permissions in the Microsoft identity platform").

use super::error::EntraError;

/// A parsed scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The resource: the part of a permission in front of its last slash.
    pub resource: String,
    /// The permissions that the response lists, with the resource.
    pub granted: Vec<String>,
    /// Whether an id token is requested.
    pub openid: bool,
    /// Whether a refresh token is requested.
    pub offline_access: bool,
}

/// Parses the scope of a flow without a user: one resource with `/.default`, nothing else.
pub fn of_application(text: &str) -> Result<Scope, EntraError> {
    check_characters(text)?;
    let mut values = text.split_whitespace();
    let (first, second) = (values.next().unwrap_or_default(), values.next());
    match (first.strip_suffix("/.default"), second) {
        (None | Some(""), _) => Err(EntraError::scope_without_default(text)),
        (Some(_), Some(second)) if !second.ends_with("/.default") => {
            Err(EntraError::scope_without_default(text))
        }
        (Some(_), Some(_)) => Err(EntraError::two_resources(text)),
        (Some(resource), None) => Ok(Scope {
            resource: resource.to_owned(),
            granted: vec![first.to_owned()],
            openid: false,
            offline_access: false,
        }),
    }
}

/// Parses the scope of a flow with a user: permissions of one resource, and those of OpenID Connect.
pub fn of_user(text: &str) -> Result<Scope, EntraError> {
    check_characters(text)?;
    let (openid_connect, permissions): (Vec<&str>, Vec<&str>) =
        text.split_whitespace().partition(|value| OPENID_CONNECT.contains(value));
    let mut resources = permissions.iter().map(|value| resource_of(value, text));
    let resource = resources.next().unwrap_or(Ok(GRAPH))?;
    for other in resources {
        if other? != resource {
            return Err(EntraError::two_resources(text));
        }
    }
    let mut granted: Vec<String> = permissions.iter().map(|&it| it.to_owned()).collect();
    if permissions.iter().any(|it| it.ends_with("/.default")) {
        granted.insert(0, format!("{resource}/user_impersonation"));
    }
    Ok(Scope {
        resource: resource.to_owned(),
        granted,
        openid: openid_connect.contains(&"openid"),
        offline_access: openid_connect.contains(&"offline_access"),
    })
}

/// The resource of a permission; without one it is Microsoft Graph. A resource without a permission is an error.
fn resource_of<'a>(value: &'a str, scope: &str) -> Result<&'a str, EntraError> {
    let Some((resource, permission)) = value.rsplit_once('/') else { return Ok(GRAPH) };
    let empty = resource.is_empty() || permission.is_empty() || resource.ends_with(":/");
    if empty { Err(EntraError::invalid_scope(scope)) } else { Ok(resource) }
}

/// RFC 6749, section 3.3: a scope is printable ASCII without `"` and `\`.
fn check_characters(scope: &str) -> Result<(), EntraError> {
    let allowed = |c: char| c == ' ' || (c.is_ascii_graphic() && c != '"' && c != '\\');
    if scope.chars().all(allowed) { Ok(()) } else { Err(EntraError::invalid_scope(scope)) }
}

const GRAPH: &str = "https://graph.microsoft.com";
const OPENID_CONNECT: &[&str] = &["openid", "profile", "email", "offline_access"];
