//! Finds the redirect of this sign-in among the requests to the loopback port.

use crate::listener::Refusal;

/// Whether the target of a request, `/?code=…&state=…`, is the redirect of the sign-in with this state. Another request
/// does not end the sign-in, so that other programs cannot end it.
pub fn check(target: &str, state: &str) -> Result<(), Refusal> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != "/" {
        return Err(Refusal::NotFound);
    }
    let parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let count = |name: &str| parameters.iter().filter(|(key, _)| key == name).count();
    let is_redirect = parameters.iter().any(|(key, value)| key == "state" && value == state)
        && count("state") == 1
        && count("code") + count("error") == 1;
    if is_redirect { Ok(()) } else { Err(Refusal::OtherSignIn) }
}
