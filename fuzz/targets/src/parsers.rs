//! Parsers of untrusted input: responses of token services, certificates.

use crate::text::text;
use azure_identity_component::certificate::Certificate;
use azure_identity_component::error::quote;
use azure_identity_component::http::{Body, Response};
use azure_identity_component::retry;
use azure_identity_component::token::Secret;
use azure_identity_component::token_response::{ServiceError, TokenResponse};
use azure_token_rules::text::cleaned;

/// A response as a token, and as an error. The first line is the value of its `Retry-After`.
pub fn token_response(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (line, body) = data.split_at(end);
    if let Ok(token) = TokenResponse::parse(body, NOW) {
        assert!(!token.token.expose().is_empty());
        assert!(token.token.expose().bytes().all(|b| b.is_ascii_graphic()));
        assert!(token.expires_on > NOW && token.expires_on <= 253_402_300_799);
        assert!(token.refresh_on.is_none_or(|due| (NOW..=token.expires_on).contains(&due)));
        assert!(token.token_type.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        let is_address = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'@');
        assert!(token.account.is_none_or(|account| account.bytes().all(is_address)));
    }
    let headers = vec![("retry-after".to_owned(), text(line).into_owned())];
    let response = Response { status: 400, headers, body: Body(body.to_vec()) };
    let _ = retry::retry_after(&response, NOW);
    if let Some(said) = ServiceError::parse(&response) {
        assert!(said.error_codes.len() <= 16);
        // The line above is the secret, which no message may repeat.
        let secret = Secret::from(&*text(line));
        for said in [&said.error, &said.description] {
            let quoted = quote(said, &[&secret]);
            let secret = secret.expose().trim();
            assert_eq!(quoted, cleaned(&quoted));
            assert!(quoted.chars().count() <= 301, "{quoted:?}");
            let is_ours = "a response that repeats a secret and is therefore not shown".contains(secret);
            assert!(secret.len() < 4 || is_ours || !quoted.contains(secret), "{quoted:?}");
        }
    }
}

/// A certificate file and its password, which is the text in front of the first NUL.
pub fn certificate(data: &[u8]) {
    let (password, file) = match data.iter().position(|byte| *byte == 0) {
        Some(end) if end < 64 => (&data[..end], &data[end + 1..]),
        _ => (&b""[..], data),
    };
    let password = Secret::from(&*text(password));
    // An error has no room for anything of the file or the password: it is one of a few fixed sentences.
    for certificate in
        [Certificate::parse(file, Some(&password)), Certificate::parse(file, None)].into_iter().flatten()
    {
        let bits = certificate.key.public.modulus.len() * 8;
        assert!((2048..=8192).contains(&bits), "{bits} bits");
        assert!((1..=32).contains(&certificate.chain.len()) && !certificate.own().is_empty());
    }
}

/// 2027-01-15T08:00:00Z.
const NOW: u64 = 1_800_000_000;
