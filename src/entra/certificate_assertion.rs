//! An assertion that a client signs with the key of its certificate (Microsoft Learn, "Microsoft identity
//! platform application authentication certificate credentials").

use super::assertion;
use super::client::Client;
use super::client_authentication::{ClientAuthentication, FormFields};
use crate::base64;
use crate::call_context::CallContext;
use crate::certificate::Certificate;
use crate::certificate::rsa_key::SigningError;
use crate::error::Error;
use crate::host::Host;
use crate::prelude::*;
use crate::token::Secret;
use crate::uuid::Uuid;
use alloc::rc::Rc;
use serde_json::{Value, json};

/// A certificate, and whether its chain is sent.
#[derive(Clone, Debug)]
pub struct CertificateAssertion {
    certificate: Rc<Certificate>,
    send_chain: bool,
}

impl CertificateAssertion {
    /// The authentication by this certificate. With `send_chain`, Microsoft Entra can identify the
    /// certificate by its subject name and issuer instead of by its thumbprint.
    pub fn new(certificate: Rc<Certificate>, send_chain: bool) -> Self {
        Self { certificate, send_chain }
    }

    /// An assertion (RFC 7523), valid for ten minutes and for one attempt.
    fn assertion(&self, host: &dyn Host, client: &Client) -> Result<Secret, SigningError> {
        // AD FS knows neither PS256 nor SHA-256 thumbprints.
        let is_adfs = client.is_adfs();
        let mut header = if is_adfs {
            json!({"alg": "RS256", "typ": "JWT", "x5t": base64::encode_url(&self.certificate.thumbprint_sha1())})
        } else {
            json!({"alg": "PS256", "typ": "JWT", "x5t#S256": base64::encode_url(&self.certificate.thumbprint_sha256())})
        };
        if self.send_chain
            && let Some(header) = header.as_object_mut()
        {
            let chain = self.certificate.chain.iter();
            let chain: Vec<_> = chain.map(|certificate| base64::encode_standard(certificate)).collect();
            header.insert("x5c".to_owned(), chain.into());
        }
        let now = host.now();
        let claims = json!({
            "aud": client.token_endpoint().to_string(),
            "iss": client.client_id.as_str(),
            "sub": client.client_id.as_str(),
            "jti": Uuid::random(host).to_string(),
            "nbf": now,
            "iat": now,
            "exp": now.saturating_add(LIFETIME),
        });
        let mut jwt = format!("{}.{}", part(&header), part(&claims));
        let key = &self.certificate.key;
        let sign =
            if is_adfs { key.sign_rs256(host, jwt.as_bytes()) } else { key.sign_ps256(host, jwt.as_bytes()) };
        jwt.push('.');
        jwt.push_str(&base64::encode_url(&sign?));
        Ok(jwt.into())
    }
}

#[maybe_async(AFIT)]
impl ClientAuthentication for CertificateAssertion {
    async fn form_fields(&self, call: &CallContext<'_>, client: &Client) -> Result<FormFields, Error> {
        let assertion = self.assertion(call.host, client);
        let assertion = assertion.map_err(|error| match error {
            SigningError::PssAlone => Error::invalid_argument(client.source, error),
            SigningError::Fault | SigningError::Randomness => Error::other(client.source, error),
        })?;
        Ok(assertion::form_fields(assertion))
    }

    fn is_for_one_attempt(&self) -> bool {
        true
    }
}

/// A part of a JWT (RFC 7515, section 3).
fn part(json: &Value) -> String {
    // A `Value` can always be written: its keys are text and its numbers finite.
    base64::encode_url(&serde_json::to_vec(json).unwrap_or_default())
}

/// In seconds. Microsoft recommends five to ten minutes.
const LIFETIME: u64 = 600;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::FakeHost;
    use crate::http::Url;
    use crate::identifiers::{ClientId, TenantId};
    use crate::json::Json;
    use ring::signature::{
        RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents,
    };

    const FILE: &[u8] = include_bytes!("../../host-tests/fixtures/certificates/chain.pem");

    /// Header and claims of an assertion for a tenant, after another library has verified it.
    fn verified(tenant_id: &str, send_chain: bool, algorithm: &RsaParameters) -> (Json, Json) {
        let authentication = CertificateAssertion::new(
            Rc::new(Certificate::parse(FILE, None).expect("a certificate")),
            send_chain,
        );
        let client = Client {
            source: "test",
            authority: Url::parse_authority("https://login.example.com").expect("an authority").into(),
            tenant_id: TenantId::parse(tenant_id).expect("a tenant"),
            client_id: ClientId::parse("client").expect("a client id"),
            allowed_tenants: Vec::new(),
        };
        let jwt = authentication.assertion(&FakeHost::new(), &client).expect("an assertion");
        let (signed, signature) = jwt.expose().rsplit_once('.').expect("a signature");
        let public = &authentication.certificate.key.public;
        let public = RsaPublicKeyComponents { n: &public.modulus, e: &public.exponent };
        let signature = base64::decode_url(signature).expect("base64url");
        public.verify(algorithm, signed.as_bytes(), &signature).expect("a good signature");
        let json = |part| Json::parse(&base64::decode_url(part).expect("base64url")).expect("JSON");
        let (header, claims) = signed.split_once('.').expect("two parts");
        (json(header), json(claims))
    }

    #[test]
    fn entra_receives_ps256_and_a_sha_256_thumbprint() {
        let (header, claims) = verified("t", true, &RSA_PSS_2048_8192_SHA256);
        assert_eq!((header.text("alg"), header.text("typ")), (Some("PS256"), Some("JWT")));
        assert_eq!(header.text("x5t#S256").map(str::len), Some(43));
        assert_eq!(header.get("x5c").map(|chain| chain.elements().len()), Some(2));
        assert_eq!(claims.text("aud"), Some("https://login.example.com/t/oauth2/v2.0/token"));
        assert_eq!((claims.text("iss"), claims.text("sub")), (Some("client"), Some("client")));
        let time = |name| claims.u64(name);
        let now = 1_800_000_000;
        assert_eq!([time("nbf"), time("iat"), time("exp")], [Some(now), Some(now), Some(now + 600)]);
    }

    #[test]
    fn ad_fs_receives_rs256_and_a_sha_1_thumbprint() {
        let (header, claims) = verified("adfs", false, &RSA_PKCS1_2048_8192_SHA256);
        assert_eq!((header.text("alg"), header.text("typ")), (Some("RS256"), Some("JWT")));
        assert_eq!((header.text("x5t").map(str::len), header.get("x5t#S256")), (Some(27), None));
        assert_eq!(header.get("x5c"), None);
        assert_eq!(claims.text("aud"), Some("https://login.example.com/adfs/oauth2/token"));
    }
}
