//! Assertions that a client signs with the key of its certificate ("Microsoft identity platform application authentication
//! certificate credentials").
//!
//! They are verified with webpki and ring.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm,
};
use serde_json::Value;
use webpki::ring::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256_LEGACY_KEY};

use super::client_credential::ClientCredential;
use super::error::EntraError;
use crate::settings::Application;
use crate::token::Appidacr;

/// Verifies an assertion.
pub fn verify(credential: &ClientCredential, application: &Application) -> Result<Appidacr, EntraError> {
    credential.require_jwt_bearer(|| refused(50027, "client_assertion_type is not the one of a JWT."))?;
    let jwt = parse(credential.value).ok_or_else(|| refused(50027, "JWT token is invalid or malformed."))?;
    verify_signature(&jwt, application)?;
    verify_claims(&jwt, credential, application)?;
    Ok(Appidacr::ClientAssertion)
}

/// A decoded JWT.
struct Jwt<'a> {
    header: Value,
    claims: Value,
    signed: &'a str,
    signature: Vec<u8>,
}

fn parse(assertion: &str) -> Option<Jwt<'_>> {
    let (signed, signature) = assertion.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let part = |text| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
    Some(Jwt { header: part(header)?, claims: part(claims)?, signed, signature })
}

/// Finds the certificate by its thumbprint, and verifies the signature with its key.
fn verify_signature(jwt: &Jwt, application: &Application) -> Result<(), EntraError> {
    let header = |name: &str| jwt.header.get(name).and_then(Value::as_str);
    let (algorithm, hash, thumbprint): (&dyn SignatureVerificationAlgorithm, _, _) = match header("alg") {
        Some("PS256") => (PS256, &SHA256, header("x5t#S256")),
        Some("RS256") => (RSA_PKCS1_2048_8192_SHA256, &SHA1_FOR_LEGACY_USE_ONLY, header("x5t")),
        _ => return Err(refused(5_002_738, "Invalid JWT token. The algorithm is not supported.")),
    };
    if header("typ") != Some("JWT") {
        return Err(refused(50027, "JWT token is invalid or malformed."));
    }
    let certificate = certificate(application, hash, thumbprint.unwrap_or_default())?;
    verify_chain(jwt, application, &certificate)?;
    let key = webpki::EndEntityCert::try_from(&certificate).expect("the settings' certificates are X.509");
    let verify = |algorithm| key.verify_signature(algorithm, jwt.signed.as_bytes(), &jwt.signature);
    let verified = verify(algorithm).or_else(|error| match header("alg") {
        Some("PS256") => verify(&PssKey),
        _ => Err(error),
    });
    verified.map_err(|_| {
        let reason = "The key was found, but use of the key to verify the signature failed.";
        refused(700_027, format!("Client assertion failed signature validation. [Reason - {reason}]"))
    })
}

const PS256: &dyn SignatureVerificationAlgorithm = RSA_PSS_2048_8192_SHA256_LEGACY_KEY;

/// PS256 with a key that is for RSASSA-PSS alone (RFC 4055, section 1.2). webpki has it for `rsaEncryption`.
#[derive(Debug)]
struct PssKey;

impl SignatureVerificationAlgorithm for PssKey {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        PS256.verify_signature(public_key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        // id-RSASSA-PSS, without parameters.
        AlgorithmIdentifier::from_slice(b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0A")
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        PS256.signature_alg_id()
    }
}

/// The registered certificate with this thumbprint.
fn certificate(
    application: &Application,
    hash: &'static Algorithm,
    thumbprint: &str,
) -> Result<CertificateDer<'static>, EntraError> {
    let mut registered = application.certificates.iter().map(|pem| {
        CertificateDer::from_pem_slice(pem.as_bytes()).expect("the settings' certificates are PEM")
    });
    let found = registered.find(|der| thumbprint == BASE64_URL_SAFE_NO_PAD.encode(digest(hash, der)));
    found.ok_or_else(|| {
        let reason = "The key was not found., Thumbprint of key used by client";
        let what = "is not registered on application";
        refused(700_027, format!("The certificate with identifier used to sign the client assertion {what}. [Reason - {reason}: '{thumbprint}']"))
    })
}

/// Checks that the first certificate of the chain (`x5c`), if there is one, is `certificate`, and that each certifies the
/// one before it (RFC 7515, section 4.1.6).
fn verify_chain(
    jwt: &Jwt,
    application: &Application,
    certificate: &CertificateDer,
) -> Result<(), EntraError> {
    let is_accepted = match jwt.header.get("x5c").and_then(Value::as_array) {
        None => !application.chain_required,
        Some(chain) => {
            let decode = |it: &Value| Some(CertificateDer::from(BASE64_STANDARD.decode(it.as_str()?).ok()?));
            let chain: Option<Vec<_>> = chain.iter().map(decode).collect();
            chain.is_some_and(|chain| chain.first() == Some(certificate) && are_in_issuer_order(&chain))
        }
    };
    if is_accepted {
        return Ok(());
    }
    Err(refused(700_030, "Invalid certificate - subject name in certificate is not authorized."))
}

fn are_in_issuer_order(chain: &[CertificateDer]) -> bool {
    let parse = |der| webpki::EndEntityCert::try_from(der).ok();
    let chain: Option<Vec<_>> = chain.iter().map(parse).collect();
    chain.is_some_and(|chain| chain.windows(2).all(|pair| pair[0].issuer() == pair[1].subject()))
}

/// Whether the audience is this path on a loopback port. Clients of the simulator's socket, where nothing has the name of
/// the authority, know the endpoint by that address.
fn is_on_loopback(audience: &str, path: &str) -> bool {
    let hosts = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    let rest = hosts.iter().find_map(|host| audience.strip_prefix(host)?.split_once('/'));
    rest.is_some_and(|(port, rest)| port.parse::<u16>().is_ok() && path.strip_prefix('/') == Some(rest))
}

fn verify_claims(
    jwt: &Jwt,
    credential: &ClientCredential,
    application: &Application,
) -> Result<(), EntraError> {
    let text = |name: &str| jwt.claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let time = |name: &str| jwt.claims.get(name).and_then(Value::as_u64);
    let http = credential.request.http;
    let is_own_name = text("aud") == format!("https://{}{}", http.authority(), http.path());
    if !is_own_name && !is_on_loopback(text("aud"), http.path()) {
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
    let is_in_time = from.is_some_and(|from| from <= http.received_on)
        && until.is_some_and(|until| http.received_on < until);
    // Microsoft recommends a lifetime of five to ten minutes; the simulation requires it.
    if !is_in_time || lifetime.is_none_or(|lifetime| lifetime > 600) {
        return Err(refused(700_024, "Client assertion is not within its valid time range."));
    }
    // "jti … a unique identifier for the JWT". The real service need not notice a second use.
    if !is_guid(text("jti")) || !credential.request.sessions.is_first_use(text("jti")) {
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
