//! Parses requests to the loopback port: the redirect of this sign-in, or another request.

use crate::listener::Refusal;

/// The parameters of the redirect.
pub struct Redirect {
    /// The authorization code. **Secret** until it is redeemed.
    pub code: String,
    /// The state of the sign-in.
    pub state: String,
}

/// Parses the target of a request, `/?code=…&state=…`. The inner error ends the sign-in: the user declined, or Microsoft
/// Entra failed. The outer error is a request that is not the redirect of this sign-in; it does not end the sign-in, so that
/// other programs cannot end it.
pub fn read(target: &str, state: &str) -> Result<Result<Redirect, String>, Refusal> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != "/" {
        return Err(Refusal::NotFound);
    }
    let parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let one = |name: &str| {
        let mut values =
            parameters.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone().into_owned());
        let first = values.next().filter(|value| !value.is_empty());
        first.filter(|_| values.next().is_none())
    };
    let state = one("state").filter(|returned| returned == state).ok_or(Refusal::OtherSignIn)?;
    if let Some(error) = one("error") {
        return Ok(Err(explain(&error, &one("error_description").unwrap_or_default())));
    }
    let code = one("code").ok_or(Refusal::OtherSignIn)?;
    Ok(Ok(Redirect { code, state }))
}

/// Explains an error of RFC 6749, section 4.1.2.1. Control characters are removed, because the text is printed on a
/// terminal.
fn explain(error: &str, description: &str) -> String {
    let clean = |text: &str| -> String { text.chars().filter(|c| !c.is_control()).take(300).collect() };
    let (error, description) = (clean(error), clean(description));
    match error.as_str() {
        "access_denied" => "you declined, or may not sign in to this app (access_denied)".to_owned(),
        "login_required" | "interaction_required" | "consent_required" => {
            format!("Microsoft Entra requires another sign-in ({error}): {description}")
        }
        _ => format!("Microsoft Entra responded with {error}: {description}"),
    }
}
