//! Whose token may be shared: what is known of a token is checked before it is stored.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

/// The identity that the instances of a partition declare to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The application (client) id of a service principal, or of a user-assigned managed identity. Only tokens that were
    /// issued to it are stored.
    Client(String),
    /// The operator vouches that every instance of the partition has the same identity, and every token is stored. It is for
    /// sources that do not tell the client.
    Unverified,
}

impl Identity {
    /// Reads an identity: a client id, or the word `unverified`.
    ///
    /// # Errors
    /// [`InvalidIdentity`] when it is neither.
    ///
    /// # Examples
    /// ```
    /// use azure_token_cache::identity::Identity;
    ///
    /// let id = "11111111-2222-3333-4444-555555555555";
    /// assert_eq!(Identity::parse(id), Ok(Identity::Client(id.into())));
    /// assert_eq!(Identity::parse("unverified"), Ok(Identity::Unverified));
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidIdentity> {
        if text == UNVERIFIED {
            return Ok(Self::Unverified);
        }
        match is_guid(text) {
            true => Ok(Self::Client(text.to_ascii_lowercase())),
            false => Err(InvalidIdentity),
        }
    }

    /// Whether a token with these details may be stored. `details`: those of the interface, by key and value.
    ///
    /// # Errors
    /// [`NotShared`]: the token may be another one's on another machine. A system-assigned identity is another client on each
    /// machine, and a user is none.
    pub fn check(&self, details: &[(String, String)]) -> Result<(), NotShared> {
        let detail =
            |name: &str| details.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let Self::Client(declared) = self else { return Ok(()) };
        match detail("client-id") {
            _ if detail("username").is_some() => Err(NotShared::User),
            None => Err(NotShared::Unknown),
            Some(client) if client.eq_ignore_ascii_case(declared) => Ok(()),
            Some(client) => Err(NotShared::OtherClient(client.to_owned())),
        }
    }
}

/// Why a token is not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotShared {
    /// It is a user's.
    User,
    /// It does not say to which client it was issued.
    Unknown,
    /// It was issued to this client, and not to the declared one.
    OtherClient(String),
}

impl fmt::Display for NotShared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User => f.write_str("the token is a user's"),
            Self::Unknown => f.write_str("the token does not say to which client it was issued"),
            Self::OtherClient(client) => {
                write!(f, "the token was issued to the client {client}, which is not the declared one")
            }
        }
    }
}

/// A text is no [`Identity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidIdentity;

impl fmt::Display for InvalidIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the identity must be a client id (a GUID), or {UNVERIFIED}")
    }
}

impl core::error::Error for InvalidIdentity {}

fn is_guid(text: &str) -> bool {
    let mut groups = text.split('-');
    let is_group =
        |length| move |group: &str| group.len() == length && group.bytes().all(|b| b.is_ascii_hexdigit());
    [8, 4, 4, 4, 12].into_iter().all(|length| groups.next().is_some_and(is_group(length)))
        && groups.next().is_none()
}

const UNVERIFIED: &str = "unverified";

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    const CLIENT: &str = "11111111-2222-3333-4444-55555555aaaa";

    fn details(details: &[(&str, &str)]) -> Vec<(String, String)> {
        details.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn only_the_declared_clients_token_is_stored() {
        let declared = Identity::parse(&CLIENT.to_uppercase()).unwrap();
        let other = "99999999-2222-3333-4444-55555555aaaa";
        for (token, verdict) in [
            (details(&[("client-id", CLIENT)]), Ok(())),
            (details(&[("tenant-id", "t"), ("client-id", &CLIENT.to_uppercase())]), Ok(())),
            (details(&[]), Err(NotShared::Unknown)),
            (details(&[("tenant-id", "t")]), Err(NotShared::Unknown)),
            (details(&[("client-id", other)]), Err(NotShared::OtherClient(other.to_owned()))),
            (details(&[("client-id", CLIENT), ("username", "user@contoso.com")]), Err(NotShared::User)),
        ] {
            assert_eq!(declared.check(&token), verdict, "{token:?}");
            assert_eq!(Identity::Unverified.check(&token), Ok(()));
        }
    }

    #[test]
    fn an_identity_is_a_guid_or_said_to_be_unverified_in_so_many_words() {
        for text in [
            "",
            "any",
            "UNVERIFIED",
            "11111111222233334444555555555555",
            &CLIENT[1..],
            "g1111111-2222-3333-4444-555555555555",
        ] {
            assert_eq!(Identity::parse(text), Err(InvalidIdentity), "{text}");
        }
    }
}
