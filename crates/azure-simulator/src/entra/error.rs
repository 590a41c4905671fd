//! The refusals of Microsoft Entra ID, each with its AADSTS number, and the shape they arrive in.
//!
//! Numbers and words after "Microsoft Entra authentication & authorization error codes", the shape
//! after "OAuth 2.0 client credentials flow", section "Error response".

use serde_json::json;

use super::Visit;
use crate::reply::Reply;
use crate::timestamp;

mod user;

/// A refusal.
#[derive(Clone, Debug)]
pub struct EntraError {
    status: u16,
    error: &'static str,
    code: u32,
    message: String,
    suberror: Option<&'static str>,
    claims: Option<String>,
}

/// The constructors, by number.
impl EntraError {
    /// A scope with more than one resource.
    pub fn two_resources(scope: &str) -> EntraError {
        let why = "is not valid because it contains more than one resource";
        let message =
            format!("Provided value for the input parameter scope {why}. Scope {scope} is not valid.");
        EntraError::new("invalid_scope", 28000, message)
    }

    /// An assertion that is signed by somebody else than its issuer.
    pub fn wrong_signature() -> EntraError {
        let message = "Assertion failed signature validation. [Reason - Key was found, but use of the key to verify the \
                       signature failed.]";
        EntraError::new("invalid_client", 50013, message)
    }

    /// A user who is not in the tenant.
    pub fn user_not_in_tenant(username: &str, tenant: &str, client_id: &str) -> EntraError {
        let message = format!(
            "User account '{username}' from identity provider 'live.com' does not exist in tenant '{tenant}' and cannot \
             access the application '{client_id}' in that tenant. The account needs to be added as an external user in \
             the tenant first."
        );
        EntraError::new("invalid_grant", 50020, message)
    }

    /// An authority that discovery does not know.
    pub fn unknown_instance() -> EntraError {
        EntraError::new("invalid_instance", 50049, "Unknown or invalid instance.")
    }

    /// An assertion that is no JWT.
    pub fn malformed_jwt() -> EntraError {
        EntraError::new("invalid_request", 50027, "JWT token is invalid or malformed.")
    }

    /// A flow without a user, at an address that leaves the tenant to the user.
    pub fn no_tenant() -> EntraError {
        let message = "No tenant-identifying information found in either the request or implied by any provided \
                       credentials.";
        EntraError::new("invalid_request", 50059, message)
    }

    /// A policy that wants more than was presented; `claims` is what the caller must send back.
    pub fn interaction_required(resource: &str, claims: &str) -> EntraError {
        let message = format!(
            "Due to a configuration change made by your administrator, or because you moved to a new location, you must \
             use multi-factor authentication to access '{resource}'."
        );
        let error = EntraError::new("interaction_required", 50076, message);
        EntraError { suberror: Some("basic_action"), claims: Some(claims.into()), ..error }
    }

    /// A refresh token that was revoked.
    pub fn grant_revoked() -> EntraError {
        let message = "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user \
                       might have changed or reset their password.";
        EntraError::new("invalid_grant", 50173, message).with_suberror("bad_token")
    }

    /// A client of one tenant at an address for all.
    pub fn single_tenant_application(client_id: &str) -> EntraError {
        let message = format!(
            "Application '{client_id}' is not configured as a multi-tenant application. Usage of the /common endpoint is \
             not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the \
             application to be multi-tenant."
        );
        EntraError::new("invalid_request", 50194, message)
    }

    /// A refresh token or assertion that never was.
    pub fn invalid_grant() -> EntraError {
        let message =
            "The provided value for the input parameter 'refresh_token' or 'assertion' is not valid.";
        EntraError::new("invalid_grant", 70000, message)
    }

    /// A grant type that does not exist.
    pub fn unsupported_grant(grant_type: &str) -> EntraError {
        let message = format!("The app requested an unsupported grant type '{grant_type}'.");
        EntraError::new("unsupported_grant_type", 70003, message)
    }

