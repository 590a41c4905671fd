//! A user's name and password ("OAuth 2.0 Resource Owner Password Credentials").

use super::error::EntraError;
use super::refresh_token::tenant_for;
use super::scope;
use super::success::Granted;
use super::token_endpoint::{Grant, TokenRequest};

/// The grant `password`.
pub struct Password;

impl Grant for Password {
    fn grant_type(&self) -> &'static str {
        "password"
    }

    fn redeem<'a>(&self, request: &TokenRequest<'a>) -> Result<Granted<'a>, EntraError> {
        let (username, password) = (request.form.required("username")?, request.form.required("password")?);
        let mut users = request.state().settings.users.iter();
        let user = users.find(|user| user.username.eq_ignore_ascii_case(username));
        let user = user.filter(|user| user.password.as_deref() == Some(password));
        let user = user.ok_or_else(EntraError::wrong_password)?;
        let scope = scope::of_user(request.form.get("scope").unwrap_or_default())?;
        let tenant = tenant_for(request, user)?;
        let resource = request.resource(tenant, &scope.resource)?;
        Ok(Granted { tenant, scope, resource, user: Some(user), family: false })
    }
}
