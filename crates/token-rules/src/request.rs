//! What a token request may contain.

use core::fmt::{self, Write};

/// The number of scopes of one request, at most.
pub const MAX_SCOPES: usize = 32;
/// The length of a scope, at most, in bytes.
pub const MAX_SCOPE: usize = 1024;
/// The length of a tenant, at most, in bytes.
pub const MAX_TENANT: usize = 255;
/// The length of claims, at most, in bytes.
pub const MAX_CLAIMS: usize = 16 * 1024;

/// Whether a text has no other characters than scopes have: ASCII letters, digits and `- . _ ~ : / @ ! $ ' ( ) * + , ; =`.
///
/// These are the characters that the path of a URI may have unescaped (RFC 3986, section 3.3), without `&`. Microsoft
/// Entra allows a few more in the name of a scope (Microsoft Graph, `permissionScope`, `value`): `& % # ? [ ] ^ { | }` and the
/// grave accent. They begin a field, an escape, a query or a fragment where an encoder is missing, and no scope that is
/// known has one. The Azure SDKs restrict scopes where they pass them to a command, and nowhere else.
pub fn has_characters_of_scope(text: &str) -> bool {
    text.bytes().all(|byte| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'.'
                    | b'_'
                    | b'~'
                    | b':'
                    | b'/'
                    | b'@'
                    | b'!'
                    | b'$'
                    | b'\''
                    | b'('
                    | b')'
                    | b'*'
                    | b'+'
                    | b','
                    | b';'
                    | b'='
            )
    })
}

/// Whether a text has no other characters than a tenant id or a domain name: ASCII letters, digits, `.` and `-`, and not
/// dots alone. Any other could change the address that it is put into.
pub fn has_characters_of_tenant(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        && text.bytes().any(|byte| byte != b'.')
}

/// Why a scope with other characters is refused, to stand behind its name. It repeats the first 100 characters of the scope,
/// which is no secret and mostly has a typing error; `\u{fffd}` stands for each that is not printable ASCII, because letters of
/// other scripts may look the same.
///
/// # Examples
/// ```
/// # use azure_token_rules::request::UnknownCharacter;
/// let what = UnknownCharacter("a b").to_string();
/// assert!(what.starts_with("has a character that no scope has: \"a b\"; allowed are ASCII letters"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct UnknownCharacter<'a>(pub &'a str);

impl fmt::Display for UnknownCharacter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("has a character that no scope has: \"")?;
        for one in self.0.chars().take(MAX_SHOWN) {
            f.write_char(if matches!(one, ' '..='~') { one } else { char::REPLACEMENT_CHARACTER })?;
        }
        f.write_str("\"; allowed are ASCII letters, digits and - . _ ~ : / @ ! $ ' ( ) * + , ; =")
    }
}

/// The number of characters of a malformed scope that a message repeats.
const MAX_SHOWN: usize = 100;

/// Whether a text may be a scope: 1 to [`MAX_SCOPE`] of the characters that scopes have.
pub fn is_scope(text: &str) -> bool {
    (1..=MAX_SCOPE).contains(&text.len()) && has_characters_of_scope(text)
}

/// Whether a text may be a tenant: 1 to [`MAX_TENANT`] of the characters that tenants have.
pub fn is_tenant(text: &str) -> bool {
    (1..=MAX_TENANT).contains(&text.len()) && has_characters_of_tenant(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_that_could_change_a_request_are_refused() {
        assert!(is_scope("https://vault.azure.net/.default") && is_scope("api://a-b_c"));
        assert!(is_scope("api://contoso.com/~app+v1@x/read!=(a,b);*$'"));
        for scope in [
            "", "a b", "a&b=c", "a\"b", "a#b", "a\r\nb", "a\0b", "ä", "a%20b", "a\\b", "a?b", "a[b]", "a{b}",
            "a|b", "a^b", "a`b", "a<b>",
        ] {
            assert!(!is_scope(scope), "{scope:?}");
        }
        assert!(is_scope(&"a".repeat(MAX_SCOPE)) && !is_scope(&"a".repeat(MAX_SCOPE + 1)));
    }

    #[test]
    fn a_refused_scope_is_repeated_shortened_and_with_its_unusual_characters_marked() {
        for (scope, shown) in [
            ("https://vault azure.net", "https://vault azure.net"),
            ("v\u{430}ult\r\n\u{1b}[31m\u{202e}\"", "v\u{fffd}ult\u{fffd}\u{fffd}\u{fffd}[31m\u{fffd}\""),
            (&"a ".repeat(101), &"a ".repeat(50)),
        ] {
            let message = crate::error::message("test", &UnknownCharacter(scope));
            let expected =
                alloc::format!("test: has a character that no scope has: \"{shown}\"; allowed are ");
            assert!(message.starts_with(&expected), "{message}");
        }
    }

    #[test]
    fn tenants_that_could_change_an_address_are_refused() {
        assert!(is_tenant("contoso.com") && is_tenant("72f988bf-86f1-41af-91ab-2d7cd011db47"));
        for tenant in ["", ".", "..", "a/b", "a b", "a?b", "a#b", "a@b", "ä", "a\r\nb", "a\0b", "a%2fb"] {
            assert!(!is_tenant(tenant), "{tenant:?}");
        }
        assert!(is_tenant(&"a".repeat(MAX_TENANT)) && !is_tenant(&"a".repeat(MAX_TENANT + 1)));
    }
}
