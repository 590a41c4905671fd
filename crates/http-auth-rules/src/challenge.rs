//! Challenges: the `www-authenticate` headers of a service that refused a token (RFC 9110, section 11.6.1; "Claims
//! challenges, claims requests, and client capabilities"; "Authentication, requests and responses" of Key Vault).
//!
//! The parser is our own. The crate `http-auth` 0.1.10 needs the standard library, which the component does without, and
//! refuses what Azure Storage sends: `Bearer authorization_uri=https://… resource_id=https://…`, without commas and
//! quotes. `tests/properties.rs` compares both parsers on every value that the crate accepts.

use crate::prelude::*;
use crate::refusal::is_authority;
use crate::rules::Access;
use crate::target::{Scheme, Server, path_of};
use azure_token_rules::request::is_tenant;
use base64ct::{Base64Unpadded, Encoding};

/// What a service requires of a new token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// The token must satisfy these claims, a JSON object as text.
    Claims(String),
    /// The token must be issued by this tenant.
    Tenant(String),
}

/// The challenge that a new token can satisfy: claims, or a tenant of a known authority for the rule's own resource.
/// `None`: there is no such challenge, and the app receives the response as it is. `values` are those of the
/// `www-authenticate` headers; `authorities` are known besides Microsoft's.
pub fn satisfiable<'a>(
    values: impl IntoIterator<Item = &'a [u8]>,
    access: &Access,
    authorities: &[Server],
) -> Option<Challenge> {
    let texts = values.into_iter().filter_map(|value| core::str::from_utf8(value).ok());
    let bearer: Vec<_> =
        texts.flat_map(parse_challenges).filter(|it| it.scheme.eq_ignore_ascii_case("bearer")).collect();
    bearer.iter().find_map(claims).map(Challenge::Claims).or_else(|| {
        let tenant = bearer.iter().find_map(|challenge| tenant(challenge, access, authorities));
        tenant.filter(|_| access.tenant.is_none()).map(Challenge::Tenant)
    })
}

/// A challenge: a scheme and its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The scheme, e.g. `Bearer`.
    pub scheme: String,
    /// The parameters, names in lower case, in their order.
    pub parameters: Vec<(String, String)>,
}

impl Parameters {
    fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

/// Parses the value of a header. Parameters are separated by commas or, as Azure Storage writes them, by spaces.
pub fn parse_challenges(value: &str) -> Vec<Parameters> {
    let mut found: Vec<Parameters> = Vec::new();
    let mut rest = value;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let Some((word, behind)) = rest.split_at_checked(end).filter(|(word, _)| !word.is_empty()) else {
            break;
        };
        // A word alone is a scheme; a word and an equals sign, with or without spaces around it, are a parameter.
        match behind.trim_start().strip_prefix('=') {
            Some(behind) => {
                let (text, behind) = parameter_value(behind.trim_start());
                if let Some(challenge) = found.last_mut().filter(|it| it.parameters.len() < MAX_PARAMETERS) {
                    challenge.parameters.push((word.to_ascii_lowercase(), text));
                }
                rest = behind;
            }
            None if found.len() < MAX_CHALLENGES => {
                found.push(Parameters { scheme: word.to_owned(), parameters: Vec::new() });
                rest = behind;
            }
            None => break,
        }
        // An equals sign without a name is malformed; what follows is ignored.
        if rest.starts_with('=') {
            break;
        }
    }
    found
}

const MAX_CHALLENGES: usize = 16;
const MAX_PARAMETERS: usize = 32;

/// The length of the encoded claims that are passed to the provider, at most, in bytes.
const MAX_ENCODED_CLAIMS: usize = 8 << 10;

/// Parses a value, quoted or not, and returns it with the rest of the text.
fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
        let (value, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return (value, characters.as_str()),
            '\\' => value.extend(characters.next()),
            _ => value.push(character),
        }
    }
    (value, "")
}

fn claims(challenge: &Parameters) -> Option<String> {
    let encoded = challenge.get("claims").filter(|text| text.len() <= MAX_ENCODED_CLAIMS)?;
    let text = String::from_utf8(decode_base64(encoded)?).ok()?;
    let trimmed = text.trim();
    // The provider checks that it is JSON; only its outline is checked here.
    let is_object = trimmed.starts_with('{') && trimmed.ends_with('}');
    (is_object && !text.chars().any(|it| it == '\0')).then(|| trimmed.to_owned())
}

/// The tenant of a challenge that names the rule's resource and a known authority; `None` for any other challenge.
fn tenant(challenge: &Parameters, access: &Access, authorities: &[Server]) -> Option<String> {
    let resource = challenge
        .get("resource")
        .or_else(|| challenge.get("resource_id"))
        .or_else(|| challenge.get("scope"))?;
    if bare(resource) != bare(&access.scope) {
        return None;
    }
    let authority = challenge.get("authorization").or_else(|| challenge.get("authorization_uri"))?;
    let server = Server::of_address(authority).ok().filter(|_| authority.starts_with("https://"))?;
    if server.scheme != Scheme::Https || !is_authority(&server, authorities) {
        return None;
    }
    let path = path_of(authority.strip_prefix("https://")?);
    let tenant = path.split('/').nth(1)?;
    let names_one = is_tenant(tenant) && !matches!(tenant, "common" | "organizations" | "consumers");
    names_one.then(|| tenant.to_ascii_lowercase())
}

/// A resource without the suffix of scopes and without slashes at its end.
fn bare(resource: &str) -> String {
    resource.strip_suffix("/.default").unwrap_or(resource).trim_end_matches('/').to_ascii_lowercase()
}

/// Decodes base64 in either alphabet (RFC 4648, sections 4 and 5), padded or not: services use all of these.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let standard = |character| match character {
        '-' => '+',
        '_' => '/',
        other => other,
    };
    let text: String = text.trim_end_matches('=').chars().map(standard).collect();
    Base64Unpadded::decode_vec(&text).ok()
}

#[cfg(test)]
mod tests;
