//! The `claims` parameter of a token request (Microsoft Learn, "Claims challenges, claims requests, and
//! client capabilities").

use crate::prelude::*;
use crate::request::TokenRequest;
use serde_json::Value;

/// The caller's claims and, if the caller can answer a claims challenge, the client capability `CP1` merged
/// into them. `None`: neither.
///
/// What the caller wrote is passed on as it was written: numbers keep their form and members their order.
pub fn parameter(request: &TokenRequest) -> Option<String> {
    if !request.enable_cae() {
        return request.claims().map(ToOwned::to_owned);
    }
    let claims = members(request.claims().unwrap_or("{}"))?;
    let access_token = claims.iter().rev().find(|member| member.name == ACCESS_TOKEN);
    let access_token = access_token.and_then(|member| members(member.value_as_written)).unwrap_or_default();
    Some(with_member(&claims, ACCESS_TOKEN, &with_member(&access_token, "xms_cc", CAPABILITIES)))
}

/// A member of an object.
struct Member<'a> {
    name: String,
    name_as_written: &'a str,
    value_as_written: &'a str,
}

/// The members of an object, in the order they were written. `None`: the text is not an object.
///
/// `serde_json` finds where each ends. Its own types that keep the text of a value (`RawValue`, and `Number`
/// with the feature `arbitrary_precision`) would add 49 KB and 31 KB to the component.
fn members(object: &str) -> Option<Vec<Member<'_>>> {
    let mut members = Vec::new();
    let mut rest = object.trim_start().strip_prefix('{')?.trim_start();
    while !rest.starts_with('}') {
        let (name, name_as_written, after) = split_value(rest)?;
        let (_, value_as_written, after) = split_value(after.trim_start().strip_prefix(':')?.trim_start())?;
        members.push(Member { name: name.as_str()?.to_owned(), name_as_written, value_as_written });
        rest = after.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Some(members)
}

/// Splits a value off the beginning of a text: the value, its text, and the rest.
fn split_value(text: &str) -> Option<(Value, &str, &str)> {
    let mut values = serde_json::Deserializer::from_slice(text.as_bytes()).into_iter();
    let value = values.next()?.ok()?;
    let (as_written, rest) = text.split_at_checked(values.byte_offset())?;
    Some((value, as_written, rest))
}

/// Writes an object with these members and one more, in place of those of the same name.
fn with_member(members: &[Member<'_>], name: &str, value: &str) -> String {
    let others = members.iter().filter(|member| member.name != name);
    let others: String =
        others.map(|member| format!("{}:{},", member.name_as_written, member.value_as_written)).collect();
    format!("{{{others}\"{name}\":{value}}}")
}

const ACCESS_TOKEN: &str = "access_token";
/// The value of `xms_cc`: the client can answer claims challenges.
const CAPABILITIES: &str = r#"{"values":["CP1"]}"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::RawRequest;

    fn parameter_of(claims: Option<&str>, enable_cae: bool) -> Option<String> {
        let claims = claims.map(ToOwned::to_owned);
        let raw = RawRequest { scopes: vec!["s".into()], claims, enable_cae, ..Default::default() };
        parameter(&TokenRequest::parse(raw).expect("well-formed"))
    }

    #[test]
    fn claims_are_passed_on_unchanged_by_a_caller_without_capabilities() {
        let claims = r#"{ "z": 1.10, "a": "\u0041", "a": 1E5 }"#;
        assert_eq!(parameter_of(Some(claims), false).as_deref(), Some(claims));
        assert_eq!(parameter_of(None, false), None);
    }

    #[test]
    fn capabilities_are_merged_into_the_claims() {
        let capabilities = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;
        for (claims, merged) in [
            (None, capabilities),
            (Some("{}"), capabilities),
            (Some(r#"{"access_token": null}"#), capabilities),
            (Some(r#" { "access_token" : { } } "#), capabilities),
            (Some(r#"{"access_token":{"a":1},"access_token":{"xms_cc":{"values":["CP9"]}}}"#), capabilities),
            (
                Some(
                    r#"{"access_token": {"nbf": {"essential":true, "value":"1"}}, "userinfo":{"a":["ä\"\n"]} }"#,
                ),
                r#"{"userinfo":{"a":["ä\"\n"]},"access_token":{"nbf":{"essential":true, "value":"1"},"xms_cc":{"values":["CP1"]}}}"#,
            ),
            (
                Some(r#"{"\u0061ccess_token":{"a,}":"]\"}"}}"#),
                r#"{"access_token":{"a,}":"]\"}","xms_cc":{"values":["CP1"]}}}"#,
            ),
        ] {
            assert_eq!(parameter_of(claims, true).as_deref(), Some(merged), "{claims:?}");
        }
    }

    #[test]
    fn numbers_in_merged_claims_keep_the_form_they_were_written_in() {
        for number in
            ["0", "-0", "1.10", "1E5", "1e+05", "12345678901234567890123456789", "0.1000000000000000055"]
        {
            let merged =
                parameter_of(Some(&format!(r#"{{"id_token":{{"n":{number}}},"m":{number}}}"#)), true);
            let kept = format!(r#"{{"id_token":{{"n":{number}}},"m":{number},"#);
            assert_eq!(merged, Some(format!(r#"{kept}"access_token":{{"xms_cc":{{"values":["CP1"]}}}}}}"#)));
        }
    }
}
