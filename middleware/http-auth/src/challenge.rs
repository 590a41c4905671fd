//! What a service says when it refuses a token: `www-authenticate` (RFC 9110, section 11.6.1; "Claims challenges,
//! claims requests, and client capabilities"; "Authentication, requests and responses" of Key Vault).

use crate::prelude::*;
use crate::refuse::is_authority;
use crate::rules::Access;
use crate::rules::parse::is_tenant;
use crate::target::{Scheme, Server, path_of};

/// What a new token has to be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// It has to satisfy these claims, JSON text.
    Claims(String),
    /// It has to be of this tenant.
    Tenant(String),
}

/// The challenge that may be answered: one for the rule's own resource, whose authority is known. Anything
/// else is the app's to see and nobody's to follow.
pub fn answerable<'a>(
    values: impl IntoIterator<Item = &'a [u8]>,
    access: &Access,
    authorities: &[Server],
) -> Option<Challenge> {
    let texts = values.into_iter().filter_map(|value| core::str::from_utf8(value).ok());
    let bearer: Vec<_> =
        texts.flat_map(challenges).filter(|it| it.scheme.eq_ignore_ascii_case("bearer")).collect();
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

/// Takes a header's value apart. Parameters may stand behind commas or, as Storage writes them, behind blanks.
pub fn challenges(value: &str) -> Vec<Parameters> {
    let mut found: Vec<Parameters> = Vec::new();
    let mut rest = value;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let Some((word, behind)) = rest.split_at_checked(end).filter(|(word, _)| !word.is_empty()) else {
            break;
        };
        // A word alone is a scheme; one with an equals sign is a parameter, blanks around the sign or not.
        match behind.trim_start().strip_prefix('=') {
            Some(behind) => {
                let (text, behind) = parameter_value(behind.trim_start());
                if let Some(challenge) = found.last_mut().filter(|it| it.parameters.len() < MOST_PARAMETERS) {
                    challenge.parameters.push((word.to_ascii_lowercase(), text));
                }
                rest = behind;
            }
            None if found.len() < MOST_CHALLENGES => {
                found.push(Parameters { scheme: word.to_owned(), parameters: Vec::new() });
                rest = behind;
            }
            None => break,
        }
        // What no parser can make anything of, an equals sign alone for one, ends it.
        if rest.starts_with('=') {
            break;
        }
    }
    found
}

const MOST_CHALLENGES: usize = 16;
const MOST_PARAMETERS: usize = 32;

/// The largest claims that are handed on.
const MOST_CLAIMS: usize = 8 << 10;

/// A quoted or bare value, and what stands behind it.
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
    let encoded = challenge.get("claims").filter(|text| text.len() <= MOST_CLAIMS)?;
    let text = String::from_utf8(decode_base64(encoded)?).ok()?;
    let trimmed = text.trim();
    // Whether it is JSON, Microsoft Entra says; that it is an object, anybody can see.
    let is_object = trimmed.starts_with('{') && trimmed.ends_with('}');
    (is_object && !text.chars().any(|it| it == '\0')).then(|| trimmed.to_owned())
}

/// The tenant of a challenge that names the rule's resource and a known authority.
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

/// A resource without what scopes and sloppiness add to it.
fn bare(resource: &str) -> String {
    resource.strip_suffix("/.default").unwrap_or(resource).trim_end_matches('/').to_ascii_lowercase()
}

/// Base64 in either alphabet, padded or not: services use all of them.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in text.trim_end_matches('=').bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(digit)) & 0x00ff_ffff;
        count = count.wrapping_add(6);
        if count >= 8 {
            count = count.wrapping_sub(8);
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    // Six bits left over are a digit that means nothing.
    (count < 6).then_some(bytes)
}

#[cfg(test)]
mod tests;
