//! The resource owner password credentials grant ("OAuth 2.0 Resource Owner Password Credentials").

use super::error::EntraError;
use super::grant::{Grant, Granted, TokenRequest};
use super::scope;

/// `password`.
pub struct PasswordGrant;

impl Grant for PasswordGrant {
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
        let tenant = request.tenant_of(user)?;
        let resource = request.resource(tenant, &scope.resource)?;
        Ok(Granted { tenant, scope, resource, user: Some(user), family: false })
    }
}
