//! The errors of the flows with a user.

use super::error::EntraError;

/// The errors of the flows with a user, by AADSTS code.
impl EntraError {
    /// The assertion is not a token that Microsoft Entra issued about a user.
    pub fn invalid_assertion() -> EntraError {
        let message = "Assertion failed signature validation.";
        EntraError::new("invalid_grant", 50013, message)
    }

    /// The redirect URI is not registered.
    pub fn redirect_uri_not_registered(redirect_uri: &str, client_id: &str) -> EntraError {
        let message = format!(
            "The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs configured for \
             the application '{client_id}'. Make sure the redirect URI sent in the request matches one added to your \
             application in the Azure portal."
        );
        EntraError::new("invalid_request", 50011, message)
    }

    /// The username or the password is wrong; the error does not say which.
    pub fn wrong_password() -> EntraError {
        let message = "Error validating credentials due to invalid username or password.";
        EntraError::new("invalid_grant", 50126, message)
    }

    /// The authorization code was redeemed before.
    pub fn code_redeemed() -> EntraError {
        let message = "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.";
        EntraError::new("invalid_grant", 54005, message)
    }

    /// The user declined.
    pub fn authorization_declined() -> EntraError {
        let message = "User declined to consent to access the app.";
        EntraError::new("authorization_declined", 65004, message)
    }

    /// The authorization code has expired.
    pub fn code_expired() -> EntraError {
        let message = "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.";
        EntraError::new("invalid_grant", 70008, message)
    }

    /// The user of the device has not signed in yet.
    pub fn authorization_pending() -> EntraError {
        let message = "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
        EntraError::new("authorization_pending", 70016, message)
    }

    /// The device polls too often.
    pub fn slow_down() -> EntraError {
        let message = "OAuth 2.0 device flow error. Slow down.";
        EntraError::new("slow_down", 70016, message)
    }

    /// The device code was never issued.
    pub fn bad_verification_code() -> EntraError {
        let message = "Invalid verification code due to User typing in wrong user code for device code flow.";
        EntraError::new("bad_verification_code", 70018, message)
    }

    /// The device code has expired.
    pub fn device_code_expired() -> EntraError {
        let message = "The provided value for the input parameter 'device_code' is not valid. This device code has expired.";
        EntraError::new("expired_token", 70020, message)
    }

    /// The redirect URI differs from that of the authorization request.
    pub fn other_redirect_uri(one: &str, other: &str) -> EntraError {
        let message = format!(
            "The reply address '{one}' does not match the reply address '{other}' provided when requesting Authorization \
             code."
        );
        EntraError::new("invalid_grant", 500_112, message)
    }

    /// The assertion is a token for another application.
    pub fn assertion_for_other(audience: &str, client_id: &str) -> EntraError {
        let message = format!(
            "Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was \
             '{audience}' and the expected audience is 'api://{client_id}' or one of the Application Uris of this \
             application."
        );
        EntraError::new("invalid_grant", 500_131, message)
    }

    /// The assertion has expired.
    pub fn assertion_expired() -> EntraError {
        let message = "Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion, or request a new token.";
        EntraError::new("invalid_grant", 500_133, message)
    }

    /// The PKCE verifier does not match the challenge.
    pub fn wrong_verifier() -> EntraError {
        let message =
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
        EntraError::new("invalid_grant", 501_481, message)
    }
}
