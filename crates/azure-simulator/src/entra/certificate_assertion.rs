//! A client proves itself by a JWT it signed with its certificate's key ("Microsoft identity platform
//! application authentication certificate credentials").
//!
//! Verified by webpki and ring, which have nothing in common with what the component signs with.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use serde_json::Value;
use webpki::ring::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256_LEGACY_KEY};

use super::client_authentication::Presented;
use super::error::EntraError;
use super::token;
use crate::settings::Application;

/// Checks an assertion; the answer is the `appidacr` of the tokens to come.
pub fn check(presented: &Presented, application: &Application) -> Result<&'static str, EntraError> {
    let expected = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    if presented.form.required("client_assertion_type")? != expected {
        return Err(refused(50027, "client_assertion_type is not the one of a JWT."));
    }
    let jwt = read(presented.value).ok_or_else(|| refused(50027, "JWT token is invalid or malformed."))?;
    signature(&jwt, application)?;
    claims(&jwt, presented, application)?;
    Ok(token::CLIENT_ASSERTION)
}

/// A JWT, taken apart.
struct Jwt<'a> {
    header: Value,
    claims: Value,
    signed: &'a str,
    signature: Vec<u8>,
}

fn read(assertion: &str) -> Option<Jwt<'_>> {
    let (signed, signature) = assertion.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let part = |text| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
    Some(Jwt { header: part(header)?, claims: part(claims)?, signed, signature })
}

/// Finds the certificate by its thumbprint, and verifies the signature with its key.
fn signature(jwt: &Jwt, application: &Application) -> Result<(), EntraError> {
    let text = |name: &str| jwt.header.get(name).and_then(Value::as_str);
    let (algorithm, hash, thumbprint): (&dyn SignatureVerificationAlgorithm, _, _) = match text("alg") {
        Some("PS256") => (RSA_PSS_2048_8192_SHA256_LEGACY_KEY, &SHA256, text("x5t#S256")),
        Some("RS256") => (RSA_PKCS1_2048_8192_SHA256, &SHA1_FOR_LEGACY_USE_ONLY, text("x5t")),
        _ => return Err(refused(5_002_738, "Invalid JWT token. The algorithm is not supported.")),
    };
    if text("typ") != Some("JWT") {
        return Err(refused(50027, "JWT token is invalid or malformed."));
    }
    let registered = application.certificates.iter().map(|pem| {
        CertificateDer::from_pem_slice(pem.as_bytes()).expect("the settings' certificates are PEM")
    });
    let is_it = |der: &CertificateDer| {
        thumbprint.is_some_and(|it| it == BASE64_URL_SAFE_NO_PAD.encode(digest(hash, der)))
    };
    let certificate = registered.into_iter().find(is_it).ok_or_else(|| {
        let reason = "The key was not found., Thumbprint of key used by client";
        let thumbprint = thumbprint.unwrap_or_default();
        let what = "is not registered on application";
        refused(700_027, format!("The certificate with identifier used to sign the client assertion {what}. [Reason - {reason}: '{thumbprint}']"))
    })?;
    let chain: Option<Vec<_>> = jwt.header.get("x5c").and_then(Value::as_array).map(|chain| {
        let der = |it: &Value| BASE64_STANDARD.decode(it.as_str()?).ok();
        chain.iter().filter_map(der).collect()
    });
    let of_chain = chain.as_ref().map(|chain| chain.first().is_some_and(|first| *first == *certificate));
    if of_chain == Some(false) || (of_chain.is_none() && application.chain_required) {
        return Err(refused(700_030, "Invalid certificate - subject name in certificate is not authorized."));
    }
    let key = webpki::EndEntityCert::try_from(&certificate).expect("the settings' certificates are X.509");
    key.verify_signature(algorithm, jwt.signed.as_bytes(), &jwt.signature).map_err(|_| {
        let reason = "The key was found, but use of the key to verify the signature failed.";
        refused(700_027, format!("Client assertion failed signature validation. [Reason - {reason}]"))
    })
}

fn claims(jwt: &Jwt, presented: &Presented, application: &Application) -> Result<(), EntraError> {
    let text = |name: &str| jwt.claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let time = |name: &str| jwt.claims.get(name).and_then(Value::as_u64);
    let call = presented.visit.call;
    if text("aud") != format!("https://{}{}", call.authority(), call.path()) {
        return Err(refused(700_023, "Client assertion audience claim does not match Realm issuer."));
    }
    if text("iss") != application.client_id || text("sub") != application.client_id {
        return Err(refused(
            700_021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        ));
    }
    let (from, until) = (time("nbf").or(time("iat")), time("exp"));
    let lifetime = from.zip(until).and_then(|(from, until)| until.checked_sub(from));
    let in_time = from.is_some_and(|from| from <= call.at) && until.is_some_and(|until| call.at < until);
    // Microsoft recommends five to ten minutes; this Azure insists.
    if !in_time || lifetime.is_none_or(|lifetime| lifetime > 600) {
        return Err(refused(700_024, "Client assertion is not within its valid time range."));
    }
    // "jti … a unique identifier for the JWT". The real service need not notice a second use.
    if !is_guid(text("jti")) || !presented.visit.state.is_first_use(text("jti")) {
        return Err(refused(50027, "JWT token is invalid or malformed: jti is missing, or was used before."));
    }
    Ok(())
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn refused(code: u32, message: impl Into<String>) -> EntraError {
    EntraError::new("invalid_client", code, message)
}
