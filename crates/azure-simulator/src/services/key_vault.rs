//! Azure Key Vault: reading secrets.
//!
//! After "Authentication, requests and responses", "Azure Key Vault REST API error codes" and the
//! reference of "Get Secret". The caller is authenticated first, so that
//! one without a token learns nothing; the request is checked next, and the caller's permission last.

use http::{Method, Uri};
use serde_json::{Value, json};

use crate::incoming_request::{IncomingRequest, scheme};
use crate::jwt::base64;
use crate::network::Fault;
use crate::reply::Reply;
use crate::service::Service;
use crate::service_name::ServiceName;
use crate::settings::{KeyVault as Vault, Secret};
use crate::state::State;
use authentication::{AUDIENCE, AuthenticationError, Caller};

mod authentication;

/// The vaults at `https://<name>.vault.azure.net`; on the address of the server the first of them.
pub struct KeyVault;

impl Service for KeyVault {
    fn name(&self) -> ServiceName {
        ServiceName::KeyVault
    }

    fn is_at(&self, uri: &Uri) -> bool {
        let secure = scheme(uri) == "https" && matches!(uri.port_u16(), None | Some(443));
        secure && uri.host().is_some_and(|host| host.ends_with(DOMAIN) || host == FIRST_VAULT_HOST)
    }

    fn origin_of(&self, path: &str) -> Option<&'static str> {
        (path == "/secrets" || path.starts_with("/secrets/")).then_some(FIRST_VAULT)
    }

    fn handle(&self, state: &State, request: &IncomingRequest) -> Reply {
        let Some(vault) = vault(state, request) else {
            return Reply::fault(Fault::DnsError, "there is no vault of this name");
        };
        let reply = match authentication::authenticate(state, vault, request) {
            Ok(caller) => secret(vault, request, &caller),
            Err(error) => unauthorized(state, vault, &error),
        };
        reply.header("x-ms-keyvault-region", &vault.location).header("x-ms-request-id", &state.new_id())
    }
}

fn vault<'a>(state: &'a State, request: &IncomingRequest) -> Option<&'a Vault> {
    let vaults = &state.settings.key_vaults;
    match request.uri.host()? {
        FIRST_VAULT_HOST => vaults.first(),
        host => vaults.iter().find(|vault| host.strip_suffix(DOMAIN) == Some(&vault.name)),
    }
}

/// "Get Secret": `GET /secrets/{name}/{version}`; without a version the newest.
fn secret(vault: &Vault, request: &IncomingRequest, caller: &Caller) -> Reply {
    let path = request.path().strip_prefix("/secrets/").filter(|_| request.method == Method::GET);
    let (name, version) = path.map_or(("", ""), |path| path.split_once('/').unwrap_or((path, "")));
    if name.is_empty() || version.contains('/') {
        return Reply::not_simulated(request);
    }
    match request.parameter("api-version") {
        None => return refusal(400, "BadParameter", "api-version must be specified", None),
        Some(known) if API_VERSIONS.contains(&known) => {}
        Some(other) => return refusal(400, "BadParameter", &unknown_version(other), None),
    }
    if !vault.may_read(&caller.oid) {
        return refusal(403, "Forbidden", &no_permission(vault, caller), Some("AccessDenied"));
    }
    match vault.secret(name, version) {
        None => refusal(404, "SecretNotFound", &not_found(name), None),
        Some(secret) if !secret.enabled => refusal(
            403,
            "Forbidden",
            "Operation get is not allowed on a disabled secret.",
            Some("SecretDisabled"),
        ),
        Some(secret) => Reply::json(200, &bundle(vault, secret), format!("secret {name} for {}", caller.oid)),
    }
}

fn bundle(vault: &Vault, secret: &Secret) -> Value {
    let mut bundle = json!({
        "value": secret.value,
        "id": format!("https://{}{DOMAIN}/secrets/{}/{}", vault.name, secret.name, secret.version),
        "attributes": {
            "enabled": true,
            "created": CREATED,
            "updated": CREATED,
            "recoveryLevel": "Recoverable+Purgeable",
            "recoverableDays": 90,
        },
    });
    if let Some(content_type) = &secret.content_type {
        bundle["contentType"] = json!(content_type);
    }
    bundle
}

fn unauthorized(state: &State, vault: &Vault, error: &AuthenticationError) -> Reply {
    let challenge = match &error.claims {
        Some(claims) => format!(
            r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="{}""#,
            base64(claims)
        ),
        None => format!(
            r#"Bearer authorization="{}", resource="{AUDIENCE}""#,
            authentication::tenant(state, vault).map_or_else(String::new, authentication::authority)
        ),
    };
    refusal(401, "Unauthorized", &error.message, None).header("www-authenticate", &challenge)
}

fn refusal(status: u16, code: &str, message: &str, inner: Option<&str>) -> Reply {
    let mut error = json!({ "code": code, "message": message });
    if let Some(inner) = inner {
        error["innererror"] = json!({ "code": inner });
    }
    Reply::json(status, &json!({ "error": error }), format!("{code}: {message}"))
}

fn unknown_version(version: &str) -> String {
    format!(
        "The specified version ({version}) is not recognized. Consider using the latest supported version ({}).",
        API_VERSIONS.last().unwrap_or(&"")
    )
}

fn not_found(name: &str) -> String {
    format!(
        "A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret you may \
         be able to recover it using the correct recovery command. For help resolving this issue, please see \
         https://go.microsoft.com/fwlink/?linkid=2125182"
    )
}

fn no_permission(vault: &Vault, caller: &Caller) -> String {
    format!(
        "The user, group or application 'appid={};oid={};iss={}' does not have secrets get permission on key vault \
         '{};location={}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
        caller.appid, caller.oid, caller.issuer, vault.name, vault.location
    )
}

const DOMAIN: &str = ".vault.azure.net";
/// The address of the first vault by any name, to which the server sends requests. It is no valid name of a vault.
const FIRST_VAULT: &str = "https://-.vault.azure.net";
const FIRST_VAULT_HOST: &str = "-.vault.azure.net";
const API_VERSIONS: &[&str] = &["7.4", "7.5", "7.6", "2025-07-01"];
/// When every secret was created: 2026-01-01T00:00:00Z, in seconds since the Unix epoch.
const CREATED: u64 = 1_767_225_600;
