//! The environment of the provider.

use crate::names::names;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Variables by their names.
pub type Variables = Vec<(String, String)>;

/// The host's environment, with the values of the store in it, and a warning if the store failed.
///
/// `get` returns the value of one of the [`names`] in the store, and an error if the store failed; it is called twice before the
/// failure counts. A blank value counts as none. A value of the store replaces that of the host's environment.
///
/// After a failure the identity is unknown, and a provider that found no secret would go on to another source. So
/// the variables that select an identity have a value then that the provider refuses before it sends anything.
///
/// ```
/// use azure_identity_secret_environment::environment::merged;
///
/// let of_host = vec![("AZURE_TENANT_ID".to_owned(), "contoso.com".to_owned())];
/// let store = |name: &str| Ok((name == "AZURE_CLIENT_SECRET").then(|| "secret".to_owned()));
/// let (variables, warning) = merged(of_host, store);
/// assert_eq!(variables.len(), 2);
/// assert_eq!(warning, None);
/// ```
pub fn merged(
    mut variables: Variables,
    get: impl Fn(&str) -> Result<Option<String>, ()>,
) -> (Variables, Option<String>) {
    let mut problem = None;
    for name in names() {
        match get(name).or_else(|()| get(name)) {
            Ok(None) => {}
            Ok(Some(value)) if value.trim().is_empty() => {}
            Ok(Some(value)) if value.len() > MAX_BYTES => problem = Some((name, "the value is too long")),
            Ok(Some(value)) => set(&mut variables, name, value),
            Err(()) => problem = Some((name, "the store failed")),
        }
        if problem.is_some() {
            break;
        }
    }
    let warning = problem.map(|(name, what)| {
        for name in IDENTITY {
            set(&mut variables, name, REFUSED.to_owned());
        }
        format!("secret-environment: {name}: {what}; no token is requested\n")
    });
    (variables, warning)
}

fn set(variables: &mut Variables, name: &str, value: String) {
    variables.retain(|(other, _)| other != name);
    variables.push((name.to_owned(), value));
}

/// The longest value, in bytes: a certificate with its chain and its key has a tenth of it.
const MAX_BYTES: usize = 64 * 1024;

/// The variables that select an identity in every source that the environment configures.
const IDENTITY: &[&str] =
    &["AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "AZURE_TOKEN_CREDENTIALS"];

/// Neither an id nor the name of a source, so each source refuses it as malformed.
const REFUSED: &str = "(secret-environment could not read the store)";

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use core::cell::Cell;

    fn variable<'a>(variables: &'a Variables, name: &str) -> Vec<&'a str> {
        variables.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
    }

    fn of_host(variables: &[(&str, &str)]) -> Variables {
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn values_of_the_store_are_added_and_replace_those_of_the_host() {
        let host =
            of_host(&[("PATH", "/bin"), ("AZURE_CLIENT_SECRET", "old"), ("AZURE_TENANT_ID", "contoso.com")]);
        let (variables, warning) = merged(host, |name| {
            Ok(match name {
                "AZURE_CLIENT_SECRET" => Some("new".to_owned()),
                "AZURE_CLIENT_ID" => Some("app".to_owned()),
                "AZURE_TENANT_ID" => Some(" \n".to_owned()),
                _ => None,
            })
        });
        assert_eq!(warning, None);
        for (name, values) in [
            ("PATH", &["/bin"][..]),
            ("AZURE_CLIENT_SECRET", &["new"]),
            ("AZURE_CLIENT_ID", &["app"]),
            ("AZURE_TENANT_ID", &["contoso.com"]),
            ("AZURE_PASSWORD", &[]),
        ] {
            assert_eq!(variable(&variables, name), values, "{name}");
        }
    }

    #[test]
    fn only_the_listed_names_are_looked_up_and_each_of_them_once() {
        let calls = Cell::new(0);
        let (variables, _) = merged(vec![], |name| {
            assert!(names().any(|known| known == name), "{name}");
            calls.set(calls.get() + 1);
            Ok(Some("value".to_owned()))
        });
        assert_eq!((calls.get(), variables.len()), (names().count(), names().count()));
    }

    #[test]
    fn after_a_failure_of_the_store_no_source_has_an_identity_and_the_warning_has_no_value() {
        let secret = "s3cret".to_owned();
        for (failing, what) in
            [(Err(()), "the store failed"), (Ok(Some("x".repeat(64 * 1024 + 1))), "the value is too long")]
        {
            let (variables, warning) = merged(of_host(&[("AZURE_CLIENT_ID", "app")]), |name| match name {
                "AZURE_CLIENT_CERTIFICATE" => Ok(Some(secret.clone())),
                "AZURE_CLIENT_SECRET" => failing.clone(),
                _ => Ok(None),
            });
            for name in IDENTITY {
                assert_eq!(variable(&variables, name), [REFUSED], "{name}");
            }
            let expected =
                format!("secret-environment: AZURE_CLIENT_SECRET: {what}; no token is requested\n");
            assert_eq!(warning, Some(expected));
        }
    }

    #[test]
    fn one_failure_is_followed_by_another_attempt() {
        let has_failed = Cell::new(false);
        let (variables, warning) = merged(vec![], |name| match name {
            "AZURE_CLIENT_SECRET" if !has_failed.replace(true) => Err(()),
            "AZURE_CLIENT_SECRET" => Ok(Some("secret".to_owned())),
            _ => Ok(None),
        });
        assert_eq!((variable(&variables, "AZURE_CLIENT_SECRET"), warning), (vec!["secret"], None));
    }
}
