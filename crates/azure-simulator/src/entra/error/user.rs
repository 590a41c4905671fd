//! The refusals of the flows with a user.

use super::EntraError;

/// The refusals of the flows with a user, by number.
impl EntraError {
    /// An assertion that Microsoft Entra did not sign, or not for a user.
    pub fn invalid_assertion() -> EntraError {
        let message = "Assertion failed signature validation.";
        EntraError::new("invalid_grant", 50013, message)
    }

    /// A redirect URI that is not registered with the application.
    pub fn redirect_uri_not_registered(redirect_uri: &str, client_id: &str) -> EntraError {
        let message = format!(
            "The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs configured for \
             the application '{client_id}'. Make sure the redirect URI sent in the request matches one added to your \
             application in the Azure portal."
        );
        EntraError::new("invalid_request", 50011, message)
    }

    /// A wrong name or password; which of the two is not told.
    pub fn wrong_password() -> EntraError {
        let message = "Error validating credentials due to invalid username or password.";
        EntraError::new("invalid_grant", 50126, message)
    }

    /// A code that was redeemed before.
    pub fn code_redeemed() -> EntraError {
        let message = "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.";
        EntraError::new("invalid_grant", 54005, message)
    }

    /// A user who said no.
    pub fn authorization_declined() -> EntraError {
        let message = "User declined to consent to access the app.";
        EntraError::new("authorization_declined", 65004, message)
    }

    /// A code that is too old.
    pub fn code_expired() -> EntraError {
        let message = "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.";
        EntraError::new("invalid_grant", 70008, message)
    }

    /// A device whose user is not done.
    pub fn authorization_pending() -> EntraError {
        let message = "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
        EntraError::new("authorization_pending", 70016, message)
    }

    /// A device that asks too often.
    pub fn slow_down() -> EntraError {
        let message = "OAuth 2.0 device flow error. Slow down.";
        EntraError::new("slow_down", 70016, message)
    }

    /// A device code that never was.
    pub fn bad_verification_code() -> EntraError {
        let message = "Invalid verification code due to User typing in wrong user code for device code flow.";
        EntraError::new("bad_verification_code", 70018, message)
    }

    /// A device code that is too old.
    pub fn device_code_expired() -> EntraError {
        let message = "The provided value for the input parameter 'device_code' is not valid. This device code has expired.";
        EntraError::new("expired_token", 70020, message)
    }

    /// A code that was brought elsewhere.
    pub fn other_redirect_uri(one: &str, other: &str) -> EntraError {
        let message = format!(
            "The reply address '{one}' does not match the reply address '{other}' provided when requesting Authorization \
             code."
        );
        EntraError::new("invalid_grant", 500_112, message)
    }

    /// An assertion for somebody else.
    pub fn assertion_for_other(audience: &str, client_id: &str) -> EntraError {
        let message = format!(
            "Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was \
             '{audience}' and the expected audience is 'api://{client_id}' or one of the Application Uris of this \
             application."
        );
        EntraError::new("invalid_grant", 500_131, message)
    }

    /// An assertion that is too old.
    pub fn assertion_expired() -> EntraError {
        let message = "Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion, or request a new token.";
        EntraError::new("invalid_grant", 500_133, message)
    }

    /// A code in the hands of somebody who did not ask for it (PKCE).
    pub fn wrong_verifier() -> EntraError {
        let message =
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
        EntraError::new("invalid_grant", 501_481, message)
    }
}
