//! The errors of Microsoft Entra ID, each with its AADSTS code, after "Microsoft Entra authentication & authorization error
//! codes".

use crate::timestamp;

/// An error response.
#[derive(Clone, Debug)]
pub struct EntraError {
    /// The HTTP status.
    pub status: u16,
    /// The OAuth error code, e.g. `invalid_client`.
    pub error: &'static str,
    /// The AADSTS code.
    pub code: u32,
    /// The message behind the AADSTS code.
    pub message: String,
    /// The member `suberror`.
    pub suberror: Option<&'static str>,
    /// The member `claims`: what the client must request in its next attempt, JSON.
    pub claims: Option<String>,
}

/// The errors, by AADSTS code.
impl EntraError {
    /// The scope has more than one resource.
    pub fn two_resources(scope: &str) -> EntraError {
        let why = "is not valid because it contains more than one resource";
        let message =
            format!("Provided value for the input parameter scope {why}. Scope {scope} is not valid.");
        EntraError::new("invalid_scope", 28000, message)
    }

    /// An assertion is not signed with its issuer's key.
    pub fn wrong_signature() -> EntraError {
        let message = "Assertion failed signature validation. [Reason - Key was found, but use of the key to verify the \
                       signature failed.]";
        EntraError::new("invalid_client", 50013, message)
    }

    /// The user is not in the tenant.
    pub fn user_not_in_tenant(username: &str, tenant: &str, client_id: &str) -> EntraError {
        let message = format!(
            "User account '{username}' from identity provider 'live.com' does not exist in tenant '{tenant}' and cannot \
             access the application '{client_id}' in that tenant. The account needs to be added as an external user in \
             the tenant first."
        );
        EntraError::new("invalid_grant", 50020, message)
    }

    /// Instance discovery does not list the authority.
    pub fn unknown_instance() -> EntraError {
        EntraError::new("invalid_instance", 50049, "Unknown or invalid instance.")
    }

    /// An assertion is not a JWT.
    pub fn malformed_jwt() -> EntraError {
        EntraError::new("invalid_request", 50027, "JWT token is invalid or malformed.")
    }

    /// A flow without a user, at an endpoint that takes the tenant from the user.
    pub fn no_tenant() -> EntraError {
        let message = "No tenant-identifying information found in either the request or implied by any provided \
                       credentials.";
        EntraError::new("invalid_request", 50059, message)
    }

    /// A Conditional Access policy requires more; `claims` is what the client must request.
    pub fn interaction_required(resource: &str, claims: &str) -> EntraError {
        let message = format!(
            "Due to a configuration change made by your administrator, or because you moved to a new location, you must \
             use multi-factor authentication to access '{resource}'."
        );
        let error = EntraError::new("interaction_required", 50076, message);
        EntraError { suberror: Some("basic_action"), claims: Some(claims.into()), ..error }
    }

    /// The refresh token was revoked.
    pub fn grant_revoked() -> EntraError {
        let message = "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user \
                       might have changed or reset their password.";
        EntraError::new("invalid_grant", 50173, message).with_suberror("bad_token")
    }

    /// A single-tenant application at an endpoint for every tenant.
    pub fn single_tenant_application(client_id: &str) -> EntraError {
        let message = format!(
            "Application '{client_id}' is not configured as a multi-tenant application. Usage of the /common endpoint is \
             not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the \
             application to be multi-tenant."
        );
        EntraError::new("invalid_request", 50194, message)
    }

    /// The refresh token or code was never issued.
    pub fn invalid_grant() -> EntraError {
        let message =
            "The provided value for the input parameter 'refresh_token' or 'assertion' is not valid.";
        EntraError::new("invalid_grant", 70000, message)
    }

    /// The grant type is not supported.
    pub fn unsupported_grant(grant_type: &str) -> EntraError {
        let message = format!("The app requested an unsupported grant type '{grant_type}'.");
        EntraError::new("unsupported_grant_type", 70003, message)
    }

