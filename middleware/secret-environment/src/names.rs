//! The names of the variables.

use alloc::string::String;
use azure_token_rules::variables::{FOLDERS, VARIABLES};

/// The variables that are looked up in the store: those of the provider, except what tells it where folders are, and those
/// of `token-cache`, whose keys are a secret.
pub fn names() -> impl Iterator<Item = &'static str> {
    let of_the_provider = VARIABLES.iter().filter(|name| !FOLDERS.contains(name));
    of_the_provider.chain(OF_TOKEN_CACHE).copied()
}

const OF_TOKEN_CACHE: &[&str] = &[
    "AZURE_TOKEN_CACHE_IDENTITY",
    "AZURE_TOKEN_CACHE_KEYS",
    "AZURE_TOKEN_CACHE_PARTITION",
    "AZURE_TOKEN_CACHE_STORE",
];

/// What one of the [`names`] is called in the store: Spin's variables have lower-case names.
pub fn in_store(name: &str) -> String {
    if cfg!(feature = "spin") { name.to_ascii_lowercase() } else { name.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::vec::Vec;

    #[test]
    fn the_keys_of_the_cache_are_looked_up_and_where_folders_are_is_not() {
        let names: Vec<_> = names().collect();
        for name in ["AZURE_CLIENT_SECRET", "AZURE_TOKEN_CACHE_KEYS", "IDENTITY_HEADER"] {
            assert!(names.contains(&name), "{name}");
        }
        assert!(FOLDERS.iter().all(|name| VARIABLES.contains(name) && !names.contains(name)));
        assert_eq!(names.len(), VARIABLES.len() - FOLDERS.len() + OF_TOKEN_CACHE.len());
    }

    #[test]
    fn a_name_is_a_variable_of_spin_and_the_key_of_a_kubernetes_secret() {
        for name in names() {
            let is_key = |one: char| one.is_ascii_uppercase() || one.is_ascii_digit() || one == '_';
            assert!(
                name.starts_with(|first: char| first.is_ascii_uppercase()) && name.chars().all(is_key),
                "{name}"
            );
            let expected = if cfg!(feature = "spin") { name.to_lowercase() } else { name.to_owned() };
            assert_eq!(in_store(name), expected);
        }
    }
}
