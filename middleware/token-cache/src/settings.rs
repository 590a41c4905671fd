//! The settings of the environment.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use azure_token_cache::identity::Identity;
use azure_token_cache::key_ring::KeyRing;
use azure_token_cache::partition::Partition;

/// The settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The keys of names and records.
    pub keys: KeyRing,
    /// The instances that share tokens.
    pub partition: Partition,
    /// The identity that these instances declare to have; `None`: they declare none, so that no token is stored or read.
    pub identity: Option<Identity>,
    /// The name of the store.
    pub store: String,
}

impl Settings {
    /// Reads the settings; `variable` returns the value of a variable that is set and not blank.
    ///
    /// # Errors
    /// The reason why every request is refused: a variable is missing or malformed. It repeats no key.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let malformed = |name: &str, why: &dyn core::fmt::Display| format!("{name} is malformed: {why}");
        let keys = variable(KEYS).ok_or_else(|| match variable(KEYS_FILE) {
            None => format!(
                "{KEYS} is not set; set it to two keys, {KEYS}=\"lookup=<key> 1=<key>\", each of them made with \
                 `openssl rand -base64 32`"
            ),
            Some(_) => format!("{KEYS} is not set; this component reads no file, so {KEYS_FILE} has no effect"),
        })?;
        let partition = variable(PARTITION).ok_or_else(|| {
            format!(
                "{PARTITION} is not set; set it to a name for the instances that have the same identity and share its tokens"
            )
        })?;
        let identity = match variable(IDENTITY) {
            Some(identity) => {
                Some(Identity::parse(identity.trim()).map_err(|why| malformed(IDENTITY, &why))?)
            }
            // A malformed client id is the provider's to refuse.
            None => variable(CLIENT_ID).and_then(|client| {
                Identity::parse(client.trim()).ok().filter(|identity| matches!(identity, Identity::Client(_)))
            }),
        };
        Ok(Self {
            keys: KeyRing::parse(&keys).map_err(|why| malformed(KEYS, &why))?,
            partition: Partition::parse(partition.trim()).map_err(|why| malformed(PARTITION, &why))?,
            identity,
            store: variable(STORE).map_or_else(|| "default".to_owned(), |store| store.trim().to_owned()),
        })
    }
}

/// Names the variables of the identity, for a warning.
pub const IDENTITY: &str = "AZURE_TOKEN_CACHE_IDENTITY";
const CLIENT_ID: &str = "AZURE_CLIENT_ID";
const KEYS: &str = "AZURE_TOKEN_CACHE_KEYS";
const KEYS_FILE: &str = "AZURE_TOKEN_CACHE_KEYS_FILE";
const PARTITION: &str = "AZURE_TOKEN_CACHE_PARTITION";
const STORE: &str = "AZURE_TOKEN_CACHE_STORE";

#[cfg(test)]
mod tests {
    use super::*;

    const RING: &str =
        "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    const CLIENT: &str = "11111111-2222-3333-4444-555555555555";

    fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name);
        Settings::read(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn keys_and_a_partition_are_enough_and_the_rest_has_defaults() {
        let needed = [(KEYS, RING), (PARTITION, " orders \n")];
        let settings = read(&needed).unwrap();
        assert_eq!((settings.partition.as_str(), settings.store.as_str()), ("orders", "default"));
        assert_eq!(settings.identity, None);
        let client = Some(Identity::Client(CLIENT.to_owned()));
        for (more, identity) in [
            (&[(CLIENT_ID, CLIENT)][..], client.clone()),
            (&[(IDENTITY, CLIENT)], client),
            (&[(IDENTITY, "unverified"), (CLIENT_ID, CLIENT)], Some(Identity::Unverified)),
            // Only in so many words, and in its own variable.
            (&[(CLIENT_ID, "unverified")], None),
            (&[(CLIENT_ID, "app")], None),
        ] {
            assert_eq!(read(&[&needed[..], more].concat()).unwrap().identity, identity, "{more:?}");
        }
        let settings = read(&[&needed[..], &[(STORE, "tokens")]].concat()).unwrap();
        assert_eq!(settings.store, "tokens");
    }

    #[test]
    fn what_is_missing_or_malformed_is_named_and_no_key_is_repeated() {
        for (variables, reason) in [
            (&[(PARTITION, "p")][..], "AZURE_TOKEN_CACHE_KEYS is not set; set it to two keys"),
            (
                &[(PARTITION, "p"), (KEYS_FILE, "/k")],
                "AZURE_TOKEN_CACHE_KEYS is not set; this component reads no file",
            ),
            (&[(KEYS, RING)], "AZURE_TOKEN_CACHE_PARTITION is not set; set it to a name"),
            (&[(KEYS, "c2VjcmV0"), (PARTITION, "p")], "AZURE_TOKEN_CACHE_KEYS is malformed: an entry is not"),
            (
                &[(KEYS, RING), (PARTITION, "a b")],
                "AZURE_TOKEN_CACHE_PARTITION is malformed: a partition must",
            ),
            (
                &[(KEYS, RING), (PARTITION, "p"), (IDENTITY, "any")],
                "AZURE_TOKEN_CACHE_IDENTITY is malformed: the identity must be a client id (a GUID), or unverified",
            ),
        ] {
            let refused = read(variables).unwrap_err();
            assert!(refused.starts_with(reason) && !refused.contains("c2VjcmV0"), "{refused}");
        }
    }
}