    /// The scope is malformed.
    pub fn invalid_scope(scope: &str) -> EntraError {
        let message = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter \
             'scope' is not valid. The scope {scope} is not valid."
        );
        EntraError::new("invalid_scope", 70011, message)
    }

    /// The tenant does not exist in this cloud.
    pub fn tenant_not_found(tenant: &str) -> EntraError {
        let message = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the \
             correct cloud. Check with your subscription administrator, this may happen if there are no active \
             subscriptions for the tenant."
        );
        EntraError::new("invalid_request", 90002, message)
    }

    /// The resource does not exist in the tenant.
    pub fn resource_not_found(resource: &str, tenant: &str) -> EntraError {
        let message = format!(
            "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You might have sent your authentication request to the wrong tenant."
        );
        EntraError::new("invalid_resource", 500_011, message)
    }

    /// The grant was issued to another client.
    pub fn grant_of_other_client() -> EntraError {
        let message = "The grant was issued for a different client id.";
        EntraError::new("invalid_grant", 700_007, message).with_suberror("client_mismatch")
    }

    /// The client has no service principal in the tenant.
    pub fn client_not_found(client_id: &str, tenant: &str) -> EntraError {
        let message = format!(
            "Application with identifier '{client_id}' was not found in the directory '{tenant}'. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You may have sent your authentication request to the wrong tenant."
        );
        EntraError::new("unauthorized_client", 700_016, message)
    }

    /// The client assertion is not valid yet or not valid any more; times in seconds since the Unix epoch.
    pub fn assertion_not_in_time_range(now: u64, from: u64, until: u64) -> EntraError {
        let [now, from, until] = [now, from, until].map(timestamp::entra);
        let message = format!(
            "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {from}, \
             expiry time of assertion {until}. Review the documentation at \
             https://learn.microsoft.com/entra/identity-platform/certificate-credentials."
        );
        EntraError::new("invalid_client", 700_024, message)
    }

    /// A public client sent a credential.
    pub fn public_client() -> EntraError {
        let message =
            "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
        EntraError::new("invalid_client", 700_025, message)
    }

    /// No federated credential matches the assertion; `what` is the claim that differs.
    pub fn no_federated_credential(code: u32, what: &str, presented: &str, hint: &str) -> EntraError {
        let message = format!(
            "No matching federated identity record found for presented assertion {what} '{presented}'.{hint} Check your \
             federated identity credential Subject, Audience and Issuer against the presented assertion. \
             https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
        );
        EntraError::new("invalid_client", code, message)
    }

    /// The refresh token was inactive for too long.
    pub fn refresh_token_expired() -> EntraError {
        let message = "The refresh token has expired due to inactivity. The token was issued on 2026-01-01T00:00:00.0000000Z \
                       and was inactive for 90.00:00:00.";
        EntraError::new("invalid_grant", 700_082, message).with_suberror("bad_token")
    }

    /// The tenant identifier is malformed.
    pub fn malformed_tenant(tenant: &str) -> EntraError {
        let why = "is neither a valid DNS name, nor a valid external domain";
        EntraError::new("invalid_request", 900_023, format!("Specified tenant identifier '{tenant}' {why}."))
    }

    /// A required parameter is missing.
    pub fn missing_parameter(name: &str) -> EntraError {
        let message = format!("The request body must contain the following parameter: '{name}'.");
        EntraError::new("invalid_request", 900_144, message)
    }

    /// The request is not a POST.
    pub fn wrong_method(method: &str) -> EntraError {
        let message =
            format!("The endpoint only accepts POST, OPTIONS requests. Received a {method} request.");
        EntraError::new("invalid_request", 900_561, message)
    }

    /// The scope of a client credentials flow does not end in `/.default`.
    pub fn scope_without_default(scope: &str) -> EntraError {
        let message = format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with \
             /.default suffixed to the resource identifier (application ID URI)."
        );
        EntraError::new("invalid_scope", 1_002_012, message)
    }

    /// The client secret is wrong.
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

    /// Another flow of a confidential client without a credential.
    pub fn missing_secret() -> EntraError {
        let message =
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        EntraError::new("invalid_client", 7_000_218, message)
    }

    /// The client secret has expired.
    pub fn expired_secret(client_id: &str) -> EntraError {
        let message = format!(
            "The provided client secret keys for app '{client_id}' are expired. Visit the Azure portal to create new \
             keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added \
             security: https://aka.ms/certCreds."
        );
        EntraError::new("invalid_client", 7_000_222, message)
    }

    /// A parameter occurs twice.
    pub fn duplicate_parameter(name: &str) -> EntraError {
        let message = format!("The request is not properly formatted. The parameter '{name}' is duplicated.");
        EntraError::new("invalid_request", 9_000_411, message)
    }

    /// A value cannot be parsed, e.g. claims that are not JSON.
    pub fn malformed_request() -> EntraError {
        EntraError::new("invalid_request", 9_002_313, "Invalid request. Request is malformed or invalid.")
    }
}

impl EntraError {
    /// Any error; the status of `invalid_client` is 401, that of every other error 400 (RFC 6749, section 5.2).
    pub fn new(error: &'static str, code: u32, message: impl Into<String>) -> EntraError {
        let status = if error == "invalid_client" { 401 } else { 400 };
        EntraError { status, error, code, message: message.into(), suberror: None, claims: None }
    }

    /// The same with a `suberror`, by which MSAL decides what to do.
    pub fn with_suberror(self, suberror: &'static str) -> EntraError {
        EntraError { suberror: Some(suberror), ..self }
    }

    /// The same with another OAuth error code: discovery has other codes for some errors.
    pub fn with_error(self, error: &'static str) -> EntraError {
        EntraError { error, ..self }
    }
}
