//! JSON Web Tokens (RFC 7519), signed with the simulator's key.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, Header};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::Value;

/// Signs `claims` as Microsoft Entra signs: RS256, `typ`, `kid` and `x5t` in the header ("Access
/// tokens in the Microsoft identity platform", section "Validate the signature").
///
/// RSASSA-PKCS1-v1_5 is deterministic, and tests sign the same claims thousands of times: each token is signed once a
/// process.
pub fn sign(claims: &Value) -> String {
    static SIGNED: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);
    let text = claims.to_string();
    let known = SIGNED.lock().expect("no holder of this lock panics").get(&text).cloned();
    known.unwrap_or_else(|| {
        let token = sign_without_cache(claims);
        let mut signed = SIGNED.lock().expect("no holder of this lock panics");
        if signed.len() == MAX_SIGNED {
            signed.clear();
        }
        signed.insert(text, token.clone());
        token
    })
}

/// Signs with ring, as [`verify`] verifies: the backends of jsonwebtoken are 18 packages for algorithms that the simulator
/// does not have.
fn sign_without_cache(claims: &Value) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = KEY.public.common.key_id.clone();
    header.x5t = KEY.public.common.x509_sha1_fingerprint.clone();
    let header = serde_json::to_string(&header).expect("a header is JSON");
    let mut token = format!("{}.{}", base64url(header), base64url(claims.to_string()));
    let mut signature = vec![0; KEY.private.public().modulus_len()];
    let random = ring::rand::SystemRandom::new();
    let signed = KEY.private.sign(&RSA_PKCS1_SHA256, &random, token.as_bytes(), &mut signature);
    signed.expect("the test key signs a text of any length");
    token.push('.');
    token.push_str(&BASE64_URL_SAFE_NO_PAD.encode(signature));
    token
}

/// The claims of a JWT, whose signature is not verified; `None` if it is not a JWT.
pub fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    parts
        .next()
        .is_none()
        .then(|| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok())?
}

/// The claims of a token that [`sign`] signed; its times are not verified. `None` if the signature is wrong.
pub fn verify(token: &str) -> Option<Value> {
    if jsonwebtoken::decode_header(token).ok()?.alg != Algorithm::RS256 {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, KEY.private.public());
    key.verify(signed.as_bytes(), &signature).ok()?;
    claims(token)
}

/// The public half of the key as a JSON Web Key Set (RFC 7517).
pub fn public_keys() -> Value {
    serde_json::from_str(PUBLIC_KEYS).expect("the test key set is JSON")
}

/// Encodes text in padded base64, as a claims challenge does.
pub fn base64(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

/// Encodes bytes in base64url without padding, as JWTs and `client_info` do (RFC 4648, section 5).
pub fn base64url(text: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

struct Key {
    private: RsaKeyPair,
    public: Jwk,
}

static KEY: LazyLock<Key> = LazyLock::new(|| {
    let pem: String = PRIVATE_KEY.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = BASE64_STANDARD.decode(pem).expect("the test key is PEM");
    let mut set: JwkSet = serde_json::from_str(PUBLIC_KEYS).expect("the test key set is a JWKS");
    let private = RsaKeyPair::from_der(&der).expect("the test key is PKCS#1");
    Key { private, public: set.keys.remove(0) }
});

/// A bound on the memory of a simulator that runs for days.
const MAX_SIGNED: usize = 1_000;
const PRIVATE_KEY: &str = include_str!("../keys/test-signing-key.pem");
const PUBLIC_KEYS: &str = include_str!("../keys/test-signing-key.jwks.json");
