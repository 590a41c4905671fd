//! What a request to the loopback port means: the redirect of this sign-in, or anything else.

use crate::listener::Refusal;

/// What the redirect brings.
pub struct Redirect {
    /// The authorization code. **Secret** until it is redeemed.
    pub code: String,
    /// The state, which is the sign-in's.
    pub state: String,
}

/// Reads the target of a request, `/?code=…&state=…`. The inner error is the user's, or Microsoft Entra's:
/// there will be no code. The outer one is that of a request that is not this sign-in's redirect, so that
/// nobody else can end it.
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
    let state = one("state").filter(|brought| brought == state).ok_or(Refusal::OtherSignIn)?;
    if let Some(error) = one("error") {
        return Ok(Err(explain(&error, &one("error_description").unwrap_or_default())));
    }
    let code = one("code").ok_or(Refusal::OtherSignIn)?;
    Ok(Ok(Redirect { code, state }))
}

/// RFC 6749, section 4.1.2.1. The words are from the network, and go to a terminal.
fn explain(error: &str, description: &str) -> String {
    let clean = |text: &str| -> String { text.chars().filter(|c| !c.is_control()).take(300).collect() };
    let (error, description) = (clean(error), clean(description));
    match error.as_str() {
        "access_denied" => "you declined, or may not sign in to this app (access_denied)".to_owned(),
        "login_required" | "interaction_required" | "consent_required" => {
            format!("Microsoft Entra needs more than this sign-in gave ({error}): {description}")
        }
        _ => format!("Microsoft Entra answered {error}: {description}"),
    }
}
