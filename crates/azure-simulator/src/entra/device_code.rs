//! A user signs in on another device ("OAuth 2.0 device authorization grant flow"; RFC 8628).

use serde_json::json;

use super::error::EntraError;
use super::form::Form;
use super::refresh_token::tenant_for;
use super::sign_ins::Device;
use super::success::Granted;
use super::tenant;
use super::token_endpoint::{Grant, TokenRequest};
use super::{Visit, application, client_authentication, scope};
use crate::reply::Reply;
use crate::settings::UserDoes;

/// `POST /{tenant}/oauth2/v2.0/devicecode`.
pub fn answer(visit: &Visit) -> Reply {
    begin(visit).unwrap_or_else(|error| error.reply(visit))
}

fn begin(visit: &Visit) -> Result<Reply, EntraError> {
    let form = Form::read(visit.call)?;
    let tenant = tenant::addressed(visit)?;
    let client = application::find(&visit.state.settings, tenant, form.required("client_id")?)?;
    client_authentication::check(visit, &form, &client)?;
    let scope = scope::of_user(form.required("scope")?)?;
    let (state, script) = (visit.state, &visit.state.settings.device_code);
    let device_code = format!("DAQABAAEAAAD~{}", state.new_id());
    state.remember("device code", &device_code);
    let ends_on = state.now() + script.expires_in;
    let client_id = client.client_id;
    let device = Device { device_code: device_code.clone(), client_id, scope, polls: 0, ends_on };
    state.sign_ins.wait_for(device);
    let uri = "https://microsoft.com/devicelogin";
    let message = format!(
        "To sign in, use a web browser to open the page {uri} and enter the code {USER_CODE} to authenticate."
    );
    let document = json!({
        "user_code": USER_CODE,
        "device_code": device_code,
        "verification_uri": uri,
        "expires_in": script.expires_in,
        "interval": script.interval,
        "message": message,
    });
    Ok(Reply::json(200, &document, "device code"))
}

/// The grant of devices.
pub struct DeviceCode;

impl Grant for DeviceCode {
    fn grant_type(&self) -> &'static str {
        "urn:ietf:params:oauth:grant-type:device_code"
    }

    fn redeem<'a>(&self, request: &TokenRequest<'a>) -> Result<Granted<'a>, EntraError> {
        let state = request.state();
        let device = state.sign_ins.poll(request.form.required("device_code")?);
        let device = device.ok_or_else(EntraError::bad_verification_code)?;
        if !device.client_id.eq_ignore_ascii_case(&request.application.client_id) {
            return Err(EntraError::grant_of_other_client());
        }
        let script = &state.settings.device_code;
        if device.ends_on <= state.now() {
            return Err(EntraError::device_code_expired());
        }
        if device.polls < script.slow_down {
            return Err(EntraError::slow_down());
        }
        if device.polls < script.slow_down + script.pending {
            return Err(EntraError::authorization_pending());
        }
        match script.then {
            UserDoes::Approve => {}
            UserDoes::Decline => return Err(EntraError::authorization_declined()),
            UserDoes::Nothing => return Err(EntraError::authorization_pending()),
        }
        let user = state.settings.users.first().ok_or_else(EntraError::invalid_grant)?;
        // RFC 8628, section 3.4, has no scope; Microsoft Entra takes one, as JavaScript's library sends it.
        let scope = request.form.get("scope").map_or(Ok(device.scope), scope::of_user)?;
        let tenant = tenant_for(request, user)?;
        let resource = request.resource(tenant, &scope.resource)?;
        Ok(Granted { tenant, scope, resource, user: Some(user), family: false })
    }
}

const USER_CODE: &str = "ABCD2EFGH";
