//! The ten identities, and the files that are renewed for them.

use crate::case::via::Via;
use crate::clock::Clock;
use crate::guest::Guest;
use anyhow::Result;
use azure_simulator::settings::{CLUSTER_ISSUER, SERVICE_ACCOUNT, TOKEN_EXCHANGE_AUDIENCE};
use azure_simulator::{jwt, settings};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// An identity.
pub struct Identity {
    /// Its name in messages.
    pub name: &'static str,
    /// Its credential.
    pub via: Via,
    /// The `appid` of its tokens.
    pub client_id: &'static str,
    /// The number of requests for a token.
    pub requests: usize,
    /// The lifetime of a managed identity's tokens, in seconds; `None`: it is an application.
    pub lifetime: Option<u64>,
    /// Whether its assertion is the token of a managed identity, which is cached as well.
    pub has_assertion_of_managed_identity: bool,
}

/// All identities.
pub fn identities() -> Vec<Identity> {
    let ids = format!("tenant-id = '{TENANT}', client-id = '{}'", settings::CLIENT_ID);
    let secret = format!("client-secret = '{}'", settings::CLIENT_SECRET);
    let of_app = |name, via: String| identity(name, &via, settings::CLIENT_ID, 1, None);
    let federated = "{ federated = { credential = { managed-identity = { client-id = '11112222-bbbb-3333-cccc-4444dddd5555' } } } }";
    let mut by_managed_identity =
        of_app("federated", format!("{{ client-assertion = {{ {ids}, assertion = {federated} }} }}"));
    by_managed_identity.has_assertion_of_managed_identity = true;
    let connection = "service-connection-id = '88889999-dddd-0000-eeee-1111ffff2222', system-access-token = 's3cr3t-system-access-token'";
    let pipelines = format!("{{ azure-pipelines = {{ {ids}, {connection} }} }}");
    let lifetime = Some(MANAGED_IDENTITY_LIFETIME);
    vec![
        identity(
            "system-assigned",
            "{ managed-identity = {} }",
            "55556666-ffff-7777-aaaa-8888bbbb9999",
            1,
            lifetime,
        ),
        identity(
            "user-assigned",
            &format!("{{ managed-identity = {{ client-id = '{USER_ASSIGNED}' }} }}"),
            USER_ASSIGNED,
            1,
            lifetime,
        ),
        of_app(
            "workload identity",
            format!("{{ workload-identity = {{ {ids}, token-file-path = '{TOKEN}' }} }}"),
        ),
        of_app(
            "assertion in a file",
            format!("{{ client-assertion = {{ {ids}, assertion = {{ file = '{ASSERTION}' }} }} }}"),
        ),
        of_app("secret", format!("{{ client-secret = {{ {ids}, {secret} }} }}")),
        of_app(
            "secret, in a region",
            format!("{{ client-secret = {{ {ids}, {secret}, options = {{ region = 'westeurope' }} }} }}"),
        ),
        of_app("certificate in the environment", "{ environment = {} }".to_owned()),
        of_app("certificate", format!("{{ client-certificate = {{ {ids}, file = 'pkcs8.pem' }} }}")),
        by_managed_identity,
        identity("pipelines", &pipelines, settings::CLIENT_ID, 2, None),
    ]
}

fn identity(
    name: &'static str,
    via: &str,
    client_id: &'static str,
    requests: usize,
    lifetime: Option<u64>,
) -> Identity {
    /// A call as a case describes it.
    #[derive(Deserialize)]
    struct Call {
        via: Via,
    }
    let via = toml::from_str::<Call>(&format!("via = {via}")).expect("the `via` of a case").via;
    Identity { name, via, client_id, requests, lifetime, has_assertion_of_managed_identity: false }
}

/// The environment of the instance.
pub fn variables() -> BTreeMap<String, String> {
    let job =
        "https://dev.azure.com/contoso/shop/_apis/distributedtask/hubs/build/plans/p1/jobs/j1/oidctoken";
    [
        ("AZURE_TENANT_ID", TENANT),
        ("AZURE_CLIENT_ID", settings::CLIENT_ID),
        ("AZURE_CLIENT_CERTIFICATE_PATH", CERTIFICATE),
        ("SYSTEM_OIDCREQUESTURI", job),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// Renews the files that the platform keeps fresh: federated tokens that expire after an hour, and every other day a
/// certificate.
pub fn renew_files(guest: &Guest, clock: &Clock) -> Result<()> {
    let now = clock.now();
    let token = |audience: String| {
        jwt::sign(&json!({
            "aud": audience, "exp": now + 3600, "iat": now, "iss": CLUSTER_ISSUER, "nbf": now, "sub": SERVICE_ACCOUNT,
        }))
    };
    guest.disk().write(TOKEN, token(TOKEN_EXCHANGE_AUDIENCE.to_owned()).as_bytes())?;
    guest.disk().write(ASSERTION, format!("{}\n", token(TOKEN_EXCHANGE_AUDIENCE.to_owned())).as_bytes())?;
    let is_renewed = clock.elapsed().as_secs() / 86_400 % 2 == 1;
    guest.disk().write(CERTIFICATE, if is_renewed { OTHER_CERTIFICATE } else { FIRST_CERTIFICATE }.as_bytes())
}

/// The lifetime of a managed identity's tokens, in seconds.
pub const MANAGED_IDENTITY_LIFETIME: u64 = 86_400;
/// A second certificate of the application.
pub const OTHER_CERTIFICATE: &str = include_str!("../../fixtures/certificates/rsa-3072.pem");
/// The tenant of all identities.
const TENANT: &str = settings::TENANT_ID;
const FIRST_CERTIFICATE: &str = include_str!("../../fixtures/certificates/pkcs8.pem");
const USER_ASSIGNED: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
const TOKEN: &str = "/var/run/secrets/azure/tokens/azure-identity-token";
const ASSERTION: &str = "/run/assertion";
const CERTIFICATE: &str = "/secrets/client.pem";