    /// A scope that is none.
    pub fn invalid_scope(scope: &str) -> EntraError {
        let message = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter \
             'scope' is not valid. The scope {scope} is not valid."
        );
        EntraError::new("invalid_scope", 70011, message)
    }

    /// A tenant that does not exist in this cloud.
    pub fn tenant_not_found(tenant: &str) -> EntraError {
        let message = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the \
             correct cloud. Check with your subscription administrator, this may happen if there are no active \
             subscriptions for the tenant."
        );
        EntraError::new("invalid_request", 90002, message)
    }

    /// A resource that does not exist in the tenant.
    pub fn resource_not_found(resource: &str, tenant: &str) -> EntraError {
        let message = format!(
            "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You might have sent your authentication request to the wrong tenant."
        );
        EntraError::new("invalid_resource", 500_011, message)
    }

    /// A grant of another client.
    pub fn grant_of_other_client() -> EntraError {
        let message = "The grant was issued for a different client id.";
        EntraError::new("invalid_grant", 700_007, message).with_suberror("client_mismatch")
    }

    /// A client that the tenant does not know.
    pub fn client_not_found(client_id: &str, tenant: &str) -> EntraError {
        let message = format!(
            "Application with identifier '{client_id}' was not found in the directory '{tenant}'. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You may have sent your authentication request to the wrong tenant."
        );
        EntraError::new("unauthorized_client", 700_016, message)
    }

    /// An assertion too early or too late.
    pub fn assertion_out_of_time(now: u64, from: u64, until: u64) -> EntraError {
        let [now, from, until] = [now, from, until].map(timestamp::entra);
        let message = format!(
            "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {from}, \
             expiry time of assertion {until}. Review the documentation at \
             https://learn.microsoft.com/entra/identity-platform/certificate-credentials."
        );
        EntraError::new("invalid_client", 700_024, message)
    }

    /// A public client with a credential.
    pub fn public_client() -> EntraError {
        let message =
            "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
        EntraError::new("invalid_client", 700_025, message)
    }

    /// An assertion that no federated credential describes: `what` of it, e.g. its subject, is another.
    pub fn no_federated_credential(code: u32, what: &str, presented: &str, but: &str) -> EntraError {
        let message = format!(
            "No matching federated identity record found for presented assertion {what} '{presented}'.{but} Check your \
             federated identity credential Subject, Audience and Issuer against the presented assertion. \
             https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
        );
        EntraError::new("invalid_client", code, message)
    }

    /// A refresh token that was not used for too long.
    pub fn refresh_token_expired() -> EntraError {
        let message = "The refresh token has expired due to inactivity. The token was issued on 2026-01-01T00:00:00.0000000Z \
                       and was inactive for 90.00:00:00.";
        EntraError::new("invalid_grant", 700_082, message).with_suberror("bad_token")
    }

    /// A tenant that can be none.
    pub fn malformed_tenant(tenant: &str) -> EntraError {
        let why = "is neither a valid DNS name, nor a valid external domain";
        EntraError::new("invalid_request", 900_023, format!("Specified tenant identifier '{tenant}' {why}."))
    }

    /// A parameter that is not there.
    pub fn missing_parameter(name: &str) -> EntraError {
        let message = format!("The request body must contain the following parameter: '{name}'.");
        EntraError::new("invalid_request", 900_144, message)
    }

    /// A request that is no POST.
    pub fn wrong_method(method: &str) -> EntraError {
        let message =
            format!("The endpoint only accepts POST, OPTIONS requests. Received a {method} request.");
        EntraError::new("invalid_request", 900_561, message)
    }

    /// A scope that the client credentials flow does not know.
    pub fn scope_without_default(scope: &str) -> EntraError {
        let message = format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with \
             /.default suffixed to the resource identifier (application ID URI)."
        );
        EntraError::new("invalid_scope", 1_002_012, message)
    }

    /// A secret that is wrong.
    pub fn wrong_secret(client_id: &str) -> EntraError {
        let message = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, \
             not the client secret ID, for a secret added to app '{client_id}'."
        );
        EntraError::new("invalid_client", 7_000_215, message)
    }

    /// A client credentials flow without a credential.
    pub fn no_credential() -> EntraError {
        let message = "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.";
        EntraError::new("invalid_client", 7_000_216, message)
    }

    /// Another flow of a confidential client, without a credential.
    pub fn missing_secret() -> EntraError {
        let message =
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        EntraError::new("invalid_client", 7_000_218, message)
    }

    /// A secret that was right once.
    pub fn expired_secret(client_id: &str) -> EntraError {
        let message = format!(
            "The provided client secret keys for app '{client_id}' are expired. Visit the Azure portal to create new \
             keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added \
             security: https://aka.ms/certCreds."
        );
        EntraError::new("invalid_client", 7_000_222, message)
    }

    /// A parameter that came twice.
    pub fn duplicate_parameter(name: &str) -> EntraError {
        let message = format!("The request is not properly formatted. The parameter '{name}' is duplicated.");
        EntraError::new("invalid_request", 9_000_411, message)
    }

    /// A value that cannot be read, e.g. claims that are no JSON.
    pub fn malformed_request() -> EntraError {
        EntraError::new("invalid_request", 9_002_313, "Invalid request. Request is malformed or invalid.")
    }
}

impl EntraError {
    /// Any refusal; a wrong or missing credential is 401, everything else 400 (RFC 6749, section 5.2).
    pub fn new(error: &'static str, code: u32, message: impl Into<String>) -> EntraError {
        let status = if error == "invalid_client" { 401 } else { 400 };
        EntraError { status, error, code, message: message.into(), suberror: None, claims: None }
    }

    /// The same with what MSAL decides by.
    pub fn with_suberror(self, suberror: &'static str) -> EntraError {
        EntraError { suberror: Some(suberror), ..self }
    }

    /// The same under another name; discovery calls some refusals otherwise.
    pub fn called(self, error: &'static str) -> EntraError {
        EntraError { error, ..self }
    }

    /// The refusal as it goes back.
    pub fn reply(&self, visit: &Visit) -> Reply {
        let (trace_id, correlation_id) = (visit.state.new_id(), self.correlation_id(visit));
        let (code, timestamp) = (self.code, timestamp::entra(visit.call.at));
        let ids = format!("Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}");
        let mut body = json!({
            "error": self.error,
            "error_description": format!("AADSTS{code}: {} {ids}", self.message),
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": format!("https://{}/error?code={code}", visit.cloud.login_host()),
        });
        for (name, value) in [("suberror", self.suberror), ("claims", self.claims.as_deref())] {
            if let Some(value) = value {
                body[name] = value.into();
            }
        }
        let note = format!("{} AADSTS{code}: {}", self.error, self.message);
        Reply::json(self.status, &body, note).header("x-ms-request-id", &trace_id)
    }

    /// The caller's own id, if it sent one.
    fn correlation_id(&self, visit: &Visit) -> String {
        let sent = visit.call.header("client-request-id");
        sent.map_or_else(|| visit.state.new_id(), str::to_owned)
    }
}
