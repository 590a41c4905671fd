//! The device authorization grant ("OAuth 2.0 device authorization grant flow"; RFC 8628).

use serde_json::json;

use super::endpoint_request::EndpointRequest;
use super::error::EntraError;
use super::form::Form;
use super::grant::{Grant, Granted, TokenRequest};
use super::sessions::DeviceCode;
use super::{application, client_authentication, scope, tenant};
use crate::reply::Reply;
use crate::settings::UserDecision;

/// Handles `POST /{tenant}/oauth2/v2.0/devicecode`.
pub fn reply(request: &EndpointRequest) -> Reply {
    authorize_device(request).unwrap_or_else(|error| request.error_reply(&error))
}

fn authorize_device(request: &EndpointRequest) -> Result<Reply, EntraError> {
    let form = Form::parse(request.http)?;
    let tenant = tenant::in_path(request)?;
    let (state, settings) = (request.state, &request.state.settings);
    let client = application::find(settings, tenant, form.required("client_id")?)?;
    client_authentication::authenticate(request, &form, &client)?;
    let scope = scope::of_user(form.required("scope")?)?;
    let device_code = format!("DAQABAAEAAAD~{}", state.new_id());
    state.add_secret("device code", &device_code);
    request.sessions.add_device(DeviceCode {
        device_code: device_code.clone(),
        client_id: client.client_id,
        scope,
        polls: 0,
        expires_on: state.now() + settings.device_code.expires_in,
    });
    let message = format!(
        "To sign in, use a web browser to open the page {VERIFICATION_URI} and enter the code {USER_CODE} to \
         authenticate."
    );
    let document = json!({
        "user_code": USER_CODE,
        "device_code": device_code,
        "verification_uri": VERIFICATION_URI,
        "expires_in": settings.device_code.expires_in,
        "interval": settings.device_code.interval,
        "message": message,
    });
    Ok(Reply::json(200, &document, "device code"))
}

/// `urn:ietf:params:oauth:grant-type:device_code`.
pub struct DeviceCodeGrant;

impl Grant for DeviceCodeGrant {
    fn grant_type(&self) -> &'static str {
        "urn:ietf:params:oauth:grant-type:device_code"
    }

    fn redeem<'a>(&self, request: &TokenRequest<'a>) -> Result<Granted<'a>, EntraError> {
        let state = request.state();
        let device = request.endpoint.sessions.poll(request.form.required("device_code")?);
        let device = device.ok_or_else(EntraError::bad_verification_code)?;
        check(request, &device)?;
        let user = state.settings.users.first().ok_or_else(EntraError::invalid_grant)?;
        // RFC 8628, section 3.4, has no scope; Microsoft Entra accepts one, and the library for JavaScript sends it.
        let scope = request.form.get("scope").map_or(Ok(device.scope), scope::of_user)?;
        let tenant = request.tenant_of(user)?;
        let resource = request.resource(tenant, &scope.resource)?;
        Ok(Granted { tenant, scope, resource, user: Some(user), family: false })
    }
}

fn check(request: &TokenRequest, device: &DeviceCode) -> Result<(), EntraError> {
    if !device.client_id.eq_ignore_ascii_case(&request.application.client_id) {
        return Err(EntraError::grant_of_other_client());
    }
    let state = request.state();
    if device.expires_on <= state.now() {
        return Err(EntraError::device_code_expired());
    }
    let script = &state.settings.device_code;
    if device.polls < script.slow_down {
        return Err(EntraError::slow_down());
    }
    if device.polls < script.slow_down + script.pending {
        return Err(EntraError::authorization_pending());
    }
    match script.then {
        UserDecision::Approve => Ok(()),
        UserDecision::Decline => Err(EntraError::authorization_declined()),
        UserDecision::Nothing => Err(EntraError::authorization_pending()),
    }
}

const USER_CODE: &str = "ABCD2EFGH";
const VERIFICATION_URI: &str = "https://microsoft.com/devicelogin";
